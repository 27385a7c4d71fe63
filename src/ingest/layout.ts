/** A row in the order of the columns of the database, as texts; undefined: absent. */
export interface FileRow {
  readonly fields: readonly (string | undefined)[];
  /** What the file calls each column, for messages. */
  readonly names: readonly string[];
}

/** How a record of a file becomes rows. */
export interface Layout {
  rowsOf(record: readonly string[]): readonly FileRow[];
  /** Columns of the file that are skipped. */
  readonly skipped: readonly string[];
}

/** What is wrong with a header. */
export class HeaderFault extends Error {
  override readonly name = 'HeaderFault';

  /** `needs` is what the header should have. */
  constructor(
    readonly wrong: readonly string[],
    readonly needs: string,
  ) {
    super(`${wrong.join(', ')}; it needs ${needs}`);
  }
}
