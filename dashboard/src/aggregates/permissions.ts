import type { CallerQuery } from '../../../client/src/index.js';

export type Caller = CallerQuery['caller'];

/** Why a caller may not refresh; undefined where it may. */
export function refreshRefusal({ role }: Caller): string | undefined {
  return role === 'OPERATOR'
    ? undefined
    : `Refreshing needs the role operator; this key has the role ${role.toLowerCase()}.`;
}

/** Why a caller may not change refresh policies; undefined where it may. */
export function policyRefusal({ role, tenant }: Caller): string | undefined {
  if (role !== 'OPERATOR') {
    return `Changing policies needs the role operator; this key has the role ${role.toLowerCase()}.`;
  }
  return tenant === '*'
    ? undefined
    : `Policies concern all tenants: changing them needs a key with the tenant *; this one has the tenant ${tenant}.`;
}
