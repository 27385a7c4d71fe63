import {
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import type { Turns } from '../async/turns.js';

/**
 * Has every list of numbers or texts wait for a turn of the event loop, as the days and values of
 * a series: one of ten thousand takes milliseconds, and a query may select it many times.
 */
export function giveTurns(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve || !isListOfLeaves(field.type)) continue;
      field.resolve = (source: Record<string, unknown>, _args, { turns }: { turns: Turns }) =>
        turns.with(source[field.name]);
    }
  }
}

function isListOfLeaves(type: GraphQLOutputType): boolean {
  const list = getNullableType(type);
  return isListType(list) && isLeafType(getNullableType(list.ofType));
}
