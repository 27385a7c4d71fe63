import type { Database, Queryable } from '../../database/database.js';
import { sqlStateOf, UNIQUE_VIOLATION } from '../../database/sql-state.js';
import { formatDay, type DayNumber } from '../../metrics/calendar.js';
import type { PendingRange } from '../aggregate-state.js';
import { AGGREGATES, type AggregateName } from '../registry.js';
import { toRefresh, type Refresh, type RefreshJson, type RefreshOrigin } from './refresh.js';

/** The channel on which every change of a refresh is announced to all instances. */
export const REFRESH_CHANNEL = 'aggregate_refreshes';
/** A notification holds less than 8,000 bytes; what goes on about errors is cut. */
const MAX_ERROR_CHARACTERS = 1000;
/** Each takes six bytes there. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001F]+/g;
const MAX_PENDING_AFTER = 50;
/** So many refreshes of an aggregate are kept; at one an hour, those of six weeks. */
const MAX_KEPT = 1000;

export interface RefreshRequest {
  readonly name: AggregateName;
  readonly from: DayNumber | null;
  readonly to: DayNumber | null;
  readonly origin: RefreshOrigin;
  /** How many processes that ran it before have ended. */
  readonly resumes?: number;
}

/** How a refresh ended. */
export interface RefreshOutcome {
  readonly state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly pendingAfter?: readonly PendingRange[];
  readonly error?: string;
}

/** The rows of aggregate_refreshes. Every change is announced, with the row as it is then. */
export class RefreshStore {
  constructor(
    private readonly database: Database,
    /** Receives every change on the embedded engine; on a server the channel notifies all instances. */
    private readonly announce: (refresh: Refresh) => void,
  ) {}

  /** A waiting refresh that covers the range: the one that waits already, widened, or a new one. */
  async request(
    { name, ...request }: RefreshRequest,
    session: Queryable = this.primary(),
  ): Promise<Refresh> {
    const [refresh] = await this.requestAll([name], request, session);
    return refresh!;
  }

  /** The same for several aggregates, in the order given: all are recorded, or none. */
  async requestAll(
    names: readonly AggregateName[],
    { from, to, origin, resumes = 0 }: Omit<RefreshRequest, 'name'>,
    session: Queryable = this.primary(),
  ): Promise<Refresh[]> {
    const refreshes = await this.change(
      session,
      `INSERT INTO aggregate_refreshes AS waiting (view_name, from_day, to_day, origin, resumes)
      SELECT view_name, $2::date, $3::date, $4, $5 FROM unnest($1::text[]) AS view_name
      ON CONFLICT (view_name) WHERE state = 'QUEUED' DO UPDATE SET
        from_day = CASE WHEN $2 IS NULL THEN NULL WHEN waiting.from_day IS NOT NULL
          THEN least(waiting.from_day, $2::date) END,
        to_day = CASE WHEN $3 IS NULL THEN NULL WHEN waiting.to_day IS NOT NULL
          THEN greatest(waiting.to_day, $3::date) END,
        origin = CASE WHEN $4 = 'POLICY' THEN $4 ELSE waiting.origin END,
        resumes = greatest(waiting.resumes, $5)
      RETURNING *`,
      [names.map((name) => AGGREGATES[name].sqlName), dayText(from), dayText(to), origin, resumes],
    );
    return names.map((name) => refreshes.find((refresh) => refresh.name === name)!);
  }

  /**
   * Deletes the refreshes of an aggregate that are over and not among the newest, but for the last
   * success of each origin, on which freshness depends. Runs of policies stay counted.
   */
  async prune(session: Queryable, name: AggregateName): Promise<void> {
    await session.query(
      `WITH pruned AS (
        DELETE FROM aggregate_refreshes WHERE view_name = $1
          AND state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')
          AND id <= (SELECT id FROM aggregate_refreshes WHERE view_name = $1
            ORDER BY id DESC OFFSET ${MAX_KEPT} LIMIT 1)
          AND id NOT IN (SELECT max(id) FROM aggregate_refreshes
            WHERE view_name = $1 AND state = 'SUCCEEDED' GROUP BY origin)
        RETURNING origin, state
      )
      INSERT INTO pruned_policy_runs AS total (view_name, successes, failures)
      SELECT $1, count(*) FILTER (WHERE state = 'SUCCEEDED'), count(*) FILTER (WHERE state = 'FAILED')
      FROM pruned WHERE origin = 'POLICY' HAVING count(*) > 0
      ON CONFLICT (view_name) DO UPDATE SET
        successes = total.successes + excluded.successes,
        failures = total.failures + excluded.failures`,
      [AGGREGATES[name].sqlName],
    );
  }

  /** Whether a refresh of the aggregate waits. */
  async hasWaiting(name: AggregateName): Promise<boolean> {
    const rows = await this.database.write(
      `SELECT FROM aggregate_refreshes WHERE view_name = $1 AND state = 'QUEUED'`,
      [AGGREGATES[name].sqlName],
    );
    return rows.length > 0;
  }

  /** The refreshes that wait or seem to run. */
  unfinished(): Promise<Refresh[]> {
    return this.read(`SELECT * FROM aggregate_refreshes WHERE state IN ('QUEUED', 'RUNNING')`);
  }

  /**
   * Fails what seems to run, and returns it; only for the holder of the aggregate's lock: so no process
   * runs it.
   */
  failAbandoned(session: Queryable, name: AggregateName): Promise<Refresh[]> {
    return this.change(
      session,
      `UPDATE aggregate_refreshes SET state = 'FAILED', finished_at = clock_timestamp(),
        error = 'The process that ran it ended; what it had done is kept.'
      WHERE view_name = $1 AND state = 'RUNNING' RETURNING *`,
      [AGGREGATES[name].sqlName],
    );
  }

  /** The waiting refresh, now running; undefined when none waits. */
  async start(session: Queryable, name: AggregateName): Promise<Refresh | undefined> {
    const [refresh] = await this.change(
      session,
      `UPDATE aggregate_refreshes SET state = 'RUNNING', started_at = clock_timestamp()
      WHERE view_name = $1 AND state = 'QUEUED' RETURNING *`,
      [AGGREGATES[name].sqlName],
    );
    return refresh;
  }

  /** Puts a running refresh back to wait; false where it is cancelled or another waits already. */
  async requeue(session: Queryable, id: string): Promise<boolean> {
    try {
      const changed = await this.change(
        session,
        `UPDATE aggregate_refreshes AS running SET state = 'QUEUED', started_at = NULL
        WHERE id = $1 AND NOT cancel_requested AND NOT EXISTS (
          SELECT FROM aggregate_refreshes AS waiting
          WHERE waiting.view_name = running.view_name AND waiting.state = 'QUEUED')
        RETURNING *`,
        [id],
      );
      return changed.length > 0;
    } catch (error) {
      // Another came to wait meanwhile.
      if (sqlStateOf(error) === UNIQUE_VIOLATION) return false;
      throw error;
    }
  }

  /** Records the progress of a running refresh; the result says whether it is to be cancelled. */
  async progress(session: Queryable, id: string, progress: number): Promise<Refresh> {
    const [refresh] = await this.change(
      session,
      'UPDATE aggregate_refreshes SET progress = $2 WHERE id = $1 RETURNING *',
      [id, progress],
    );
    return refresh!;
  }

  async finish(session: Queryable, id: string, outcome: RefreshOutcome): Promise<Refresh> {
    const { state, pendingAfter = [], error = null } = outcome;
    const pending = pendingAfter
      .slice(0, MAX_PENDING_AFTER)
      .map(({ from, to, coveredByPolicy }) => [from, to, coveredByPolicy]);
    const [refresh] = await this.change(
      session,
      `UPDATE aggregate_refreshes SET state = $2, pending_after = $3::jsonb, error = $4,
        finished_at = clock_timestamp(),
        progress = CASE WHEN $2 = 'SUCCEEDED' THEN 1 ELSE progress END
      WHERE id = $1 RETURNING *`,
      [
        id,
        state,
        JSON.stringify(pending),
        error?.replaceAll(CONTROL_CHARACTERS, ' ').slice(0, MAX_ERROR_CHARACTERS) ?? null,
      ],
    );
    return refresh!;
  }

  /**
   * Cancels a waiting refresh at once and requests a running one to stop between two slices; a
   * finished one stays as it is. Undefined for an unknown id.
   */
  async cancel(id: string): Promise<Refresh | undefined> {
    const [changed] = await this.change(
      this.primary(),
      `UPDATE aggregate_refreshes SET cancel_requested = true,
        finished_at = CASE WHEN state = 'QUEUED' THEN clock_timestamp() END,
        state = CASE WHEN state = 'QUEUED' THEN 'CANCELLED' ELSE state END
      WHERE id = $1 AND state IN ('QUEUED', 'RUNNING') RETURNING *`,
      [id],
    );
    return changed ?? this.find(id);
  }

  async find(id: string): Promise<Refresh | undefined> {
    const [refresh] = await this.read('SELECT * FROM aggregate_refreshes WHERE id = $1', [id]);
    return refresh;
  }

  /** At most `limit` refreshes, the newest first, those older than the one with id `before`. */
  page(name: AggregateName | null, limit: number, before: string | null): Promise<Refresh[]> {
    return this.read(
      `SELECT * FROM aggregate_refreshes
      WHERE ($1::text IS NULL OR view_name = $1) AND ($3::bigint IS NULL OR id < $3)
      ORDER BY id DESC LIMIT $2`,
      [name && AGGREGATES[name].sqlName, limit, before],
    );
  }

  async count(name: AggregateName | null): Promise<number> {
    const [row] = await this.database.write<{ count: number }>(
      'SELECT count(*)::int AS count FROM aggregate_refreshes WHERE $1::text IS NULL OR view_name = $1',
      [name && AGGREGATES[name].sqlName],
    );
    return row!.count;
  }

  /** Reads on the primary: a client that has just requested a refresh must find it. */
  private async read(sql: string, parameters: readonly unknown[] = []): Promise<Refresh[]> {
    const rows = await this.database.write<{ refresh: RefreshJson }>(
      `SELECT row_to_json(found) AS refresh FROM (${sql}) AS found`,
      parameters,
    );
    return rows.flatMap(({ refresh }) => toRefresh(refresh) ?? []);
  }

  private async change(
    session: Queryable,
    sql: string,
    parameters: readonly unknown[],
  ): Promise<Refresh[]> {
    const isServer = this.database.engine === 'server';
    const rows = await session.query<{ refresh: RefreshJson }>(
      `WITH changed AS (${sql})
      SELECT row_to_json(changed) AS refresh
        ${isServer ? `, pg_notify('${REFRESH_CHANNEL}', row_to_json(changed)::text)` : ''}
      FROM changed`,
      parameters,
    );
    const refreshes = rows.flatMap(({ refresh }) => toRefresh(refresh) ?? []);
    if (!isServer) for (const refresh of refreshes) this.announce(refresh);
    return refreshes;
  }

  private primary(): Queryable {
    return { query: (sql, parameters) => this.database.write(sql, parameters) };
  }
}

function dayText(day: DayNumber | null): string | null {
  return day === null ? null : formatDay(day);
}
