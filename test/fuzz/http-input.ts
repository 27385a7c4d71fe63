import type { Dice } from './dice.js';
import type { OperationWriter } from './operation.js';
import { anyString } from './strings.js';
import { jsonOf } from './texts.js';

/** A request to the server. */
export interface HttpInput {
  readonly method: 'GET' | 'POST';
  /** What follows the path. */
  readonly search: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Whether a server need not read all of it before it refuses it, and may close the connection. */
export function isTooLong({ body }: HttpInput): boolean {
  return body.length >= TOO_LONG;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const QUERY = '{ portfolios { totalCount } }';
/** More than a body may have. */
const TOO_LONG = 10_000_000;
/** One in so many requests is odd as a request, whatever its operation. */
const ODD = 16;

/** The request with this number: mostly an operation, now and then something that is none. */
export function httpInput(writer: OperationWriter, number: number, dice: Dice): HttpInput {
  if (number % ODD === ODD - 1) return oddInput(dice);
  const { query, variables } = writer.write(number, dice);
  if (dice.chance(0.1) && query.startsWith('query')) {
    const search = `?query=${encoded(query)}&variables=${encoded(variables)}`;
    return { method: 'GET', search, headers: { 'apollo-require-preflight': '1' }, body: '' };
  }
  return post(`{"query":${JSON.stringify(query)},"variables":${variables}}`);
}

function post(body: string | Buffer, headers: HttpInput['headers'] = JSON_TYPE): HttpInput {
  return { method: 'POST', search: '', headers, body };
}

/** The lists of long series, over and over: a short request for a response of any length. */
function amplified(dice: Dice): string {
  const times = dice.pick([3, 20, 49]);
  const many = (field: string): string =>
    Array.from({ length: times }, (_, n) => `${field}${n}: ${field}`).join(' ');
  return `{ portfolios(first: ${dice.pick([1, 5, 200])}) { edges { node {
    rollingSeries(window: THIRTY_DAYS, metrics: [VOLATILITY, SHARPE_RATIO], from: "2013-01-01", to: "2018-12-31") {
      ${many('days')} columns { ${many('values')} }
    }
  } } } }`;
}

/** How many of the first are long, and come seldom. */
const LONG_INPUTS = 3;

/** Requests that are odd in themselves. */
const ODD_INPUTS: readonly ((dice: Dice) => HttpInput)[] = [
  () => post(`{"query":"{ portfolios(search: \\"${'x'.repeat(TOO_LONG)}\\") { totalCount } }"}`),
  () => post(jsonOf({ query: QUERY, variables: { x: 'x'.repeat(TOO_LONG) } })),
  () => post(jsonOf({ query: `# ${'x'.repeat(1_000_000)}\n${QUERY}` })),
  () => post(jsonOf({ query: `{ a: __typename${' b: __typename'.repeat(1000)} }` })),
  () => post(jsonOf({ query: `${'{ node '.repeat(10_000)}${'}'.repeat(10_000)}` })),
  () => post(jsonOf({ query: `query { portfolios(ids: ${'['.repeat(50_000)}` })),
  () => post(jsonOf({ query: `{ portfolios ${'@skip(if: false) '.repeat(500)} { totalCount } }` })),
  () => post(jsonOf({ query: 'query A { ...F } fragment F on Query { ...F }' })),
  () => post(jsonOf({ query: 'query A { __typename } query B { __typename }' })),
  () => post(jsonOf({ query: QUERY, operationName: '__proto__' })),
  () => post(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  () => post(`{"query":"${QUERY}","variables":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`),
  () => post('{"query":"{ __typename }","query":1,"__proto__":{"query":2}}'),
  () => post(''),
  () => post('null'),
  () => post('{}'),
  () => post('[]'),
  () => post(jsonOf([{ query: QUERY }, { query: QUERY }])),
  () => post('{"query":'),
  () => post(Buffer.from([0xff, 0xfe, 0x00, 0x7b])),
  () => post(QUERY, { 'content-type': 'application/graphql' }),
  () => post(`query=${QUERY}`, { 'content-type': 'application/x-www-form-urlencoded' }),
  () => post('x', { 'content-type': 'multipart/form-data; boundary=x' }),
  () => post(jsonOf({ query: QUERY }), { 'content-type': 'text/plain' }),
  () => post(jsonOf({ query: QUERY }), {}),
  () => post(jsonOf({ query: QUERY }), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  () => post(jsonOf({ query: QUERY }), { ...JSON_TYPE, authorization: 'Bearer x'.repeat(500) }),
  (dice) => post(jsonOf({ query: amplified(dice) })),
  (dice) => post(jsonOf({ query: anyString(dice) })),
  (dice) => post(jsonOf({ query: dice.pick([1, true, null, [], {}]) })),
  (dice) => post(jsonOf({ query: QUERY, variables: dice.pick([1, 'x', true, [1], null]) })),
  (dice) => post(jsonOf({ query: QUERY, extensions: dice.pick([1, 'x', [], { a: 1 }]) })),
  (dice) => post(jsonOf({ query: QUERY, operationName: dice.pick([1, [], anyString(dice)]) })),
  (dice) =>
    post(
      jsonOf({
        extensions: {
          persistedQuery: { version: dice.pick([1, 2, 'x']), sha256Hash: anyString(dice) },
        },
      }),
    ),
  (dice) => ({
    method: 'GET',
    search: `?${dice.pick(['query', 'variables', 'extensions', 'operationName', 'x'])}=${encoded(anyString(dice))}`,
    headers: { 'apollo-require-preflight': '1' },
    body: '',
  }),
  () => ({
    method: 'GET',
    search: `?query=%7b%ff&query=${encoded(QUERY)}&variables[a]=1`,
    headers: { 'apollo-require-preflight': '1', 'if-none-match': `W/"x", ${'"'.repeat(100)}` },
    body: '',
  }),
];

function oddInput(dice: Dice): HttpInput {
  const isLong = dice.chance(0.02);
  return dice.pick(isLong ? ODD_INPUTS.slice(0, LONG_INPUTS) : ODD_INPUTS.slice(LONG_INPUTS))(dice);
}

/** For an address, which halves of letters cannot stand in. */
function encoded(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\uFFFD'));
}
