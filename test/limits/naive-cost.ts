import {
  getNamedType,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  getArgumentValues,
  getDirectiveValues,
  getVariableValues,
} from 'graphql/execution/values.js';
import { fieldCost } from '../../src/limits/cost-model.js';

/**
 * What an operation costs, with every fragment in place of each of its spreads and values as
 * graphql-js has them when it executes. Takes as long as what the document expands to.
 */
export function naiveCost(
  schema: GraphQLSchema,
  { definitions }: DocumentNode,
  given: Record<string, unknown>,
): number {
  const operation = definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION,
  )!;
  const fragment = (name: string): FragmentDefinitionNode =>
    definitions.find(
      (definition): definition is FragmentDefinitionNode =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    )!;
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  if (!coerced) throw new Error(JSON.stringify(errors));

  const costOf = (
    parent: GraphQLObjectType,
    { selections }: SelectionSetNode,
    series: Record<string, unknown>,
  ): number => {
    let total = 0;
    for (const node of selections) {
      if (getDirectiveValues(GraphQLSkipDirective, node, coerced)?.['if'] === true) continue;
      if (getDirectiveValues(GraphQLIncludeDirective, node, coerced)?.['if'] === false) continue;
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const { typeCondition, selectionSet } = fragment(node.name.value);
        total += costOf(
          schema.getType(typeCondition.name.value) as GraphQLObjectType,
          selectionSet,
          series,
        );
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        const name = node.typeCondition?.name.value ?? parent.name;
        total += costOf(schema.getType(name) as GraphQLObjectType, node.selectionSet, series);
      } else {
        const field = parent.getFields()[node.name.value];
        if (!field) {
          total += 1;
          continue;
        }
        const type = getNamedType(field.type);
        const args = getArgumentValues(field, node, coerced);
        const {
          own = () => 1,
          times = () => 1,
          isSeries,
        } = fieldCost(parent.name, field.name, type.name);
        const inside = isSeries ? args : series;
        const below = node.selectionSet
          ? costOf(type as GraphQLObjectType, node.selectionSet, inside)
          : 0;
        total += own(args, series) + times(args, series) * below;
      }
    }
    return total;
  };
  return costOf(schema.getQueryType()!, operation.selectionSet, {});
}
