import type { Role } from './roles.js';
import { EVERY_TENANT } from './tenant.js';

/** Who asks, and what they may. */
export interface Caller {
  /** For logs and limits: `key:NAME`, `jwt:SUBJECT`, `jwt` where a token has none, `local` or `anybody`. */
  readonly name: string;
  readonly role: Role;
  /** The one tenant whose portfolios exist for this caller, or `*` for all. */
  readonly tenant: string;
}

/** Who gives commands where the database is: whoever can do that can do everything. */
export const LOCAL_CALLER: Caller = { name: 'local', role: 'operator', tenant: EVERY_TENANT };

/** The name of whoever has a token without a subject. */
export const UNNAMED_TOKEN = 'jwt';

/** Who asks without a credential where none is required. */
export const ANYBODY: Caller = { name: 'anybody', role: 'operator', tenant: EVERY_TENANT };
