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

/** Where a staged row stood, and why it cannot be written: a column, its value and the rule. */
export interface StagedFault {
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly rule: string;
}

/** An import that was refused because of what its files hold. */
class ImportRefused extends Failure {
  /** Hints say what may be the reason for many of them. */
  constructor(
    readonly faults: readonly Fault[],
    hints: readonly string[] = [],
  ) {
    const lines = faults.map(({ file, line, reason }) => `  ${file}:${line}: ${reason}`);
    if (faults.length === MAX_FAULTS) lines.push(`  … these are the first ${MAX_FAULTS}`);
    super(['Nothing was imported, because of these rows:', ...lines, ...hints].join('\n'));
  }
}

/** The faults of an import, each file's in the order of its lines, up to as many as are listed. */
export class FaultList {
  private faults: Fault[] = [];
  private readonly hints: string[] = [];

  /** Whether there are as many as are listed. */
  get isFull(): boolean {
    return this.faults.length >= MAX_FAULTS;
  }

  /** Adds a fault; false when there are as many as are listed. */
  push(fault: Fault): boolean {
    this.faults.push(fault);
    return !this.isFull;
  }

  /** Adds what was found among the staged rows of a file, in its place. */
  add(file: string, staged: readonly StagedFault[]): void {
    const here = this.faults.filter((fault) => fault.file === file);
    const merged = [
      ...here,
      ...staged.map(({ line, column, value, rule }) => ({
        file,
        line,
        reason: `${column} "${value}" ${rule}`,
      })),
    ];
    merged.sort((a, b) => a.line - b.line);
    this.faults = [...this.faults.filter((fault) => fault.file !== file), ...merged];
  }

  /** Adds what may be the reason for faults; null: nothing. */
  addHint(hint: string | null): void {
    if (hint !== null) this.hints.push(hint);
  }

  throwIfAny(): void {
    if (this.faults.length > 0)
      throw new ImportRefused(this.faults.slice(0, MAX_FAULTS), this.hints);
  }
}
