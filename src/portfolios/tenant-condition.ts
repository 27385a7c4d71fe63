import { EVERY_TENANT } from '../access/tenant.js';
import type { Portfolio } from './portfolio.js';

/** Whether a portfolio exists for a caller with this tenant. */
export function isSeenBy({ tenant }: Pick<Portfolio, 'tenant'>, caller: string): boolean {
  return caller === EVERY_TENANT || tenant === caller;
}

/**
 * The condition, in SQL, that the row of portfolios called `alias` exists for a caller; `tenant`
 * is the parameter with the caller's tenant, such as `$1`.
 */
export function existsFor(alias: string, tenant: string): string {
  return `(${tenant}::text = '${EVERY_TENANT}' OR ${alias}.tenant = ${tenant})`;
}
