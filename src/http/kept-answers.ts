import { LRUCache } from 'lru-cache';
import type { Caller } from '../access/caller.js';
import type { CacheOptions } from '../aggregates/series-cache.js';

/** An answer as it was sent. */
export interface KeptAnswer {
  readonly version: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** A longer question is not kept: V8 tells longer texts apart by their lengths alone, then one by one. */
const MAX_QUESTION_LENGTH = 16_000;
/** What an answer takes beside its texts, about. */
const OVERHEAD_BYTES = 500;
/** Of all that is kept, what one answer may be: it is not to end those of everybody else. */
const LARGEST_SHARE = 1 / 32;

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

  /** @param text the answer's body */
  set(question: string, text: string, { version, contentType }: Omit<KeptAnswer, 'body'>): void {
    if (!this.answers || text.length > this.answers.maxEntrySize) return;
    // Outside the heap of JavaScript, which is searched for garbage the more often the more it holds.
    const body = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    body.write(text);
    this.answers.set(question, { version, contentType, body });
  }

  /** Leaves others the room that they have taken. */
  giveWay(): void {
    const { answers } = this;
    if (!answers) return;
    const room = this.options.maxBytes - this.options.taken();
    while (answers.calculatedSize > room && answers.size > 0) answers.pop();
  }
}

/**
 * What an answer hangs on beside its version: the body that was sent, what form of answer is asked
 * for, and who may see what. Undefined for what is too long.
 */
export function questionOf(
  { tenant, role }: Pick<Caller, 'tenant' | 'role'>,
  accept: string | undefined,
  body: string,
): string | undefined {
  const question = `${JSON.stringify([role, tenant, accept])}\n${body}`;
  return question.length > MAX_QUESTION_LENGTH ? undefined : question;
}

/** How many bytes of memory a text takes: one a character, unless one of them needs two. */
function sizeOf(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
