import type { DailyColumn } from './daily-series.js';
import type { PartialName, Partials } from './partials.js';

/** A, unless a portfolio has its own: business days a year, with which figures of rows are annualised. */
export const DEFAULT_PERIODS_PER_YEAR = 252;

/** What a metric is computed with, besides the days of its window. */
export interface MetricTerms {
  /** rf: decimal fraction per day. */
  readonly riskFreeDaily: number;
  /** A: how many rows of the portfolio make a year. */
  readonly periodsPerYear: number;
}

interface BasisOfMetrics {
  readonly columns: readonly DailyColumn[];
  readonly counts: string;
  /** Portfolios with different benchmarks cannot be compared by it. */
  readonly isAgainstBenchmark?: true;
}

/** What a metric is computed from: the columns it needs and the partial whose count it goes by. */
export const BASES = {
  returns: { columns: ['returns'], counts: 'daily returns' },
  values: { columns: ['values'], counts: 'values' },
  pairs: {
    columns: ['returns', 'benchmarkReturns'],
    counts: 'days with both a return and a benchmark return',
    isAgainstBenchmark: true,
  },
  reportedBetas: {
    columns: ['reportedBetas'],
    counts: 'reported betas',
    isAgainstBenchmark: true,
  },
  reportedAlphas: {
    columns: ['reportedAlphas'],
    counts: 'reported alphas',
    isAgainstBenchmark: true,
  },
  reportedTrackingErrors: {
    columns: ['reportedTrackingErrors'],
    counts: 'reported tracking errors',
    isAgainstBenchmark: true,
  },
} as const satisfies Partial<Record<PartialName, BasisOfMetrics>>;
export type Basis = keyof typeof BASES;

/** Everything that is to be known of one metric. Its entry in METRICS is the metric's only home. */
export interface Metric {
  /** The GraphQL field of the window types, camelCase. */
  readonly field: string;
  readonly basis: Basis;
  /** Fewer observations of the basis than this, and the metric is null. */
  readonly minCount: number;
  /** The partials it is read from. */
  readonly partials: readonly PartialName[];
  readonly unit: string;
  readonly formula: string;
  /** What its name does not say: source, convention, traps. */
  readonly remark?: string;
  /** When it is null, beyond the minimum count. */
  readonly nullWhen?: string;
  /** The same number from R, given the window's rows as vectors. */
  readonly r: string;
  /** The same number from pandas, given the window's rows as Series. */
  readonly pandas: string;
  /** Not finite where the data cannot define it. */
  readonly value: (partials: Partials, terms: MetricTerms) => number;
}

type Fields = Omit<Metric, 'partials' | 'value'>;

function metric<Name extends PartialName>(
  partials: readonly Name[],
  value: (partials: Pick<Partials, Name>, terms: MetricTerms) => number,
  fields: Fields,
): Metric {
  return { ...fields, partials, value };
}

const RETURN_METRIC = { basis: 'returns' } as const;
const PAIR_METRIC = { basis: 'pairs', minCount: 2 } as const;
const VALUE_METRIC = { basis: 'values', minCount: 1 } as const;
const CURRENCY = "in the portfolio's base currency";

/** The metrics, by the name they have in the RollingMetric enum; in the formulas A is `periodsPerYear`. */
export const METRICS = {
  AVERAGE_RETURN: metric(['returns'], ({ returns }) => returns.mean, {
    ...RETURN_METRIC,
    field: 'averageReturn',
    minCount: 1,
    unit: 'decimal fraction per day',
    formula: 'mean(r)',
    remark: 'Arithmetic mean of the daily returns.',
    r: 'mean(r)',
    pandas: 'r.mean()',
  }),
  CUMULATIVE_RETURN: metric(['wealth'], ({ wealth }) => wealth.growth - 1, {
    ...RETURN_METRIC,
    field: 'cumulativeReturn',
    minCount: 1,
    unit: 'decimal fraction over the window, never annualised',
    formula: 'Π(1 + r) − 1',
    remark: 'The daily returns compounded.',
    r: 'prod(1 + r) - 1',
    pandas: '(1 + r).prod() - 1',
  }),
  RETURN_STANDARD_DEVIATION: metric(['returns'], ({ returns }) => returns.standardDeviation, {
    ...RETURN_METRIC,
    field: 'returnStandardDeviation',
    minCount: 2,
    unit: 'decimal fraction per day',
    formula: 's = √(Σ(r − mean(r))² / (n − 1))',
    remark: 'Sample standard deviation of the daily returns; exactly 0 for a constant series.',
    r: 'sd(r)',
    pandas: 'r.std()',
  }),
  VOLATILITY: metric(
    ['returns'],
    ({ returns }, terms) => returns.standardDeviation * rootOf(terms),
    {
      ...RETURN_METRIC,
      field: 'volatility',
      minCount: 2,
      unit: 'decimal fraction, annualised',
      formula: 's · √A',
      remark: 'PerformanceAnalytics: StdDev.annualized(r, scale = A).',
      r: 'sd(r) * sqrt(A)',
      pandas: 'r.std() * A**0.5',
    },
  ),
  SHARPE_RATIO: metric(
    ['returns'],
    ({ returns }, terms) =>
      ((returns.mean - terms.riskFreeDaily) / returns.standardDeviation) * rootOf(terms),
    {
      ...RETURN_METRIC,
      field: 'sharpeRatio',
      minCount: 2,
      unit: 'ratio, annualised',
      formula: '(mean(r) − rf) / s · √A',
      remark:
        'PerformanceAnalytics: SharpeRatio.annualized(r, Rf = rf, scale = A, geometric = FALSE).',
      nullWhen: 's is 0',
      r: '(mean(r) - rf) / sd(r) * sqrt(A)',
      pandas: '(r.mean() - rf) / r.std() * A**0.5',
    },
  ),
  SORTINO_RATIO: metric(
    ['returns', 'downside'],
    ({ returns, downside }, terms) =>
      ((returns.mean - terms.riskFreeDaily) * terms.periodsPerYear) /
      downsideDeviation({ downside }, terms),
    {
      ...RETURN_METRIC,
      field: 'sortinoRatio',
      minCount: 1,
      unit: 'ratio, annualised',
      formula: '(mean(r) − rf) · A / DOWNSIDE_DEVIATION',
      remark: 'PerformanceAnalytics: SortinoRatio(r, MAR = rf) · √A.',
      nullWhen: 'the downside deviation is 0',
      r: '(mean(r) - rf) * A / (sqrt(sum(pmin(r - rf, 0)^2) / length(r)) * sqrt(A))',
      pandas: '(r.mean() - rf) * A / (((r - rf).clip(upper=0)**2).mean()**0.5 * A**0.5)',
    },
  ),
  DOWNSIDE_DEVIATION: metric(['downside'], downsideDeviation, {
    ...RETURN_METRIC,
    field: 'downsideDeviation',
    minCount: 1,
    unit: 'decimal fraction, annualised',
    formula: '√(Σ min(r − rf, 0)² / n) · √A',
    remark:
      'Over all n returns. PerformanceAnalytics: DownsideDeviation(r, MAR = rf, method = "full") · √A.',
    r: 'sqrt(sum(pmin(r - rf, 0)^2) / length(r)) * sqrt(A)',
    pandas: '((r - rf).clip(upper=0)**2).mean()**0.5 * A**0.5',
  }),
  MAX_DRAWDOWN: metric(['wealth'], ({ wealth }) => wealth.worst - 1, {
    ...RETURN_METRIC,
    field: 'maxDrawdown',
    minCount: 1,
    unit: 'decimal fraction, ≤ 0',
    formula: 'min(index / running maximum of index) − 1, the index compounding r from 1',
    remark:
      "The worst fall of a wealth index that starts at 1 before the window's first return. From returns, so deposits and withdrawals do not distort it. PerformanceAnalytics: maxDrawdown(r, invert = FALSE).",
    r: 'min(c(1, cumprod(1 + r)) / cummax(c(1, cumprod(1 + r)))) - 1',
    pandas: 'min(0, ((1 + r).cumprod() / (1 + r).cumprod().cummax().clip(lower=1) - 1).min())',
  }),
  CURRENT_DRAWDOWN: metric(['wealth'], ({ wealth }) => wealth.current - 1, {
    ...RETURN_METRIC,
    field: 'currentDrawdown',
    minCount: 1,
    unit: 'decimal fraction, ≤ 0',
    formula:
      'index / running maximum of index − 1 at the last return, the index compounding r from 1',
    remark: 'How far the same wealth index stands below its maximum within the window.',
    r: 'tail(c(1, cumprod(1 + r)) / cummax(c(1, cumprod(1 + r))), 1) - 1',
    pandas: '((1 + r).cumprod() / (1 + r).cumprod().cummax().clip(lower=1) - 1).iloc[-1]',
  }),
  CALMAR_RATIO: metric(['wealth'], calmarRatio, {
    ...RETURN_METRIC,
    field: 'calmarRatio',
    minCount: 1,
    unit: 'ratio, annualised',
    formula: '((Π(1 + r))^(A / n) − 1) / |MAX_DRAWDOWN|',
    remark:
      'The compounded return a year over the worst drawdown of the same window: Young, "Calmar Ratio: A Smoother Tool" (1991), there over three years. Over a short window it compounds few days to a year. PerformanceAnalytics: CalmarRatio(r, scale = A).',
    nullWhen: 'MAX_DRAWDOWN is 0 or Π(1 + r) is negative',
    r: '(prod(1 + r)^(A / length(r)) - 1) / -(min(c(1, cumprod(1 + r)) / cummax(c(1, cumprod(1 + r)))) - 1)',
    pandas:
      '((1 + r).prod()**(A / r.count()) - 1) / -min(0, ((1 + r).cumprod() / (1 + r).cumprod().cummax().clip(lower=1) - 1).min())',
  }),
  PEAK_VALUE: metric(['values'], ({ values }) => values.max, {
    ...VALUE_METRIC,
    field: 'peakValue',
    unit: CURRENCY,
    formula: 'max(v)',
    remark: 'The largest value in the window.',
    r: 'max(v)',
    pandas: 'v.max()',
  }),
  TROUGH_VALUE: metric(['values'], ({ values }) => values.min, {
    ...VALUE_METRIC,
    field: 'troughValue',
    unit: CURRENCY,
    formula: 'min(v)',
    remark: 'The smallest value in the window.',
    r: 'min(v)',
    pandas: 'v.min()',
  }),
  DRAWDOWN: metric(
    ['values'],
    ({ values }) => (values.max > 0 ? (values.max - values.min) / values.max : NaN),
    {
      ...VALUE_METRIC,
      field: 'drawdown',
      unit: 'decimal fraction, ≥ 0',
      formula: '(max(v) − min(v)) / max(v)',
      remark:
        'Of values in any order, so deposits and withdrawals count; MAX_DRAWDOWN and CURRENT_DRAWDOWN are of returns and ≤ 0.',
      nullWhen: 'max(v) is not above 0',
      r: '(max(v) - min(v)) / max(v)',
      pandas: '(v.max() - v.min()) / v.max()',
    },
  ),
  BETA: metric(['pairs'], beta, {
    ...PAIR_METRIC,
    field: 'beta',
    unit: 'ratio',
    formula: 'cov(r, b) / var(b)',
    remark: 'PerformanceAnalytics: CAPM.beta(r, b).',
    nullWhen: 'var(b) is 0',
    r: 'cov(r, b) / var(b)',
    pandas: 'r.cov(b) / b.var()',
  }),
  ALPHA: metric(
    ['pairs'],
    ({ pairs }, { riskFreeDaily: rf, periodsPerYear }) =>
      periodsPerYear * (pairs.returns.mean - rf - beta({ pairs }) * (pairs.benchmark.mean - rf)),
    {
      ...PAIR_METRIC,
      field: 'alpha',
      unit: 'decimal fraction, annualised arithmetically',
      formula: 'A · [(mean(r) − rf) − BETA · (mean(b) − rf)]',
      remark:
        "Jensen's alpha. PerformanceAnalytics: A · CAPM.alpha(r, b, Rf = rf), not CAPM.jensenAlpha.",
      nullWhen: 'var(b) is 0',
      r: 'A * ((mean(r) - rf) - cov(r, b) / var(b) * (mean(b) - rf))',
      pandas: 'A * ((r.mean() - rf) - r.cov(b) / b.var() * (b.mean() - rf))',
    },
  ),
  TRACKING_ERROR: metric(
    ['activeReturns'],
    ({ activeReturns }, terms) => activeReturns.standardDeviation * rootOf(terms),
    {
      ...PAIR_METRIC,
      field: 'trackingError',
      unit: 'decimal fraction, annualised',
      formula: 'sample standard deviation of (r − b) · √A',
      remark: 'PerformanceAnalytics: TrackingError(r, b, scale = A) on complete pairs.',
      r: 'sd(r - b) * sqrt(A)',
      pandas: '(r - b).std() * A**0.5',
    },
  ),
  INFORMATION_RATIO: metric(
    ['activeReturns'],
    ({ activeReturns }, terms) =>
      (terms.periodsPerYear * activeReturns.mean) /
      (activeReturns.standardDeviation * rootOf(terms)),
    {
      ...PAIR_METRIC,
      field: 'informationRatio',
      unit: 'ratio, annualised',
      formula: 'A · mean(r − b) / TRACKING_ERROR',
      remark:
        'PerformanceAnalytics: InformationRatio(r, b, scale = A, geometric = FALSE) on complete pairs.',
      nullWhen: 'the tracking error is 0',
      r: 'A * mean(r - b) / (sd(r - b) * sqrt(A))',
      pandas: 'A * (r - b).mean() / ((r - b).std() * A**0.5)',
    },
  ),
  CORRELATION: metric(['pairs'], correlation, {
    ...PAIR_METRIC,
    field: 'correlation',
    unit: 'ratio in [−1, 1]',
    formula: 'cov(r, b) / (sd(r) · sd(b))',
    remark: "Pearson's.",
    nullWhen: 'either variance is 0',
    r: 'cor(r, b)',
    pandas: 'r.corr(b)',
  }),
  R_SQUARED: metric(['pairs'], (partials) => correlation(partials) ** 2, {
    ...PAIR_METRIC,
    field: 'rSquared',
    unit: 'ratio in [0, 1]',
    formula: 'CORRELATION²',
    nullWhen: 'either variance is 0',
    r: 'cor(r, b)^2',
    pandas: 'r.corr(b)**2',
  }),
  AVERAGE_BETA: metric(['reportedBetas'], ({ reportedBetas }) => reportedBetas.mean, {
    basis: 'reportedBetas',
    field: 'averageBeta',
    minCount: 1,
    unit: 'ratio',
    formula: 'mean(beta_1y)',
    remark: 'Mean of the betas reported with the rows; BETA is computed from the returns.',
    r: 'mean(beta_1y)',
    pandas: 'beta_1y.mean()',
  }),
  AVERAGE_ALPHA: metric(['reportedAlphas'], ({ reportedAlphas }) => reportedAlphas.mean, {
    basis: 'reportedAlphas',
    field: 'averageAlpha',
    minCount: 1,
    unit: 'as reported',
    formula: 'mean(alpha_1y)',
    remark: 'Mean of the alphas reported with the rows; ALPHA is computed from the returns.',
    r: 'mean(alpha_1y)',
    pandas: 'alpha_1y.mean()',
  }),
  AVERAGE_TRACKING_ERROR: metric(
    ['reportedTrackingErrors'],
    ({ reportedTrackingErrors }) => reportedTrackingErrors.mean,
    {
      basis: 'reportedTrackingErrors',
      field: 'averageTrackingError',
      minCount: 1,
      unit: 'as reported',
      formula: 'mean(tracking_error_1y)',
      remark:
        'Mean of the tracking errors reported with the rows; TRACKING_ERROR is computed from the returns.',
      r: 'mean(tracking_error_1y)',
      pandas: 'tracking_error_1y.mean()',
    },
  ),
} as const satisfies Record<string, Metric>;
export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** Not a RollingMetric of its own: the error of the 90-day window's Sharpe ratio. */
export const SHARPE_STANDARD_ERROR: Metric = metric(
  ['returns'],
  ({ returns }, terms) => {
    const dailyRatio = (returns.mean - terms.riskFreeDaily) / returns.standardDeviation;
    return Math.sqrt((1 + dailyRatio ** 2 / 2) / returns.count) * rootOf(terms);
  },
  {
    ...RETURN_METRIC,
    field: 'sharpeStandardError',
    minCount: 2,
    unit: 'ratio, annualised',
    formula: '√((1 + q²/2) / n) · √A, with q = (mean(r) − rf) / s',
    remark:
      'Standard error of the Sharpe ratio for independent returns: Lo, "The Statistics of Sharpe Ratios" (2002).',
    nullWhen: 's is 0',
    r: 'sqrt((1 + ((mean(r) - rf) / sd(r))^2 / 2) / length(r)) * sqrt(A)',
    pandas: '((1 + ((r.mean() - rf) / r.std())**2 / 2) / r.count())**0.5 * A**0.5',
  },
);

/** The columns of a daily series that the metric is computed from. */
export function columnsOf({ basis }: Metric): readonly DailyColumn[] {
  return BASES[basis].columns;
}

/** Whether a window whose daily series has these columns serves the metric. */
export function isServedBy(metricOf: Metric, columns: readonly DailyColumn[]): boolean {
  return columnsOf(metricOf).every((column) => columns.includes(column));
}

/**
 * The metric's value, or null where the window's data cannot define it. Never NaN or infinite.
 *
 * @param count the observations of its basis
 */
export function evaluate(
  metricOf: Metric,
  count: number,
  partials: Partials,
  terms: MetricTerms,
): number | null {
  if (count < metricOf.minCount) return null;
  const value = metricOf.value(partials, terms);
  return Number.isFinite(value) ? value : null;
}

/** Sentence for schema and documentation: formula, unit, when null. */
export function describe(metricOf: Metric): string {
  const { formula, unit, remark, minCount, basis, nullWhen } = metricOf;
  const minimum = `Null below ${minCount} ${BASES[basis].counts}${nullWhen ? `, and where ${nullWhen}` : ''}.`;
  return [`${formula}; ${unit}.`, remark, minimum].filter(Boolean).join(' ');
}

/** √A. */
function rootOf({ periodsPerYear }: MetricTerms): number {
  return Math.sqrt(periodsPerYear);
}

function downsideDeviation({ downside }: Pick<Partials, 'downside'>, terms: MetricTerms): number {
  return Math.sqrt(downside.squaredShortfalls / downside.count) * rootOf(terms);
}

function calmarRatio(
  { wealth }: Pick<Partials, 'wealth'>,
  { periodsPerYear }: MetricTerms,
): number {
  const { growth, count, worst } = wealth;
  // A negative number has a real power only by chance, where A / n is whole.
  return growth < 0 ? NaN : (growth ** (periodsPerYear / count) - 1) / (1 - worst);
}

function beta({ pairs }: Pick<Partials, 'pairs'>): number {
  return pairs.benchmark.standardDeviation > 0
    ? pairs.coDeviations / pairs.benchmark.squaredDeviations
    : NaN;
}

function correlation({ pairs }: Pick<Partials, 'pairs'>): number {
  if (!pairs.varies) return NaN;
  const { returns, benchmark, coDeviations } = pairs;
  const scale = Math.sqrt(returns.squaredDeviations) * Math.sqrt(benchmark.squaredDeviations);
  return Math.max(-1, Math.min(1, coDeviations / scale));
}
