import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { fragmentsOf } from '../access/root-fields.js';
import { amountOf, once, product, sum, type Amount, type Run } from './amount.js';
import { fieldCost, type FieldCost } from './cost-model.js';
import { hasVariables, readArguments } from './given-arguments.js';

/** What a selection costs, and the parts that this is made of. */
export interface CostNode {
  /** Of a field; null for a fragment. */
  readonly field: string | null;
  readonly amount: Amount;
  /** How often the parts count. */
  readonly times: Amount;
  readonly parts: readonly CostNode[];
  /** What a request brings to the parts of a series. */
  readonly enter?: (run: Run) => Run;
}

type Selection = Pick<CostNode, 'amount' | 'parts'>;

/**
 * The cost of an operation as far as its document says it; what depends on variables is left open.
 * Each fragment is planned once, so this takes as long as the document is, and not as what it
 * expands to. What is selected twice counts twice. For a document that is valid.
 */
export function planCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CostNode {
  const definitions = fragmentsOf(document);
  const fragments = new Map<string, Selection>();

  const planFragment = (name: string): Selection => {
    let plan = fragments.get(name);
    if (!plan) {
      const { typeCondition, selectionSet } = definitions[name]!;
      const { amount, parts } = planAll(schema.getType(typeCondition.name.value), selectionSet);
      fragments.set(name, (plan = { amount: once(amount), parts }));
    }
    return plan;
  };

  const planField = (parent: GraphQLNamedType | undefined, node: FieldNode): CostNode => {
    const name = node.name.value;
    const field = fieldOf(parent, name);
    const type = field && getNamedType(field.type);
    const { own, times, isSeries, isOfSeries } = field
      ? fieldCost(parent!.name, name, type!.name)
      : NO_COST;
    const amount = (cost: typeof own): Amount => {
      if (!field || !cost) return 1;
      if (isOfSeries) return ({ series }) => cost({}, series);
      if (!hasVariables(node)) return cost(readArguments(field, node, {}), {});
      return ({ variables }) => cost(readArguments(field, node, variables), {});
    };
    const { amount: ofParts, parts } = node.selectionSet
      ? planAll(type, node.selectionSet)
      : { amount: 0, parts: [] };
    const count = amount(times);
    const whole = (below: Amount): Amount => sum([amount(own), product(count, below)]);
    if (!field || !isSeries) return { field: name, amount: whole(ofParts), times: count, parts };
    const enter = ({ variables }: Run): Run => ({
      variables,
      series: readArguments(field, node, variables),
      // What is known of a fragment is known of it in another series.
      known: new Map(),
    });
    const below: Amount = (run) => amountOf(ofParts, enter(run));
    return { field: name, amount: whole(below), times: count, parts, enter };
  };

  const planOne = (parent: GraphQLNamedType | undefined, node: SelectionNode): CostNode => {
    if (node.kind === Kind.FIELD) return planField(parent, node);
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      return { field: null, times: 1, ...planFragment(node.name.value) };
    }
    const type = node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent;
    return { field: null, times: 1, ...planAll(type, node.selectionSet) };
  };

  const planAll = (
    parent: GraphQLNamedType | undefined,
    { selections }: SelectionSetNode,
  ): Selection => {
    const parts = selections.map((node) => {
      const part = planOne(parent, node);
      return { ...part, amount: product(included(node.directives ?? []), part.amount) };
    });
    return { amount: sum(parts.map(({ amount }) => amount)), parts };
  };

  const root = schema.getRootType(operation.operation) ?? undefined;
  return { field: null, times: 1, ...planAll(root, operation.selectionSet) };
}

const NO_COST: FieldCost = {};

function fieldOf(
  parent: GraphQLNamedType | undefined,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

/** 0 where @skip or @include leave something out, else 1. */
function included(directives: readonly DirectiveNode[]): Amount {
  let amount: Amount = 1;
  for (const { name, arguments: given } of directives) {
    const condition = given?.find((argument) => argument.name.value === 'if')?.value;
    if (!condition || (name.value !== 'skip' && name.value !== 'include')) continue;
    amount = product(amount, unless(condition, name.value === 'skip'));
  }
  return amount;
}

/** 0 where the value is the one that leaves something out, else 1. */
function unless(value: ValueNode, leftOut: boolean): Amount {
  if (value.kind === Kind.BOOLEAN) return value.value === leftOut ? 0 : 1;
  if (value.kind !== Kind.VARIABLE) return 1;
  const name = value.name.value;
  return ({ variables }) => (variables[name] === leftOut ? 0 : 1);
}
