import { Pool, type ClientBase, type PoolClient } from 'pg';
import { until } from '../async/until.js';
import { messageOf } from '../errors.js';
import { clientOptions } from './data-source.js';
import { hasReached, POSITION, toPosition, type Position, type PositionJson } from './position.js';
import { isUnavailable, PASSING, sqlStateOf } from './sql-state.js';
import type { StatementQueue } from './statement-queue.js';
import { cancellable, disconnect } from './statement.js';

/** How long a replica may take to say its position, and a read before the replica is looked at. */
const CHECK_TIMEOUT_MS = 1000;

/** A read, and how it ends early. */
export interface ReplicaRead<Result> {
  readonly send: (client: ClientBase) => Promise<Result>;
  readonly signal: AbortSignal | undefined;
  readonly queue: StatementQueue;
}

/**
 * A streaming replica that serves reads: each only from a session that shows everything up to a
 * position of the primary. It is left out while it cannot be reached, does not respond, follows
 * another history, or lags too much; checks bring it back.
 */
export class Replica {
  private readonly host: string;
  private pool: Pool;
  /** One connection for checks: those of the pool may all be in use. */
  private checks: Pool;
  private readonly busy = new Set<PoolClient>();
  /** What each session was last known to show. It only moves on. */
  private readonly positions = new WeakMap<ClientBase, Position>();
  private checking: Promise<void> | undefined;
  /** Why it cannot serve, as the end of a sentence. */
  private failure: string | undefined;
  /** The position of the primary that it had not reached, since when, and until when for certain. */
  private behind:
    { readonly position: Position; readonly since: number; until: number } | undefined;
  private isLagging = false;

  constructor(
    private readonly url: string,
    private readonly poolSize: number,
    private readonly maxLagMs: number,
  ) {
    const { host, searchParams } = new URL(url);
    this.host = host || (searchParams.get('host') ?? url);
    this.pool = this.createPool(poolSize);
    this.checks = this.createPool(1);
  }

  get isUsable(): boolean {
    return this.failure === undefined && !this.isLagging;
  }

  /** The connections for reads. */
  get connections(): Pool {
    return this.pool;
  }

  /** What a read returns; undefined where this replica cannot serve it, or does not show all of `required`. */
  async read<Result>(
    required: Position,
    { send, signal, queue }: ReplicaRead<Result>,
  ): Promise<Result | undefined> {
    const { pool } = this;
    // Where it does not respond the check finds that out, and ends the read.
    const timer = setTimeout(() => void this.check(required), CHECK_TIMEOUT_MS).unref();
    let client: PoolClient | undefined;
    let failed: Error | undefined;
    try {
      client = await connect(pool, signal, queue);
      this.busy.add(client);
      if (!(await this.shows(client, required))) return undefined;
      return await cancellable(client, signal, () => send(client!));
    } catch (error) {
      signal?.throwIfAborted();
      // A replica also ends statements that are in the way of its replay.
      if (PASSING.some((state) => state === sqlStateOf(error))) return undefined;
      if (!isUnavailable(error)) throw error;
      failed = error as Error;
      // A pool that was replaced belongs to a failure that is known.
      if (pool === this.pool) this.leaveOut(messageOf(error));
      return undefined;
    } finally {
      clearTimeout(timer);
      if (client) {
        this.busy.delete(client);
        client.release(failed);
      }
    }
  }

  /** Finds out whether it can serve, and how far it is behind a position of the primary. Never fails. */
  check(primary: Position): Promise<void> {
    this.checking ??= this.look(primary).finally(() => (this.checking = undefined));
    return this.checking;
  }

  /** A sentence: why it serves no reads, and what to do; null where it does. */
  get warning(): string | null {
    if (this.isUsable) return null;
    const [why, remedy] = this.failure
      ? [this.failure, 'Start it or make it reachable, or remove it from DATABASE_REPLICA_URLS.']
      : [
          `what the primary wrote ${this.maxLagMs} ms ago is not replayed there (REPLICA_MAX_LAG_MS)`,
          'On the replica, see whether replay is paused (SELECT pg_is_wal_replay_paused(); SELECT pg_wal_replay_resume();) or a long query delays it (pg_stat_activity); on the primary, whether it is connected (pg_stat_replication).',
        ];
    return `Replica ${this.host} serves no reads: ${why.replace(/\.$/, '')}. The primary serves them meanwhile. ${remedy}`;
  }

  async close(): Promise<void> {
    for (const client of this.busy) disconnect(client);
    await Promise.all([this.pool.end(), this.checks.end()]);
  }

  private async shows(client: ClientBase, required: Position): Promise<boolean> {
    const known = this.positions.get(client);
    if (known && hasReached(known, required)) return true;
    const position = await readPosition(client);
    this.positions.set(client, position);
    return hasReached(position, required);
  }

  private async look(primary: Position): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`it does not respond within ${CHECK_TIMEOUT_MS / 1000} s`);
      timer = setTimeout(() => reject(error), CHECK_TIMEOUT_MS);
    });
    try {
      this.observe(await Promise.race([readPosition(this.checks), late]), primary);
    } catch (error) {
      this.leaveOut(messageOf(error));
    } finally {
      clearTimeout(timer);
    }
  }

  private observe(position: Position, primary: Position): void {
    if (position.history !== primary.history) {
      this.failure = `it is at ${position.history} (system/timeline) and the primary at ${primary.history}. After a failover it follows with its next restartpoint (CHECKPOINT on the primary, then on the replica); a server that was promoted or belongs to another system never does`;
      return;
    }
    this.failure = undefined;
    const now = performance.now();
    const { behind } = this;
    if (behind && !hasReached(position, behind.position)) {
      behind.until = now;
      if (now - behind.since > this.maxLagMs) this.isLagging = true;
      return;
    }
    const isInStep = hasReached(position, primary);
    // Between two checks nothing is known: an idle hour is no lag.
    if (isInStep || (behind && behind.until - behind.since <= this.maxLagMs)) {
      this.isLagging = false;
    }
    this.behind = isInStep ? undefined : { position: primary, since: now, until: now };
  }

  /** Ends all reads that are under way there: the primary serves them. */
  private leaveOut(reason: string): void {
    this.failure = reason;
    const { pool, checks } = this;
    this.pool = this.createPool(this.poolSize);
    this.checks = this.createPool(1);
    for (const client of this.busy) disconnect(client);
    for (const left of [pool, checks]) void left.end().catch(() => undefined);
  }

  private createPool(max: number): Pool {
    const pool = new Pool({ ...clientOptions(this.url), max });
    // An idle connection that ends is taken out; a check finds out why.
    pool.on('error', () => undefined);
    return pool;
  }
}

async function readPosition(session: Pool | ClientBase): Promise<Position> {
  const { rows } = await session.query<{ position: PositionJson }>(
    `SELECT ${POSITION} AS position`,
  );
  return toPosition(rows[0]!.position);
}

/** For a request, which has its place in the queue. Others wait as long as it takes. */
async function connect(
  pool: Pool,
  signal: AbortSignal | undefined,
  queue: StatementQueue,
): Promise<PoolClient> {
  if (!signal) return pool.connect();
  signal.throwIfAborted();
  const connecting = queue.wait(() => pool.connect());
  try {
    return await until(connecting, signal);
  } catch (error) {
    // A connection that comes when no caller waits for it any more is released.
    void connecting.then((client) => client.release()).catch(() => undefined);
    throw error;
  }
}
