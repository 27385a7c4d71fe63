import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { messageOf, ServiceError } from '../errors.js';

/** The SQLSTATEs that this program acts on, with their meaning. */
const MEANINGS = {
  '40001': 'serialization failure',
  '40P01': 'deadlock detected',
  '55P03': 'lock not available',
  '22021': 'character not in repertoire',
  '23505': 'unique violation',
  '42501': 'insufficient privilege',
  '25006': 'read-only transaction',
  '57014': 'query canceled',
} as const;
type KnownState = keyof typeof MEANINGS;

/** What passes when the same statement is sent again. */
export const PASSING: readonly KnownState[] = ['40001', '40P01', '55P03'];
/** What TimescaleDB says while another refresh of the same aggregate runs. */
export const LOCK_NOT_AVAILABLE: KnownState = '55P03';

/** Something else has the key that is to be unique. */
export const UNIQUE_VIOLATION: KnownState = '23505';

/** The role of the session lacks a right. */
export const INSUFFICIENT_PRIVILEGE: KnownState = '42501';

/** A text held a NUL, which PostgreSQL does not store. */
export const BAD_CHARACTER: KnownState = '22021';

/** A write to a standby, or to a server that is set to take none. */
const READ_ONLY: KnownState = '25006';
/** A statement was cancelled: by a limit of time here or of the server, or by an administrator. */
export const QUERY_CANCELED: KnownState = '57014';

/**
 * SQLSTATEs of a server that cannot serve just now: class 08 (connection exception), 53000 to 53300
 * (out of resources: disk full, out of memory, too many connections), 57P01 to 57P03 (shutting
 * down, crashed, starting up), 57P05 (an idle session was ended).
 */
const CANNOT_SERVE = /^(08...|53[0123]00|57P0[1235])$/;

/** What the network reports when no server is at the other end, or no longer. */
const NETWORK_FAILURES = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What pg reports of a connection that ended, or to which no server responded in time. */
const LOST = /^(Connection terminated|timeout expired|Client (has encountered|was closed))/;

/** Whether the database could not be reached or accepted no client: a retry may succeed later. */
export function isUnavailable(error: unknown): boolean {
  // Between two statements of a session its connection was lost.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  const code = sqlStateOf(error);
  if (code !== undefined) return CANNOT_SERVE.test(code) || NETWORK_FAILURES.has(code);
  return typeof error === 'object' && error !== null && LOST.test(messageOf(error));
}

/** Whether the database takes no writes, as a standby does, and the old primary of a failover. */
export function isReadOnly(error: unknown): boolean {
  return sqlStateOf(error) === READ_ONLY;
}

/** The error that a client receives for a fault that passes; undefined for any other error. */
export function passingFault(error: unknown): ServiceError | undefined {
  if (isUnavailable(error)) {
    return new ServiceError(
      'DATABASE_UNAVAILABLE',
      'The database cannot be reached just now: try again.',
    );
  }
  if (isReadOnly(error)) {
    return new ServiceError(
      'READ_ONLY',
      'The database takes no writes just now: nothing was changed, try again. Reading goes on.',
    );
  }
  return undefined;
}

/** The code of an error of the database or the network, wherever it is wrapped; undefined for any other. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  return typeof code === 'string' ? code : sqlStateOf(driverError);
}
