import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../access/caller.js';
import type { CacheOptions } from '../../aggregates/series/series-cache.js';
import { takesGzip } from './compression.js';

/** An answer as it was sent. */
export interface KeptAnswer {
  readonly version: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer as it is sent for the first time. */
type AnswerSent = Omit<KeptAnswer, 'body'> & { readonly body: string | Buffer };

/** What of an answer's head belongs to its body; the rest is said of every answer. */
const KEPT_HEADERS = ['content-type', 'content-encoding', 'vary'];
/** A longer question is not kept: V8 tells longer texts apart by their lengths alone, then one by one. */
const MAX_QUESTION_LENGTH = 16_000;
/** What an answer takes beside its texts, about. */
const OVERHEAD_BYTES = 500;
/** Of all that is kept, what one answer may be: it is not to end those of everybody else. */
const LARGEST_SHARE = 1 / 80;

export interface KeptAnswersOptions extends CacheOptions {
  /** How many of the bytes others hold, who come first. */
  readonly taken: () => number;
}

/** Answers in memory, each of one version: the last used ones. */
export class KeptAnswers {
  private readonly answers: LRUCache<string, KeptAnswer> | undefined;

  constructor(private readonly options: KeptAnswersOptions) {
    const { maxBytes, maxAge } = options;
    if (maxBytes === 0) return;
    this.answers = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.ceil(maxBytes * LARGEST_SHARE),
      sizeCalculation: ({ body }, question) => OVERHEAD_BYTES + sizeOf(question) + body.length,
      ttl: maxAge,
    });
  }

  /** The answer that was last kept for a question, of whatever version. */
  get(question: string): KeptAnswer | undefined {
    return this.answers?.get(question);
  }

  set(question: string, answer: AnswerSent): void {
    const { body: sent, ...head } = answer;
    if (!this.answers || sent.length > this.answers.maxEntrySize) return;
    // Outside the heap of JavaScript, which is searched for garbage the more often the more it holds.
    const body = Buffer.allocUnsafeSlow(Buffer.byteLength(sent));
    if (typeof sent === 'string') body.write(sent);
    else sent.copy(body);
    this.answers.set(question, { ...head, body });
  }

  /** Leaves others the room that they have taken. */
  giveWay(): void {
    const { answers } = this;
    if (!answers) return;
    const room = this.options.maxBytes - this.options.taken();
    while (answers.calculatedSize > room && answers.size > 0) answers.pop();
  }
}

/** What is kept of an answer's head. */
export function keptHeaders(reply: FastifyReply): Record<string, string> {
  const headers = KEPT_HEADERS.map((name) => [name, reply.getHeader(name)] as const);
  return Object.fromEntries(
    headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/**
 * What an answer hangs on beside its version: the body that was sent, what form of answer is asked
 * for, and who may see what. Undefined for what is too long.
 */
export function questionOf(
  { tenant, role }: Pick<Caller, 'tenant' | 'role'>,
  headers: IncomingHttpHeaders,
  body: string,
): string | undefined {
  const form = JSON.stringify([role, tenant, headers.accept, takesGzip({ headers })]);
  const question = `${form}\n${body}`;
  return question.length > MAX_QUESTION_LENGTH ? undefined : question;
}

/** How many bytes of memory a text takes: one a character, unless one of them needs two. */
function sizeOf(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
