import type { Role } from './roles.js';
import { EVERY_TENANT } from './tenant.js';

/** The sender of a request, and what it may do. */
export interface Caller {
  /** For logs and limits: `key:NAME`, `jwt:SUBJECT`, `jwt` where a token has none, `local` or `anybody`. */
  readonly name: string;
  readonly role: Role;
  /** The one tenant whose portfolios exist for this caller, or `*` for all. */
  readonly tenant: string;
}

/** The caller of commands at the database, which may do everything there. */
export const LOCAL_CALLER: Caller = { name: 'local', role: 'operator', tenant: EVERY_TENANT };

/** The name of a caller whose token has no subject. */
export const UNNAMED_TOKEN = 'jwt';

/** The caller without a credential, where none is required. */
export const ANYBODY: Caller = { name: 'anybody', role: 'operator', tenant: EVERY_TENANT };
