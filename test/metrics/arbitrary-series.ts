import * as fc from 'fast-check';
import type { DailySeries } from '../../src/metrics/daily-series.js';
import { dailySeriesOf, type DailyRow } from './daily-series-of.js';

/**
 * Numbers of four significant digits. Different ones differ by at least 1e-4 of the larger, and
 * so a window of at most 365 of them has a deviation of 0 or of more than 1e-6 of its largest:
 * nearer to a constant series no arithmetic could be held to the tolerance.
 */
const fourDigits = (minExponent: number, maxExponent: number): fc.Arbitrary<number> =>
  fc
    .tuple(
      fc.integer({ min: 1000, max: 9999 }),
      fc.integer({ min: minExponent, max: maxExponent }),
      fc.constantFrom(1, -1),
    )
    .map(([digits, exponent, sign]) => sign * Number(`${digits}e${exponent - 3}`));

const NO_VALUE = { weight: 1, arbitrary: fc.constant(NaN) };

const ordinaryReturn = fc.oneof(
  { weight: 10, arbitrary: fourDigits(-4, -2) },
  { weight: 1, arbitrary: fc.constant(0) },
  NO_VALUE,
);
const wildReturn = fc.oneof(
  { weight: 8, arbitrary: fourDigits(-8, 0).filter((value) => value > -1) },
  { weight: 1, arbitrary: fc.constantFrom(10, 1e-8, -1e-8, 0) },
  { weight: 1, arbitrary: ordinaryReturn },
  NO_VALUE,
);
const losingReturn = fc.oneof(
  { weight: 20, arbitrary: ordinaryReturn },
  { weight: 1, arbitrary: fc.constant(-1) },
  { weight: 1, arbitrary: fc.constantFrom(-1.001, -2.5, -11) },
);
const repeatingReturn = fc.constantFrom(0.01, 0.01, 0.01, -0.02, NaN);

const portfolioValue = fc.oneof(
  { weight: 10, arbitrary: fourDigits(0, 12).map(Math.abs) },
  { weight: 1, arbitrary: fourDigits(0, 6) },
  { weight: 1, arbitrary: fc.constant(0) },
  NO_VALUE,
);
const reported = fc.oneof({ weight: 5, arbitrary: fourDigits(-6, 3) }, NO_VALUE);

/** Calendar days from one row to the next. */
const gap = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 1, 1, 1, 3) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 100 }) },
);

function rowsOf(dailyReturn: fc.Arbitrary<number>, maxLength: number): fc.Arbitrary<DailyRow[]> {
  const row = fc.record({
    gap,
    returns: dailyReturn,
    benchmarkReturns: dailyReturn,
    values: portfolioValue,
    reportedBetas: reported,
    reportedAlphas: reported,
    reportedTrackingErrors: reported,
  });
  return fc
    .tuple(arbitraryDay, fc.array(row, { minLength: 1, maxLength, size: 'max' }))
    .map(([firstDay, drawn]) => {
      let day = firstDay;
      return drawn.map(({ gap: distance, ...columns }) => ({ day: (day += distance), ...columns }));
    });
}

/** Days from 1968 to 2023, so before and after 1970-01-01. */
const arbitraryDay = fc.integer({ min: -700, max: 19_700 });

/**
 * Rows of all columns with gaps and missing values. Returns are ordinary, or of 1e-8 to 10 in
 * size, or go down to −1 and below, or repeat.
 */
export function arbitraryRows(maxLength: number): fc.Arbitrary<DailyRow[]> {
  return fc
    .constantFrom(ordinaryReturn, wildReturn, losingReturn, repeatingReturn)
    .chain((dailyReturn) => rowsOf(dailyReturn, maxLength));
}

export function arbitrarySeries(maxLength: number): fc.Arbitrary<DailySeries> {
  return arbitraryRows(maxLength).map(dailySeriesOf);
}

export const arbitraryRate = fc.constantFrom(0.0001, 0, 0.0005, -0.0002);
