import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { DAILY_COLUMNS } from '../../src/metrics/daily-series.js';
import {
  BASES,
  describe as describeMetric,
  isServedBy,
  METRIC_NAMES,
  METRICS,
  SHARPE_STANDARD_ERROR,
  type Metric,
  type MetricName,
} from '../../src/metrics/metrics.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import { dailySeriesOf, type DailyRow, type FullRow } from './daily-series-of.js';
import { ALL_METRICS, allSeries, nameOf } from './series-agreement.js';
import { termsOf } from './terms.js';

/** The minimum counts that the definitions fix. */
const MIN_COUNTS: Readonly<Record<MetricName | 'sharpeStandardError', number>> = {
  AVERAGE_RETURN: 1,
  CUMULATIVE_RETURN: 1,
  RETURN_STANDARD_DEVIATION: 2,
  VOLATILITY: 2,
  SHARPE_RATIO: 2,
  SORTINO_RATIO: 1,
  DOWNSIDE_DEVIATION: 1,
  MAX_DRAWDOWN: 1,
  CURRENT_DRAWDOWN: 1,
  CALMAR_RATIO: 1,
  PEAK_VALUE: 1,
  TROUGH_VALUE: 1,
  DRAWDOWN: 1,
  BETA: 2,
  ALPHA: 2,
  TRACKING_ERROR: 2,
  INFORMATION_RATIO: 2,
  CORRELATION: 2,
  R_SQUARED: 2,
  AVERAGE_BETA: 1,
  AVERAGE_ALPHA: 1,
  AVERAGE_TRACKING_ERROR: 1,
  sharpeStandardError: 2,
};

/** Two days on which every metric is defined. */
const FULL: readonly [FullRow, FullRow] = [
  {
    day: 1,
    returns: -0.02,
    values: 980,
    benchmarkReturns: -0.01,
    reportedBetas: 1.1,
    reportedAlphas: 0.01,
    reportedTrackingErrors: 0.05,
  },
  {
    day: 2,
    returns: 0.03,
    values: 1009,
    benchmarkReturns: 0.01,
    reportedBetas: 1.2,
    reportedAlphas: 0.02,
    reportedTrackingErrors: 0.06,
  },
];

/** A metric over the 30 days up to the last of the rows. */
function valueOf(metric: Metric, rows: readonly DailyRow[], riskFreeDaily = 0.0001): number | null {
  const window = SingleWindow.find(
    dailySeriesOf(rows),
    rows.at(-1)!.day,
    { days: 30 },
    termsOf(riskFreeDaily),
  );
  return window!.value(metric);
}

describe('the table', () => {
  test('has the metrics of the definitions', () => {
    const names = ALL_METRICS.map(nameOf).toSorted();
    expect(names).toEqual(Object.keys(MIN_COUNTS).toSorted());
  });

  test('names each field once, after its metric', () => {
    for (const name of METRIC_NAMES) {
      const camelCase = name.toLowerCase().replaceAll(/_./g, (pair) => pair[1]!.toUpperCase());
      expect(METRICS[name].field).toBe(camelCase);
    }
    expect(SHARPE_STANDARD_ERROR.field).toBe('sharpeStandardError');
  });

  test('says of a metric what it is, its unit and when it is null', () => {
    expect(describeMetric(METRICS.R_SQUARED)).toBe(
      'CORRELATION²; ratio in [0, 1]. Null below 2 days with both a return and a benchmark return, and where either variance is 0.',
    );
    for (const metric of ALL_METRICS) {
      expect(describeMetric(metric)).toContain(metric.unit);
      expect(describeMetric(metric)).toContain(`Null below ${metric.minCount} `);
    }
  });

  test('serves a metric where its columns are, and only there', () => {
    for (const metric of ALL_METRICS) {
      const needed = BASES[metric.basis].columns;
      expect(isServedBy(metric, DAILY_COLUMNS)).toBe(true);
      expect(isServedBy(metric, needed)).toBe(true);
      for (const column of needed) {
        expect(
          isServedBy(
            metric,
            DAILY_COLUMNS.filter((other) => other !== column),
          ),
        ).toBe(false);
      }
    }
  });
});

describe('the minimum count', () => {
  test.each(
    ALL_METRICS.map((metric): [keyof typeof MIN_COUNTS, Metric] => [nameOf(metric), metric]),
  )('of %s is enough, and one fewer is not', (name, metric) => {
    const count = MIN_COUNTS[name];
    expect(metric.minCount).toBe(count);
    expect(valueOf(metric, FULL.slice(0, count))).not.toBeNull();
    expect(valueOf(metric, [...FULL.slice(0, count - 1), { day: 3 }])).toBeNull();
  });

  test('of a benchmark metric counts the days that have both returns', () => {
    const apart: DailyRow[] = [
      FULL[0],
      { day: 2, returns: 0.03 },
      { day: 3, benchmarkReturns: 0.01 },
    ];
    for (const metric of ALL_METRICS.filter(({ basis }) => basis === 'pairs')) {
      expect(valueOf(metric, apart)).toBeNull();
    }
  });
});

describe('a zero denominator', () => {
  const constant = [FULL[0], { ...FULL[1], returns: FULL[0].returns! }];
  const equal = FULL.map((row) => ({ ...row, benchmarkReturns: row.returns! }));
  const { SHARPE_RATIO, SORTINO_RATIO, DRAWDOWN, BETA, ALPHA, CORRELATION, R_SQUARED } = METRICS;

  test('of the Sharpe ratio and its error, a deviation of exactly 0, makes them null', () => {
    expect(valueOf(METRICS.RETURN_STANDARD_DEVIATION, constant)).toBe(0);
    expect(valueOf(METRICS.VOLATILITY, constant)).toBe(0);
    expect(valueOf(SHARPE_RATIO, constant)).toBeNull();
    expect(valueOf(SHARPE_RATIO, constant, FULL[0].returns!)).toBeNull();
    expect(valueOf(SHARPE_STANDARD_ERROR, constant)).toBeNull();
    expect(valueOf(SHARPE_STANDARD_ERROR, constant, FULL[0].returns!)).toBeNull();
  });

  test('of the Sortino ratio, no shortfall, makes it null', () => {
    expect(valueOf(METRICS.DOWNSIDE_DEVIATION, FULL, -0.02)).toBe(0);
    expect(valueOf(SORTINO_RATIO, FULL, -0.02)).toBeNull();
  });

  test('of the Calmar ratio, no drawdown, makes it null', () => {
    const [, rise] = FULL;
    expect(valueOf(METRICS.MAX_DRAWDOWN, [rise])).toBe(0);
    expect(valueOf(METRICS.CALMAR_RATIO, [rise])).toBeNull();
    expect(valueOf(METRICS.CALMAR_RATIO, [{ day: 1, returns: 0 }])).toBeNull();
    const year = (0.98 * 1.03) ** 126 - 1;
    expect(valueOf(METRICS.CALMAR_RATIO, FULL)).toBeCloseTo(year / 0.02, 10);
  });

  test('of the drawdown of values, none above 0, makes it null', () => {
    expect(valueOf(DRAWDOWN, [{ day: 1, values: 0 }])).toBeNull();
    expect(valueOf(DRAWDOWN, [{ day: 1, values: -5 }])).toBeNull();
    expect(valueOf(DRAWDOWN, [{ day: 1, values: -5 }, FULL[1]])).toBe((1009 + 5) / 1009);
  });

  test.each([
    ['constant', [FULL[0].benchmarkReturns!, FULL[0].benchmarkReturns!]],
    ['constant but for rounding', [0.3, 0.1 + 0.2]],
  ])('of what is held against a benchmark that is %s makes it null', (_, benchmarkReturns) => {
    const rows = benchmarkReturns.map((value, i) => ({ ...FULL[i]!, benchmarkReturns: value }));
    for (const metric of [BETA, ALPHA, CORRELATION, R_SQUARED]) {
      expect(valueOf(metric, rows)).toBeNull();
    }
  });

  test('of the correlation, constant returns, leaves a beta of 0', () => {
    expect(valueOf(BETA, constant)).toBe(0);
    expect(valueOf(CORRELATION, constant)).toBeNull();
    expect(valueOf(R_SQUARED, constant)).toBeNull();
  });

  test('of the information ratio, a tracking error of exactly 0, makes it null', () => {
    expect(valueOf(METRICS.TRACKING_ERROR, equal)).toBe(0);
    expect(valueOf(METRICS.INFORMATION_RATIO, equal)).toBeNull();
  });

  test('that is only the rounding of r − b makes the information ratio null', () => {
    const ahead = [0.3, -0.07].map((benchmarkReturns, day) => {
      return { day, benchmarkReturns, returns: benchmarkReturns + 0.0002 };
    });
    const [first, second] = ahead.map((row) => row.returns - row.benchmarkReturns);
    expect(first).not.toBe(second);
    expect(valueOf(METRICS.TRACKING_ERROR, ahead)).toBe(0);
    expect(valueOf(METRICS.INFORMATION_RATIO, ahead)).toBeNull();
  });
});

describe('of any numbers at all', () => {
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(NaN, 0, -0, -1, 1, 5e-324, -5e-324, 2 ** -1022, 1e-160, 1e160, -1e160),
    fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, Infinity, -Infinity),
    fc.double({ min: -2, max: 2 }),
  );
  const rows = fc
    .array(fc.tuple(number, number, number, number), { minLength: 1, maxLength: 40, size: 'max' })
    .map((drawn) =>
      drawn.map(([returns, benchmarkReturns, values, reported], day): FullRow => {
        const columns = { returns, benchmarkReturns, values, reportedBetas: reported };
        return { day, ...columns, reportedAlphas: values, reportedTrackingErrors: reported };
      }),
    );

  test('a metric is null or finite, in a window and in a series', () => {
    const property = fc.property(rows, number, (some, rate) => {
      const values = ALL_METRICS.map((metric) => valueOf(metric, some, rate));
      const { columns } = allSeries(dailySeriesOf(some), { days: 10 }, rate);
      const bad = [...values, ...columns.flat()].filter((v) => v !== null && !Number.isFinite(v));
      expect(bad).toEqual([]);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('a metric stays within its bounds', () => {
    const property = fc.property(rows, number, (some, rate) => {
      const within = (name: MetricName, least: number, greatest: number): boolean => {
        const value = valueOf(METRICS[name], some, rate);
        return value === null || (value >= least && value <= greatest);
      };
      expect(within('MAX_DRAWDOWN', -Infinity, 0)).toBe(true);
      expect(within('CURRENT_DRAWDOWN', -Infinity, 0)).toBe(true);
      expect(within('RETURN_STANDARD_DEVIATION', 0, Infinity)).toBe(true);
      expect(within('DOWNSIDE_DEVIATION', 0, Infinity)).toBe(true);
      expect(within('TRACKING_ERROR', 0, Infinity)).toBe(true);
      expect(within('DRAWDOWN', 0, Infinity)).toBe(true);
      expect(within('CORRELATION', -1, 1)).toBe(true);
      expect(within('R_SQUARED', 0, 1)).toBe(true);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
