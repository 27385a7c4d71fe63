import type { GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { FieldAccess } from './allow.js';
import { includesRole, type Role } from './roles.js';
import { rootFields } from './root-fields.js';

/** The role an operation needs, and the field that needs it. */
export interface RequiredRole {
  readonly role: Role;
  readonly field: string;
  /** The field that needs a caller of all tenants; null without one. */
  readonly everyTenant: string | null;
}

const known = new WeakMap<object, RequiredRole>();

/**
 * The highest role that a root field of the operation needs, whether or not a directive skips
 * it. By the operation and not by the field, so that an operation which may not do all of its
 * fields does nothing: a second mutation that is refused would leave the first one done.
 */
export function requiredRole({
  operation,
  fragments,
  parentType,
  fieldName,
}: Pick<GraphQLResolveInfo, 'operation' | 'fragments' | 'parentType' | 'fieldName'>): RequiredRole {
  let required = known.get(operation);
  if (!required) {
    required = { role: 'reader', field: fieldName, everyTenant: null };
    for (const field of rootFields(operation, fragments)) {
      const access = accessOf(parentType, field);
      if (!access) continue;
      if (!includesRole(required.role, access.role)) {
        required = { ...required, role: access.role, field };
      }
      if (access.everyTenant) required = { ...required, everyTenant: field };
    }
    known.set(operation, required);
  }
  return required;
}

/** What a field of a root type declares. */
export function accessOf(type: GraphQLObjectType, field: string): FieldAccess | undefined {
  return type.getFields()[field]?.extensions['access'] as FieldAccess | undefined;
}
