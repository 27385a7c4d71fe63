/** The SQLSTATEs that this program acts on, with their meaning. */
const MEANINGS = {
  '40001': 'serialization failure',
  '40P01': 'deadlock detected',
  '55P03': 'lock not available',
  '22021': 'character not in repertoire',
  '57014': 'query canceled',
} as const;
type KnownState = keyof typeof MEANINGS;

/** What passes when the same statement is sent again. */
export const PASSING: readonly KnownState[] = ['40001', '40P01', '55P03'];
/** What TimescaleDB says while another refresh of the same aggregate runs. */
export const LOCK_NOT_AVAILABLE: KnownState = '55P03';

/** A text held a NUL, which PostgreSQL does not store. */
export const BAD_CHARACTER: KnownState = '22021';

/** A statement was cancelled: by a limit of time here or of the server, or by an administrator. */
export const QUERY_CANCELED: KnownState = '57014';

/** What the network says when there is nobody at the other end, or no longer. */
const NETWORK_FAILURES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
]);

/**
 * Whether the database could not be reached or is just going away: SQLSTATE class 08 (connection
 * exception), 57P01 to 57P03 (shutting down or starting up), 53300 (too many connections), a
 * failure of the network, or what pg says of a connection that ended.
 */
export function isUnavailable(error: unknown): boolean {
  const code = sqlStateOf(error);
  if (code !== undefined) {
    return /^(08...|57P0[123]|53300)$/.test(code) || NETWORK_FAILURES.has(code);
  }
  return error instanceof Error && /^(Connection terminated|timeout exceeded)/.test(error.message);
}

/** The SQLSTATE of an error of the database, wherever it is wrapped; undefined for any other. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, driverError } = error as Error & { code?: unknown; driverError?: unknown };
  return typeof code === 'string' ? code : sqlStateOf(driverError);
}
