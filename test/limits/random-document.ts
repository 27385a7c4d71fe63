import {
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

/** A number from 0 up to, not including, `below`. */
export type Draw = (below: number) => number;

/** What the arguments get: literals, or variables of a type, with values that requests may give. */
const GIVEN: Readonly<Record<string, readonly [literal: string, type: string][]>> = {
  first: [
    ['7', 'Int'],
    ['200', 'Int! = 150'],
    ['3', 'Int = 40'],
  ],
  ids: [
    ['[]', '[UUID!]'],
    ['"00000000-0000-4000-8000-000000000001"', '[UUID!]'],
    ['null', '[UUID!] = ["00000000-0000-4000-8000-000000000002"]'],
  ],
  id: [['"00000000-0000-4000-8000-000000000001"', 'UUID!']],
  window: [
    ['THIRTY_DAYS', 'RollingWindow!'],
    ['ONE_YEAR', 'RollingWindow! = SIXTY_DAYS'],
  ],
  metric: [['VOLATILITY', 'RollingMetric!']],
  metrics: [
    ['[VOLATILITY, SHARPE_RATIO]', '[RollingMetric!]!'],
    ['BETA', '[RollingMetric!]! = [BETA, ALPHA, BETA]'],
  ],
  from: [['"2015-03-01"', 'LocalDate!']],
  to: [
    ['"2018-05-11"', 'LocalDate!'],
    ['"1999-01-01"', 'LocalDate! = "2016-02-29"'],
  ],
};
/** What requests give for variables of a type; undefined: nothing. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  Int: [1, 50, 10_000, -3, undefined],
  'Int!': [1, 200],
  '[UUID!]': [null, [], ['00000000-0000-4000-8000-000000000003'], undefined],
  'UUID!': ['00000000-0000-4000-8000-000000000004'],
  'RollingWindow!': ['NINETY_DAYS', 'ONE_YEAR'],
  'RollingMetric!': ['BETA'],
  '[RollingMetric!]!': [['BETA', 'ALPHA'], 'VOLATILITY', []],
  'LocalDate!': ['2016-12-31', '2017-01-01'],
  'Boolean!': [true, false],
};
const FRAGMENT_TYPES = ['PortfolioConnection', 'Portfolio', 'RollingMetrics', 'Rolling1yMetrics'];
const FRAGMENTS_A_TYPE = 3;

export interface RandomDocument {
  readonly text: string;
  readonly variables: Record<string, unknown>;
}

/** A query that is valid, with fragments in fragments, variables, defaults and directives. */
export function randomDocument(schema: GraphQLSchema, draw: Draw): RandomDocument {
  const definitions: string[] = [];
  const variables: Record<string, unknown> = {};
  let aliases = 0;
  const chance = (percent: number): boolean => draw(100) < percent;
  const oneOf = <Value>(values: readonly Value[]): Value => values[draw(values.length)]!;

  const variable = (type: string): string => {
    const name = `v${definitions.length}`;
    definitions.push(`$${name}: ${type}`);
    const values = [...VALUES[type.split(' = ')[0]!]!, ...(type.includes('=') ? [undefined] : [])];
    const value = oneOf(values);
    if (value !== undefined) variables[name] = value;
    return `$${name}`;
  };
  const directive = (): string => {
    if (chance(80)) return '';
    const condition = chance(50)
      ? oneOf(['true', 'false'])
      : variable(oneOf(['Boolean!', 'Boolean! = false', 'Boolean! = true']));
    return ` @${oneOf(['skip', 'include'])}(if: ${condition})`;
  };
  const argumentsOf = (field: GraphQLField<unknown, unknown>): string => {
    const given = field.args.flatMap(({ name, type }) => {
      const choices = GIVEN[name];
      if (!choices || (!String(type).endsWith('!') && chance(30))) return [];
      if (name === 'first' && chance(30)) return [];
      const [literal, typeOfVariable] = oneOf(choices);
      return [`${name}: ${chance(50) ? literal : variable(typeOfVariable)}`];
    });
    return given.length > 0 ? `(${given.join(', ')})` : '';
  };
  /** Fragments spread those with greater numbers only. */
  const selection = (type: GraphQLNamedType, depth: number, after: number): string => {
    if (!isObjectType(type) && !isInterfaceType(type))
      throw new Error(`${type.name} has no fields`);
    const fields = Object.values(type.getFields()).filter(
      (field) => depth > 0 || isLeafType(getNamedType(field.type)),
    );
    const parts = [`n${(aliases += 1)}: __typename`];
    for (let count = 1 + draw(3); count > 0; count -= 1) {
      if (fields.length > 0) parts.push(fieldOf(oneOf(fields), depth, after));
      if (depth > 0 && chance(20)) {
        parts.push(
          `...${chance(50) ? ` on ${type.name}` : ''}${directive()} ${selection(type, depth - 1, after)}`,
        );
      }
      for (let next = after + 1; next < FRAGMENTS_A_TYPE; next += 1) {
        if (FRAGMENT_TYPES.includes(type.name) && chance(40)) {
          parts.push(`...${type.name}${next}${directive()}`);
        }
      }
    }
    return `{ ${parts.join(' ')} }`;
  };
  const fieldOf = (field: GraphQLField<unknown, unknown>, depth: number, after: number): string => {
    const type = getNamedType(field.type);
    const below = isLeafType(type) ? '' : ` ${selection(type, depth - 1, after)}`;
    return `f${(aliases += 1)}: ${field.name}${argumentsOf(field)}${directive()}${below}`;
  };

  const query = schema.getQueryType()!;
  const root = Array.from({ length: 3 }, () =>
    fieldOf(query.getFields()[oneOf(['portfolio', 'portfolios', 'ranking'])]!, 5, -1),
  ).join(' ');
  const fragments = FRAGMENT_TYPES.flatMap((name) =>
    Array.from(
      { length: FRAGMENTS_A_TYPE },
      (_, number) =>
        `fragment ${name}${number} on ${name} ${selection(schema.getType(name)!, 2, number)}`,
    ),
  );
  const head = definitions.length > 0 ? `(${definitions.join(', ')})` : '';
  return { text: `query${head} { ${root} } ${fragments.join(' ')}`, variables };
}
