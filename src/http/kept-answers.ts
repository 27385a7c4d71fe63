import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../access/caller.js';

/** An answer as it was sent. */
export interface KeptAnswer {
  readonly version: string;
  readonly contentType: string;
  readonly text: string;
}

/** A longer body is not compared with others: queries are short. */
const MAX_QUESTION_BYTES = 65_536;
/** What an answer takes beside its texts, about. */
const OVERHEAD_BYTES = 1000;

/** Answers in memory, each of one version: the last used ones. */
export class KeptAnswers {
  private readonly answers: LRUCache<string, KeptAnswer> | undefined;

  constructor(
    /** The most bytes it holds; 0 for none. */
    maxBytes: number,
  ) {
    if (maxBytes === 0) return;
    this.answers = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ text }, question) => OVERHEAD_BYTES + question.length + text.length,
    });
  }

  /** The answer that was last kept for a question, of whatever version. */
  get(question: string): KeptAnswer | undefined {
    return this.answers?.get(question);
  }

  set(question: string, answer: KeptAnswer): void {
    this.answers?.set(question, answer);
  }
}

/**
 * What an answer to POST hangs on beside its version: all of the request that GraphQL looks at, and
 * who may see what. Undefined for what is not compared. Bodies of other types than JSON are left
 * to Apollo, which refuses those that a page of another site could send.
 */
export function questionOf(
  { tenant, role }: Caller,
  { headers, body }: FastifyRequest,
): string | undefined {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) return undefined;
  if (!(Number(headers['content-length']) <= MAX_QUESTION_BYTES)) return undefined;
  return JSON.stringify([tenant, role, headers.accept, body]);
}
