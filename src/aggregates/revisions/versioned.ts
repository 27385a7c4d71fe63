import type { GraphQLObjectType } from 'graphql';
import { Extensions } from 'type-graphql';

/**
 * Declares that the answer of a field of Query, all that can be asked below it included, hangs on
 * nothing but its arguments, its caller's tenant and the present Reading: not on the time of day,
 * nor on a table without a count of writes. Such answers are tagged by the reading, and given again
 * as they are while it lasts.
 */
export function Versioned(): MethodDecorator {
  return Extensions({ versioned: true });
}

/** Whether a field of Query declares it; __typename always says the same. */
export function isVersioned(query: GraphQLObjectType, field: string): boolean {
  return field === '__typename' || query.getFields()[field]?.extensions['versioned'] === true;
}
