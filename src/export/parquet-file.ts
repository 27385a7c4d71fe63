import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { ByteWriter, ParquetWriter, type ColumnSource, type SchemaElement } from 'hyparquet-writer';
import { toDay } from '../metrics/calendar.js';
import type { Cell, Column, ColumnType, Row, Table } from './table.js';

/** A row group is encoded in one go: this many cells take about as long as a turn of the event loop. */
const CELLS_A_GROUP = 100_000;

export interface ParquetFile {
  readonly bytes: number;
  /** Of the content: the same for the same rows. */
  readonly digest: string;
}

/** Writes a table to a new file, one row group in memory at a time. */
export async function writeParquetFile(
  path: string,
  { columns, rows }: Table,
): Promise<ParquetFile> {
  const file = await open(path, 'wx', 0o600);
  try {
    const writer = new FileWriter(file);
    const parquet = new ParquetWriter({ writer, schema: schemaOf(columns) });
    const rowsAGroup = Math.max(1, Math.floor(CELLS_A_GROUP / columns.length));
    let group: Row[] = [];
    const writeGroup = async (): Promise<void> => {
      const columnData = columns.map((column, at) => sourceOf(column, at, group));
      await parquet.write({ columnData, rowGroupSize: rowsAGroup });
      group = [];
    };
    for await (const some of rows) {
      group.push(...some);
      if (group.length >= rowsAGroup) await writeGroup();
    }
    if (group.length > 0) await writeGroup();
    await parquet.finish();
    return { bytes: writer.offset, digest: writer.digest() };
  } finally {
    await file.close();
  }
}

/** Writes what has been encoded to the file after each row group. */
class FileWriter extends ByteWriter {
  private readonly hash = createHash('sha256');

  constructor(private readonly file: FileHandle) {
    super();
  }

  async flush(): Promise<void> {
    const bytes = this.getBytes();
    this.hash.update(bytes);
    await this.file.writeFile(bytes);
    this.index = 0;
  }

  override finish(): Promise<void> {
    return this.flush();
  }

  digest(): string {
    return this.hash.digest('base64url').slice(0, 27);
  }
}

type ElementType = Pick<SchemaElement, 'type' | 'converted_type'>;

const ELEMENT_TYPES: Readonly<Record<ColumnType, ElementType>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  day: { type: 'INT32', converted_type: 'DATE' },
  integer: { type: 'INT32' },
  number: { type: 'DOUBLE' },
  decimal: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
};

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => {
      return { name, repetition_type: 'OPTIONAL', ...ELEMENT_TYPES[type] };
    }),
  ];
}

function sourceOf({ name, type }: Column, at: number, rows: readonly Row[]): ColumnSource {
  return { name, data: rows.map((row) => parquetValue(type, row[at]!)) };
}

function parquetValue(type: ColumnType, cell: Cell): Cell {
  if (cell === null) return null;
  if (type === 'day') return toDay(cell as string);
  return type === 'decimal' ? Number(cell) : cell;
}
