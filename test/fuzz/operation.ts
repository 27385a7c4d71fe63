import {
  getNamedType,
  isLeafType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { anyValues } from './arguments.js';
import type { Dice } from './dice.js';
import { jsonOf, literalOf } from './texts.js';

/** The deepest that a selection goes. */
const MAX_LEVELS = 4;
const REFRESHES = /^refresh/;
const WRITES = /^(record|delete)/;
const DELETIONS = /^delete/;
/** What takes long, and has no argument to try or only the name of an aggregate: requested seldom. */
const SELDOM = /^(refresh|health|freshnessReport|aggregateStatus|aggregatePerformance)/;
const SELDOM_SHARE = 0.04;

/** An operation over any field of the schema with any arguments, and its variables as JSON. */
export interface Operation {
  readonly query: string;
  readonly variables: string;
}

/** Writes operations: each root field in turn, so that each has its share. */
export class OperationWriter {
  private readonly roots: readonly { readonly operation: string; readonly field: Field }[];

  constructor(schema: GraphQLSchema) {
    const rootsOf = (
      operation: string,
      type: GraphQLObjectType | null | undefined,
    ): { operation: string; field: Field }[] =>
      Object.values(type?.getFields() ?? {}).map((field) => ({ operation, field }));
    this.roots = [
      ...rootsOf('query', schema.getQueryType()),
      ...rootsOf('mutation', schema.getMutationType()),
      ...rootsOf('subscription', schema.getSubscriptionType()),
    ];
  }

  write(number: number, dice: Dice): Operation {
    let root = this.roots[number % this.roots.length]!;
    while (SELDOM.test(root.field.name) && !dice.chance(SELDOM_SHARE)) root = dice.pick(this.roots);
    const variables: Variables = { types: [], values: [] };
    const selection = selectionOf(root.field, dice, variables, MAX_LEVELS);
    const head = variables.types.length > 0 ? `(${variables.types.join(', ')})` : '';
    return {
      query: `${root.operation} Fuzz${head} { ${selection} }`,
      variables: `{${variables.values.join(',')}}`,
    };
  }
}

type Field = GraphQLField<unknown, unknown>;

interface Variables {
  readonly types: string[];
  readonly values: string[];
}

function selectionOf(field: Field, dice: Dice, variables: Variables, levels: number): string {
  const type = getNamedType(field.type);
  const below =
    isLeafType(type) || !isObjectType(type)
      ? ''
      : ` { ${fieldsOf(type, dice, variables, levels)} }`;
  return `${field.name}${argumentsOf(field, dice, variables)}${below}`;
}

function fieldsOf(
  type: GraphQLObjectType,
  dice: Dice,
  variables: Variables,
  levels: number,
): string {
  const fields = Object.values(type.getFields());
  if (dice.chance(0.02)) return aliasesOf(dice.pick(fields), dice, variables, levels);
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)));
  const others = levels > 1 ? fields.filter((field) => !leaves.includes(field)) : [];
  const chosen = [...dice.some(leaves, 0.3), ...(others.length > 0 ? dice.some(others, 0.25) : [])];
  const texts = chosen.map((field) => selectionOf(field, dice, variables, levels - 1));
  return texts.length > 0 ? texts.join(' ') : '__typename';
}

/** The same field many times over, which must not give many times what it costs. */
function aliasesOf(field: Field, dice: Dice, variables: Variables, levels: number): string {
  const selection = selectionOf(field, dice, variables, levels - 1);
  const count = dice.pick([2, 30, 99]);
  return Array.from({ length: count }, (_, n) => `a${n}: ${selection}`).join(' ');
}

function argumentsOf({ args, name }: Field, dice: Dice, variables: Variables): string {
  if (args.length === 0) return '';
  const values = anyValues(args, dice);
  // Waiting for refreshes is for other tests.
  if (REFRESHES.test(name) && dice.chance(0.9)) values['wait'] = false;
  if (WRITES.test(name) && dice.chance(0.98)) values['refresh'] = false;
  // Else there would soon be nothing left to request.
  if (DELETIONS.test(name) && dice.chance(0.95)) values['dryRun'] = true;
  const texts = Object.entries(values).map(([argument, value]) => {
    const type = args.find((arg) => arg.name === argument)?.type;
    if (!type || dice.chance(0.5)) return `${argument}: ${literalOf(value)}`;
    const variable = `v${variables.types.length}`;
    // Where an argument has a default, its variable may be null although it must not be.
    const hasDefault = args.find((arg) => arg.name === argument)?.defaultValue !== undefined;
    const isNullable = hasDefault && dice.chance(0.2);
    const text = isNullable ? String(type).replace(/!$/, '') : String(type);
    variables.types.push(`$${variable}: ${text}`);
    const given = isNullable && dice.chance(0.3) ? null : value;
    variables.values.push(`"${variable}":${jsonOf(given)}`);
    return `${argument}: $${variable}`;
  });
  return texts.length > 0 ? `(${texts.join(', ')})` : '';
}
