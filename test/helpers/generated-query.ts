import {
  astFromValue,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  print,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

/** What required arguments get, by their type; a new type needs an entry here. */
const VALUES: Readonly<Record<string, unknown>> = {
  UUID: '00000000-0000-4000-8000-000000000099',
  ID: '1',
  RollingWindow: 'THIRTY_DAYS',
  RollingMetric: 'AVERAGE_RETURN',
  AggregateName: 'PORTFOLIO_METRICS_30D_ROLLING',
  LocalDate: '2024-01-10',
};
/** Optional arguments that would else leave everything out, or request too much at once. */
const OPTIONAL: Readonly<Record<string, unknown>> = { minObservations: 1, first: 5 };
/** What every caller may see: days and states of the aggregates, of the rows of all tenants. */
const OPEN_TYPES = new Set(['WindowFreshness']);

export interface Chosen {
  /** For every argument of type UUID, also the optional ones. */
  readonly portfolioId?: string;
}

/** A value for an argument or field of an input, as a literal would have it. */
function valueOf(type: GraphQLInputType, name: string, chosen: Chosen): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, name, chosen);
  if (isListType(type)) return [valueOf(type.ofType, name, chosen)];
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || field.name === 'name',
    );
    return Object.fromEntries(
      fields.map((field) => [field.name, valueOf(field.type, field.name, chosen)]),
    );
  }
  if (type.name === 'UUID' && chosen.portfolioId) return chosen.portfolioId;
  if (name === 'name') return 'Generated';
  if (type.name in VALUES) return VALUES[type.name];
  throw new Error(`no value for ${name}: ${type.name}; add one to VALUES`);
}

function hasUuid(type: GraphQLInputType): boolean {
  const named = getNamedType(type);
  if (isInputObjectType(named)) {
    return Object.values(named.getFields()).some((field) => hasUuid(field.type));
  }
  return named.name === 'UUID';
}

/** Whether a field takes the id of a portfolio somewhere in its arguments. */
export function takesPortfolioId({ args }: GraphQLField<unknown, unknown>): boolean {
  return args.some(({ type }) => hasUuid(type));
}

/** The arguments of a field as text, with parentheses; empty where it needs none. */
export function argumentsOf(
  { args }: Pick<GraphQLField<unknown, unknown>, 'args'>,
  chosen: Chosen = {},
): string {
  const isGiven = (argument: GraphQLArgument): boolean =>
    isRequiredArgument(argument) ||
    argument.name in OPTIONAL ||
    // One of an id and a code has to be given.
    String(argument.type) === 'UUID' ||
    (chosen.portfolioId !== undefined && hasUuid(argument.type));
  const given = args.filter(isGiven).map(({ name, type }) => {
    const value = OPTIONAL[name] ?? valueOf(type, name, chosen);
    return `${name}: ${print(astFromValue(value, type)!)}`;
  });
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

/**
 * Everything below a type that can be selected, without a type inside itself, and without the
 * types that are to be left out.
 */
export function selectionOf(
  type: GraphQLOutputType,
  above: readonly string[] = [],
  left: ReadonlySet<string> = OPEN_TYPES,
): string {
  const named = getNamedType(type);
  if (!isObjectType(named) && !isInterfaceType(named)) return '';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    const { name } = getNamedType(field.type);
    if (left.has(name) || above.includes(name)) return [];
    return `${field.name}${argumentsOf(field)}${selectionOf(field.type, [...above, named.name], left)}`;
  });
  return ` { ${fields.join(' ')} }`;
}

/** The fields that lead from a root type to another type, first to last. */
export type Path = readonly GraphQLField<unknown, unknown>[];

/** Every way from a root type to the type called `target`, none through a type twice. */
export function pathsTo(root: GraphQLObjectType, target: string): Path[] {
  const walk = (type: GraphQLObjectType, seen: readonly string[]): Path[] =>
    Object.values(type.getFields()).flatMap((field) => {
      const named = getNamedType(field.type);
      if (named.name === target) return [[field]];
      if (!isObjectType(named) || seen.includes(named.name)) return [];
      return walk(named, [...seen, named.name]).map((rest) => [field, ...rest]);
    });
  return walk(root, [root.name]);
}

/** Whether a type called `target` is reached anywhere, through interfaces and unions too. */
export function reaches(schema: GraphQLSchema, root: GraphQLObjectType, target: string): boolean {
  const seen = new Set<string>();
  const look = (name: string): boolean => {
    if (name === target) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    const type = schema.getType(name);
    if (!isObjectType(type) && !isInterfaceType(type)) {
      const members = type && 'getTypes' in type ? type.getTypes() : [];
      return members.some((member) => look(member.name));
    }
    const possible = isInterfaceType(type) ? schema.getPossibleTypes(type) : [];
    return [
      ...possible.map((member) => member.name),
      ...Object.values(type.getFields()).map((field) => getNamedType(field.type).name),
    ].some(look);
  };
  return look(root.name);
}

/** The operation that goes a path and takes all there is at its end, with ids as chosen. */
export function operationOf(operation: string, path: Path, chosen: Chosen = {}): string {
  const [end] = path.slice(-1);
  const text = path.reduceRight(
    (below, field) => ` { ${field.name}${argumentsOf(field, chosen)}${below} }`,
    selectionOf(end!.type),
  );
  return `${operation}${text}`;
}
