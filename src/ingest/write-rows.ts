import type { Queryable } from '../database/database.js';
import type { ImportColumn } from './columns.js';

/** What was written, in rows. */
export interface WriteCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** Of several rows of a group, the one with the greatest number is the official one. */
interface Official {
  /** The columns of the group. */
  readonly group: string;
  readonly number: string;
  /** Where numbers come from. */
  readonly sequence: string;
}

/** Rows of both tables, those of a group together. */
export interface Slice {
  readonly condition: string;
  /** How many rows are staged where none can be stored: there is nothing to compare. Else null. */
  readonly newRows: number | null;
}

export interface WriteOptions {
  /** A temporary table with these columns, and `line` and `given` of each row. */
  readonly staged: string;
  /** All rows. A slice is compared and written by one statement, whose memory its size decides. */
  readonly slices?: readonly Slice[];
  readonly table: string;
  /** What is true of all stored rows that staged ones can have the key of. */
  readonly storedWhere?: string;
  readonly columns: readonly ImportColumn[];
  /** What else is set when a row is replaced. */
  readonly touch: string;
  readonly official?: Official;
  /** Whether to count only, and write nothing. */
  readonly isDryRun?: boolean | undefined;
  /** Called after each slice. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

const EVERYTHING: Slice = { condition: 'true', newRows: null };

/** The condition that a row replaces what is stored in a column. */
export function isGiven(row: string, columns: readonly ImportColumn[], column: string): string {
  return `${row}.given & ${bitOf(columns, column)} <> 0`;
}

/** The bit of a column in what is given of a row. */
export function bitOf(columns: readonly ImportColumn[], column: string): number {
  return 1 << columns.findIndex(({ name }) => name === column);
}

/**
 * Writes staged rows: those that are new, and those of which a given column differs from what is
 * stored. Of a group, the row of the last line becomes the official one: where it is not already, or
 * another of the group was written, it is written too. Part of a transaction.
 */
export async function writeRows(
  transaction: Queryable,
  { slices = [EVERYTHING], progress, ...options }: WriteOptions,
): Promise<WriteCounts> {
  const masks = await transaction.query<{ readonly given: number }>(
    `SELECT DISTINCT given FROM ${options.staged}`,
  );
  const written = { inserted: 0, updated: 0, unchanged: 0 };
  for (const [index, slice] of slices.entries()) {
    const { condition, newRows } = slice;
    const { official, isDryRun } = options;
    // Rows that give different columns are numbered together only where they are compared.
    if (newRows !== null && official && masks.length === 1 && !isDryRun) {
      await transaction.query(insertionOf(options, numbered(options.staged, official, condition)));
      written.inserted += newRows;
    } else {
      const [counts] = await transaction.query<WriteCounts>(statementOf(options, masks, condition));
      written.inserted += counts!.inserted;
      written.updated += counts!.updated;
      written.unchanged += counts!.unchanged;
    }
    progress?.(index + 1, slices.length);
  }
  return written;
}

type TableOptions = Omit<WriteOptions, 'slices' | 'progress'>;

/** The rows of a slice that has only new ones, numbered in the order of their lines. */
function numbered(staged: string, official: Official, slice: string): string {
  return `(
    SELECT *, nextval('${official.sequence}') AS ${official.number}
    FROM (SELECT * FROM ${staged} WHERE ${slice} ORDER BY ${official.group}, line) AS ordered
  ) AS written`;
}

/** The statement that inserts rows. */
function insertionOf({ table, columns, official }: TableOptions, source: string): string {
  const number = official ? [official.number] : [];
  const fields = columns.map(({ name, whenNew }) =>
    whenNew === undefined ? name : `coalesce(${name}, '${whenNew}')`,
  );
  return `
    INSERT INTO ${table} (${[...columns.map(({ name }) => name), ...number].join(', ')})
    SELECT ${[...fields, ...number].join(', ')} FROM ${source}`;
}

/** What replaces the given columns where a row is stored, also one that was stored after the comparison. */
function replacementOf({ columns, touch, official }: TableOptions, given: number): string {
  const number = official ? [official.number] : [];
  const keys = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  const set = columns
    .filter(({ isKey, name }) => !isKey && (given & bitOf(columns, name)) !== 0)
    .map(({ name }) => name);
  return `
    ON CONFLICT (${keys.join(', ')}) DO UPDATE
    SET ${[...[...set, ...number].map((name) => `${name} = excluded.${name}`), touch].join(', ')}`;
}

/** The statement that writes a slice, and counts. */
function statementOf(
  options: TableOptions,
  masks: readonly { readonly given: number }[],
  slice: string,
): string {
  const { staged, table, storedWhere = 'true', columns, official, isDryRun = false } = options;
  const keys = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  const values = columns.filter(({ isKey }) => !isKey).map(({ name }) => name);
  const isChanged = [
    `stored.${keys[0]} IS NULL`,
    ...values.map(
      (name) =>
        `${isGiven('staged', columns, name)} AND staged.${name} IS DISTINCT FROM stored.${name}`,
    ),
  ].join(' OR ');
  // A row of each set of given columns has a statement of its own: what is not given is not touched.
  const writes = (isDryRun ? [] : masks).map(
    ({ given }, index) =>
      `write_${index} AS (${insertionOf(options, `written WHERE given = ${given}`)}
        ${replacementOf(options, given)})`,
  );
  return `
    WITH slice AS NOT MATERIALIZED (
      SELECT * FROM ${staged} WHERE ${slice}
    ), stored AS (
      SELECT *${official ? `, ${official.number} = max(${official.number}) OVER (PARTITION BY ${official.group}) AS is_official` : ''}
      FROM ${table} WHERE ${keys[0]} IN (SELECT ${keys[0]} FROM slice) AND ${slice} AND ${storedWhere}
    ), compared AS (
      SELECT staged.*, stored.${keys[0]} IS NULL AS is_new, ${isChanged} AS is_changed
        ${official ? ', stored.is_official' : ''}
      FROM slice AS staged LEFT JOIN stored USING (${keys.join(', ')})
    ), chosen AS (${official ? chosenOf(official) : 'SELECT * FROM compared WHERE is_changed'}
    ), written AS MATERIALIZED (
      SELECT *${official && !isDryRun ? `, nextval('${official.sequence}') AS ${official.number}` : ''} FROM chosen
    )${['', ...writes].join(', ')}
    SELECT count(*) FILTER (WHERE is_new)::int AS inserted,
      count(*) FILTER (WHERE NOT is_new)::int AS updated,
      ((SELECT count(*) FROM slice) - count(*))::int AS unchanged
    FROM written`;
}

function chosenOf({ group }: Official): string {
  return `
      SELECT * FROM (
        SELECT *, line = max(line) OVER same_group AS is_last,
          bool_or(is_changed) OVER same_group AS is_group_changed
        FROM compared WINDOW same_group AS (PARTITION BY ${group})
      ) AS grouped
      WHERE is_changed OR (is_last AND (NOT is_official OR is_group_changed))
      ORDER BY ${group}, line`;
}
