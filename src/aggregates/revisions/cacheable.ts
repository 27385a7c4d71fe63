import type { GraphQLObjectType } from 'graphql';
import { Extensions } from 'type-graphql';

/**
 * Declares that the response of a field of Query, all that can be selected below it included,
 * depends on nothing but its arguments, the caller's tenant and role, and what its resolvers record
 * as Dependencies: not on the time of day, nor on a table that records no changes.
 */
export function Cacheable(): MethodDecorator {
  return Extensions({ cacheable: true });
}

/** Whether a field of Query declares it; __typename is always the same. */
export function isCacheable(query: GraphQLObjectType, field: string): boolean {
  return field === '__typename' || query.getFields()[field]?.extensions['cacheable'] === true;
}
