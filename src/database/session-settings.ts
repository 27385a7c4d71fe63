const PLAN_MODE = 'plan_cache_mode';
const ONCE = `${PLAN_MODE}=force_generic_plan`;

/**
 * What every session is set to, in the syntax of SET and of -c. Statements are short: compiling
 * their expressions takes longer than it saves. No disk has to seek: days come in the order of
 * their index, without a sort. A prepared statement is planned once and not for each parameter:
 * for a portfolio's series planning takes longer than reading. TimescaleDB's exclusion of chunks at
 * run time is off: for each portfolio it compares the days with every chunk's, which takes longer
 * than to look them up in the chunk's index (docs/decisions/0010-chunks.md).
 */
export const SESSION_SETTINGS = [
  'TimeZone=UTC',
  'jit=off',
  'random_page_cost=1.1',
  'timescaledb.enable_runtime_exclusion=off',
  ONCE,
] as const;

/**
 * Around what plans statements of its own and needs their parameters for it, as TimescaleDB's
 * refresh does: it finds the days of a chunk by their index only where it knows the bounds then.
 */
export const PLAN_BY_PARAMETERS = `SET ${PLAN_MODE}=auto`;
export const PLAN_ONCE = `SET ${ONCE}`;
