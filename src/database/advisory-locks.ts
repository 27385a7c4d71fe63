import type { Database, Session } from './database.js';

/**
 * Rights that one process has at a time: advisory locks of the session that uses them, which end
 * with that session. The embedded database belongs to one process, and a flag in it does.
 */
export class AdvisoryLocks {
  private readonly held = new Set<string>();

  constructor(
    private readonly database: Database,
    /** The first key of these locks; the second is made from a name. */
    private readonly key: number,
  ) {}

  /** Runs `work` with the lock and returns true, or returns false where another session has it. */
  async tryWith(name: string, work: (session: Session) => Promise<void>): Promise<boolean> {
    if (this.held.has(name)) return false;
    this.held.add(name);
    try {
      return await this.database.session(async (session) => {
        if (this.database.engine === 'embedded') {
          await work(session);
          return true;
        }
        const keys = [this.key, name];
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
