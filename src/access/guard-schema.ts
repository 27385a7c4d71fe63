import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { ServiceError } from '../errors.js';
import { audited, type AccessContext } from './audited.js';
import { accessOf, requiredRole } from './required-role.js';
import { includesRole } from './roles.js';
import { EVERY_TENANT } from './tenant.js';

type Resolver = GraphQLFieldResolver<unknown, AccessContext>;

/**
 * Puts a check of the caller's role in front of every field of Query, Mutation and Subscription,
 * and the audit around every mutation. Once, when the schema is made: fields below cost nothing.
 * Throws when a field does not declare its role, or a mutation what the audit records of it.
 */
export function guardSchema(schema: GraphQLSchema): void {
  const mutation = schema.getMutationType();
  for (const type of rootTypes(schema)) {
    for (const field of Object.values(type.getFields())) {
      const access = accessOf(type, field.name);
      if (!access) throw new Error(`${type.name}.${field.name} does not declare its role: @Allow`);
      const resolve = guarded(field.resolve ?? defaultFieldResolver);
      if (field.subscribe) field.subscribe = guarded(field.subscribe);
      if (type !== mutation) field.resolve = resolve;
      else if (access.describe) field.resolve = audited(resolve, access.describe);
      else throw new Error(`${type.name}.${field.name} does not declare its audit: @Allow`);
    }
  }
}

/** Query, Mutation and Subscription, as far as the schema has them. */
export function rootTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
    (type) => type ?? [],
  );
}

function guarded(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    const { name, role, tenant } = context.caller;
    const required = requiredRole(info);
    if (!includesRole(role, required.role)) {
      throw new ServiceError(
        'FORBIDDEN',
        `${required.field} needs the role ${required.role}, but ${name} has the role ${role}`,
      );
    }
    if (required.everyTenant !== null && tenant !== EVERY_TENANT) {
      throw new ServiceError(
        'FORBIDDEN',
        `${required.everyTenant} concerns all tenants and needs the tenant *, but ${name} has the tenant ${tenant}`,
      );
    }
    return resolve(source, args, context, info);
  };
}
