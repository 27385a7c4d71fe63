import { AGGREGATE_OF_WINDOW, AGGREGATES, ROLLING_WINDOWS } from '../aggregates/registry.js';
import { formatLength } from '../metrics/calendar.js';
import {
  BASES,
  METRIC_NAMES,
  METRICS,
  SHARPE_STANDARD_ERROR,
  type Metric,
} from '../metrics/metrics.js';
import { windowsServing } from './metric-enum.js';

const LENGTHS = ROLLING_WINDOWS.map((window) =>
  formatLength(AGGREGATES[AGGREGATE_OF_WINDOW[window]].length),
).join(', ');

const INTRODUCTION = `# What each metric means

This page is made from the table in [src/metrics/metrics.ts](../src/metrics/metrics.ts): \`npm run docs\`.

All returns, ratios and drawdowns are decimal fractions: 0.01 is one percent. A window ends on \`asOf\` and holds the calendar days in (asOf − W, asOf]: W is one of ${LENGTHS}; a year goes to the same day a year before, 29 February to 28 February. The continuous aggregate gives one row a day: the return r, the value v, the benchmark return b, and the reported beta, alpha and tracking error. A day restated by another pricing pack counts once, with the row recorded last, whole.

- n is the count of returns in the window, rf is \`riskFreeDaily\` (0.0001, one basis point a row, unless the request sets it: for monthly rows give a monthly rate), A is the portfolio's \`periodsPerYear\`: how many of its rows make a year. It is 252, business days, unless set with \`upsertPortfolio\`: 365 suits rows of every day, 52 weekly and 12 monthly ones. Windows and series say which was used, and \`health\` warns where the rows a year are far from it.
- A missing value is left out, never filled. Benchmark metrics use the days that have both r and b, for every term.
- A metric that its data cannot define is null: below its minimum count, or with a zero denominator. It is never NaN or infinite. A defined zero stays 0. A standard deviation is exactly 0 when all values are equal or it is at most 1e-14 of the largest of them.
- \`minObservations\` (series, rankings) turns a value to null when what its metric counts is fewer.
- The default \`asOf\` of the windows may differ, since their aggregates are refreshed at different times: request one \`asOf\` to compare them.

In the snippets for R and pandas, \`r\`, \`b\`, \`v\`, \`beta_1y\`, \`alpha_1y\` and \`tracking_error_1y\` hold the window's values without the missing ones (\`r\` and \`b\` of benchmark metrics: the complete pairs), \`rf\` is \`riskFreeDaily\` and \`A\` is \`periodsPerYear\`. [test/oracles](../test/oracles) has scripts that run.
`;

/** docs/metrics.md, from the table of metrics. */
export function metricsDocument(): string {
  const sections = METRIC_NAMES.map((name) => section(name, METRICS[name], windowsServing(name)));
  const standardError = section('sharpeStandardError', SHARPE_STANDARD_ERROR, ['NINETY_DAYS']);
  return [INTRODUCTION, ...sections, standardError].join('\n');
}

function section(title: string, metric: Metric, windows: readonly string[]): string {
  const { formula, unit, minCount, basis, nullWhen, remark, field, r, pandas } = metric;
  const minimum = `below ${minCount} ${BASES[basis].counts}`;
  return `## ${title}

${formula}
${remark ? `\n${remark}\n` : ''}
- Field: \`${field}\`
- Unit: ${unit}
- Null: ${minimum}${nullWhen ? `, and where ${nullWhen}` : ''}
- Windows: ${windows.join(', ')}
- R: \`${r}\`
- pandas: \`${pandas}\`
`;
}
