import type { Database, Session } from '../../database/database.js';
import { AGGREGATES } from '../registry.js';
import type { AggregateName } from '../registry.js';

/** The first key of the advisory locks of refreshes; the second is the aggregate's. */
const REFRESH_LOCKS = 7_373_367;

/**
 * The right to refresh an aggregate, which one process has at a time: an advisory lock of the
 * session that refreshes, which ends with that session. The embedded database belongs to one
 * process, and a flag in it does.
 */
export class RefreshLock {
  private readonly held = new Set<AggregateName>();

  constructor(private readonly database: Database) {}

  /** Runs `work` with the lock and gives true, or gives false where somebody else has it. */
  async tryWith(name: AggregateName, work: (session: Session) => Promise<void>): Promise<boolean> {
    if (this.held.has(name)) return false;
    this.held.add(name);
    try {
      return await this.database.session(async (session) => {
        if (this.database.engine === 'embedded') {
          await work(session);
          return true;
        }
        const keys = [REFRESH_LOCKS, AGGREGATES[name].sqlName];
        const [row] = await session.query<{ locked: boolean }>(
          'SELECT pg_try_advisory_lock($1, hashtext($2)) AS locked',
          keys,
        );
        if (!row!.locked) return false;
        try {
          await work(session);
          return true;
        } finally {
          await session.query('SELECT pg_advisory_unlock($1, hashtext($2))', keys);
        }
      });
    } finally {
      this.held.delete(name);
    }
  }
}
