/** What the values of a column are; decimals are texts with all their digits. */
export type ColumnType = 'text' | 'day' | 'integer' | 'number' | 'decimal' | 'boolean';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export type Cell = string | number | boolean | null;
/** A cell for each column. */
export type Row = readonly Cell[];

/** A table of any length, whose rows are made as they are taken, some at a time. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: AsyncIterable<readonly Row[]>;
}
