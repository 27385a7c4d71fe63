import { hash } from 'node:crypto';
import type { Caller } from '../access/caller.js';
import type { Generations } from '../aggregates/generations.js';

/** What versioned answers hang on beside the question: the present reading and who asks. */
export interface AnswerVersions {
  /** The version of an answer given now; undefined where none can be told. */
  current(caller: Caller, signal?: AbortSignal): Promise<string | undefined>;
}

export interface AnswerVersionsOptions {
  readonly generations: Pick<Generations, 'current'>;
  /** The schema as text: what it describes otherwise is another answer. */
  readonly schema: string;
}

/** Where no answer has a version. */
export const NO_VERSIONS: AnswerVersions = { current: async () => undefined };

/** The same on every instance that serves this schema from the same database. */
export function createAnswerVersions({
  generations,
  schema,
}: AnswerVersionsOptions): AnswerVersions {
  const schemaHash = hash('sha256', schema, 'base64url');
  return {
    async current({ tenant, role }, signal) {
      const reading = await generations.current(signal).catch(() => undefined);
      return reading && JSON.stringify([reading.tag, schemaHash, tenant, role]);
    },
  };
}
