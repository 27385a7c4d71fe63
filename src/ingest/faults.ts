import { Failure } from '../errors.js';

/** How many bad rows an import lists before it stops. */
export const MAX_FAULTS = 20;

/** What is wrong with one row of a file. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  /** The column, the value in it and the rule it breaks; or what is wrong with the whole row. */
  readonly reason: string;
}

/** An import that was refused because of what its files hold. */
export class ImportRefused extends Failure {
  constructor(readonly faults: readonly Fault[]) {
    const lines = faults.map(({ file, line, reason }) => `  ${file}:${line}: ${reason}`);
    if (faults.length === MAX_FAULTS) lines.push(`  … these are the first ${MAX_FAULTS}`);
    super(`Nothing was imported, because of these rows:\n${lines.join('\n')}`);
  }
}
