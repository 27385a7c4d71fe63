import { hash } from 'node:crypto';
import type { Caller } from '../access/caller.js';
import type { Generations, Reading } from '../aggregates/revisions/generations.js';

/** What versioned answers hang on beside the question: the present reading and who asks. */
export interface AnswerVersions {
  /** The version of an answer given now; undefined where none can be told. */
  current(caller: Caller, signal?: AbortSignal): Promise<string | undefined>;
  /** The same where it can be told at once; undefined where it cannot. */
  known(caller: Caller): string | undefined;
}

export interface AnswerVersionsOptions {
  readonly generations: Pick<Generations, 'current' | 'peek'>;
  /** The schema as text: what it describes otherwise is another answer. */
  readonly schema: string;
}

/** Where no answer has a version. */
export const NO_VERSIONS: AnswerVersions = {
  current: async () => undefined,
  known: () => undefined,
};

/** The same on every instance that serves this schema from the same database. */
export function createAnswerVersions({
  generations,
  schema,
}: AnswerVersionsOptions): AnswerVersions {
  const schemaHash = hash('sha256', schema, 'base64url');
  const versionOf = (reading: Reading | undefined, { tenant, role }: Caller): string | undefined =>
    reading && `${reading.tag} ${schemaHash} ${role} ${tenant}`;
  return {
    async current(caller, signal) {
      return versionOf(await generations.current(signal).catch(() => undefined), caller);
    },
    known: (caller) => versionOf(generations.peek(), caller),
  };
}
