import {
  Kind,
  valueFromASTUntyped,
  visit,
  type FieldNode,
  type GraphQLField,
  type OperationDefinitionNode,
} from 'graphql';

/** The arguments of a field as they are given, defaults included; what is absent is undefined. */
export type GivenArguments = Readonly<Record<string, unknown>>;

type Variables = Readonly<Record<string, unknown>>;

/**
 * Reads the arguments of a field. Nothing is checked or converted: where a value is wrong the
 * field's resolver never runs.
 */
export function readArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): GivenArguments {
  const given: Record<string, unknown> = {};
  for (const { name, defaultValue } of field.args) given[name] = defaultValue;
  for (const { name, value } of node.arguments ?? []) {
    const found = valueFromASTUntyped(value, variables);
    // A variable that is not given leaves the argument's default.
    if (found !== undefined) given[name.value] = found;
  }
  return given;
}

/** Whether the arguments of a field depend on variables. */
export function hasVariables({ arguments: given = [] }: FieldNode): boolean {
  let found = false;
  for (const argument of given) {
    visit(argument, {
      [Kind.VARIABLE]() {
        found = true;
      },
    });
  }
  return found;
}

/** The variables of an operation as a request gives them, its own defaults for the others. */
export function createVariables({
  variableDefinitions = [],
}: OperationDefinitionNode): (given: Variables | undefined) => Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  );
  const names = variableDefinitions.map(({ variable }) => variable.name.value);
  return (given = {}) => {
    // Without a prototype: a variable may be called `constructor`.
    const variables = Object.create(null) as Record<string, unknown>;
    for (const [name, value] of defaults) variables[name] = value;
    for (const name of names) if (Object.hasOwn(given, name)) variables[name] = given[name];
    return variables;
  };
}
