import { EVERY_TENANT } from '../access/tenant.js';

/**
 * The condition, in SQL, that the row of portfolios called `alias` exists for a caller; `tenant`
 * is the parameter with the caller's tenant, such as `$1`.
 */
export function existsFor(alias: string, tenant: string): string {
  return `(${tenant}::text = '${EVERY_TENANT}' OR ${alias}.tenant = ${tenant})`;
}
