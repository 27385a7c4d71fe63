import type { Dice } from './dice.js';

/** An operation whose outcome is known. */
export interface KnownOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The code of its error; null: it has none. */
  readonly expected: string | null;
}

/** Portfolios that nothing else changes, beside different benchmarks; the first has a row. */
const [RECORDED, EMPTY] = [
  '7e570000-0000-4000-8000-000000000001',
  '7e570000-0000-4000-8000-000000000002',
];
const BENCHMARK = 'fuzz-a';

/** To be run before any of the operations. */
export const PREPARATION = `mutation {
  a: upsertPortfolio(input: { id: "${RECORDED}", name: "A", baseCurrency: "USD", benchmarkId: "${BENCHMARK}" }) { id }
  b: upsertPortfolio(input: { id: "${EMPTY}", name: "B", benchmarkId: "fuzz-b" }) { id }
  recordDailyMetrics(rows: [{ portfolioId: "${RECORDED}", asofDate: "2018-05-11", twr1d: 0.01 }], refresh: false) { inserted }
}`;

const UPSERT =
  'mutation ($input: PortfolioInput!) { upsertPortfolio(input: $input) { id name baseCurrency } }';

interface Case {
  readonly query: string;
  /** Variables with which it succeeds. */
  readonly right: readonly KnownOperation['variables'][];
  /** Variables with which it is BAD_USER_INPUT. */
  readonly wrong: readonly KnownOperation['variables'][];
}

const inputs = (id: string, field: string, values: readonly unknown[]): Case['right'] =>
  values.map((value) => ({ input: { id, [field]: value } }));
const rates = (...values: readonly number[]): Case['right'] => values.map((r) => ({ r }));
const rows = (...values: readonly object[]): Case['right'] =>
  values.map((row) => ({
    rows: [{ portfolioId: RECORDED, asofDate: '2018-05-11', twr1d: 0.01, ...row }],
  }));

const CASES: readonly Case[] = [
  {
    query: `query ($r: Float!) { portfolio(id: "${RECORDED}") { rolling90d(riskFreeDaily: $r) { sharpeRatio } } }`,
    right: rates(0, 0.01, -0.01),
    wrong: rates(0.0101, -0.02, 1, -1e308),
  },
  {
    query: `query ($from: LocalDate!, $to: LocalDate!) { portfolio(id: "${RECORDED}") {
      rollingSeries(window: THIRTY_DAYS, metrics: [VOLATILITY], from: $from, to: $to) { days } } }`,
    right: [{ from: '2018-05-11', to: '2018-05-11' }],
    wrong: [{ from: '2018-05-12', to: '2018-05-11' }],
  },
  {
    query: 'query ($first: Int) { portfolios(first: $first) { totalCount } }',
    right: [{}, { first: 1 }],
    wrong: [{ first: null }, { first: 0 }],
  },
  {
    query: `query ($metric: RollingMetric!, $benchmark: String) {
      ranking(metric: $metric, window: ONE_YEAR, benchmarkId: $benchmark) { total } }`,
    right: [
      { metric: 'AVERAGE_BETA', benchmark: BENCHMARK },
      { metric: 'VOLATILITY', benchmark: null },
    ],
    wrong: ['BETA', 'AVERAGE_BETA', 'AVERAGE_ALPHA', 'AVERAGE_TRACKING_ERROR'].map((metric) => ({
      metric,
    })),
  },
  {
    query: UPSERT,
    right: [
      ...inputs(RECORDED, 'baseCurrency', ['USD']),
      ...inputs(RECORDED, 'benchmarkId', [BENCHMARK]),
      ...inputs(EMPTY, 'baseCurrency', ['EUR', 'CHF', 'JPY']),
    ],
    wrong: [
      ...inputs(RECORDED, 'baseCurrency', ['EUR']),
      ...inputs(RECORDED, 'benchmarkId', ['fuzz-b', null]),
      ...inputs(EMPTY, 'baseCurrency', ['eur', 'ZZZ', '', null]),
    ],
  },
  {
    query: UPSERT,
    right: inputs(EMPTY, 'name', ['B', '#b', '👩‍👩‍👧‍👦']),
    wrong: [
      ...inputs(EMPTY, 'name', ['', ' ', '\u00a0\u200b', 'half \ud83d', 'a\0b']),
      ...inputs(EMPTY, 'tenant', ['half \ud83d', '*', '']),
    ],
  },
  {
    query:
      'mutation ($rows: [DailyMetricsInput!]!) { recordDailyMetrics(rows: $rows, refresh: false) { unchanged } }',
    right: rows({}, { twr1d: -1 }, { asofDate: '1900-01-01' }),
    wrong: rows(
      { twr1d: -1.0001 },
      { asofDate: '1899-12-31' },
      { asofDate: '2999-01-01' },
      { pricingPackId: 'half \ud83d' },
    ),
  },
];

export function knownOperation(dice: Dice): KnownOperation {
  const { query, right, wrong } = dice.pick(CASES);
  return dice.chance(0.3)
    ? { query, variables: dice.pick(right), expected: null }
    : { query, variables: dice.pick(wrong), expected: 'BAD_USER_INPUT' };
}
