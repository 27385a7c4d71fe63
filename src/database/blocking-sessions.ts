import type { Queryable } from './database.js';

/** A session that holds a lock for which another one waits. */
export interface BlockingSession {
  readonly pid: number;
  readonly program: string;
  /** As in pg_stat_activity: "idle in transaction", say. */
  readonly state: string;
  /** What it runs, or ran last. */
  readonly query: string;
  readonly isAutovacuum: boolean;
}

/** How much of a statement a sentence quotes. */
const MAX_QUERY_CHARACTERS = 200;

/** The sessions that the session with this process id waits for at the moment. */
export function findBlockingSessions(session: Queryable, pid: number): Promise<BlockingSession[]> {
  // A prepared transaction has no session: its process id is 0.
  return session.query<BlockingSession>(
    `SELECT blocking.pid, coalesce(activity.application_name, '') AS program,
      coalesce(activity.state, 'no session, as of a prepared transaction') AS state,
      coalesce(activity.query, '') AS query,
      coalesce(activity.backend_type = 'autovacuum worker', false) AS "isAutovacuum"
    FROM unnest(pg_blocking_pids($1)) AS blocking (pid)
    LEFT JOIN pg_stat_activity AS activity USING (pid)`,
    [pid],
  );
}

/** 'session 4711 ("psql", idle in transaction): SELECT …' */
export function describeSession({ pid, program, state, query }: BlockingSession): string {
  const text = query.replaceAll(/\s+/g, ' ').trim();
  const short =
    text.length > MAX_QUERY_CHARACTERS ? `${text.slice(0, MAX_QUERY_CHARACTERS)}…` : text;
  return `session ${pid} ("${program}", ${state}): ${short}`;
}
