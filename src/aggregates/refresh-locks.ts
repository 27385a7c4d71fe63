import { AdvisoryLocks } from '../database/advisory-locks.js';
import type { Database } from '../database/database.js';

/** Any number that no other program takes for an advisory lock. */
const KEY = 7_373_367;

/** The locks of aggregates, by their SQL names: the session that refreshes one has its lock. */
export function refreshLocks(database: Database): AdvisoryLocks {
  return new AdvisoryLocks(database, KEY);
}
