/** How far a server is in the history of what was written. */
export interface Position {
  /** The system and its timeline: positions in another history cannot be compared. */
  readonly history: string;
  /** The write-ahead log up to this byte is part of what the server shows. */
  readonly lsn: bigint;
}

export interface PositionJson {
  readonly history: string;
  readonly lsn: string;
}

/** What precedes the records of a page of the write-ahead log, and of the first page of a file. */
const PAGE_HEADER_BYTES = 24;
const FILE_HEADER_BYTES = 40;

/**
 * An expression for the position of the server as PositionJson. Everything that a statement sees is
 * before it on a primary; a statement that is sent after it sees everything before it on a standby.
 *
 * Not `pg_current_wal_lsn()`: with synchronous_commit = off what is visible may not be written yet.
 * The position for the next record is after a page's header, which a standby has not replayed when
 * nothing follows. A standby learns its timeline from its last restartpoint: after a failover its
 * positions count once it has made one.
 */
export const POSITION = `jsonb_build_object(
  'history', concat_ws('/', (SELECT system_identifier FROM pg_control_system()), CASE
    WHEN pg_is_in_recovery() THEN (
      SELECT greatest(timeline_id, min_recovery_end_timeline)
      FROM pg_control_checkpoint(), pg_control_recovery())
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END),
  'lsn', (CASE
    WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn() - '0/0', 0)
    ELSE (
      SELECT CASE
        WHEN bytes % pg_size_bytes(current_setting('wal_segment_size')) = ${FILE_HEADER_BYTES} THEN bytes - ${FILE_HEADER_BYTES}
        WHEN bytes % current_setting('wal_block_size')::int = ${PAGE_HEADER_BYTES} THEN bytes - ${PAGE_HEADER_BYTES}
        ELSE bytes END
      FROM (SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes) AS inserted) END)::text)`;

export function toPosition({ history, lsn }: PositionJson): Position {
  return { history, lsn: BigInt(lsn) };
}

/** Whether a server at a position shows everything that one at the other position did. */
export function hasReached(position: Position, other: Position): boolean {
  return position.history === other.history && position.lsn >= other.lsn;
}
