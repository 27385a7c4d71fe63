/** The SQLSTATEs that this program acts on, with their meaning. */
const MEANINGS = {
  '40001': 'serialization failure',
  '40P01': 'deadlock detected',
  '55P03': 'lock not available',
} as const;
type KnownState = keyof typeof MEANINGS;

/** What passes when the same statement is sent again. */
export const PASSING: readonly KnownState[] = ['40001', '40P01', '55P03'];
/** What TimescaleDB says while another refresh of the same aggregate runs. */
export const LOCK_NOT_AVAILABLE: KnownState = '55P03';

/** The SQLSTATE of an error of the database, wherever it is wrapped; undefined for any other. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, driverError } = error as Error & { code?: unknown; driverError?: unknown };
  return typeof code === 'string' ? code : sqlStateOf(driverError);
}
