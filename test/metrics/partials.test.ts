import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { DailySeries } from '../../src/metrics/daily-series.js';
import { evaluate } from '../../src/metrics/metrics.js';
import {
  PARTIALS,
  type PartialKind,
  type PartialName,
  type Partials,
} from '../../src/metrics/partials.js';
import type { WindowPartial } from '../../src/metrics/window-partial.js';
import { arbitraryRate, arbitrarySeries } from './arbitrary-series.js';
import { dailySeriesOf, type FullRow } from './daily-series-of.js';
import { ALL_METRICS, differences } from './series-agreement.js';
import { termsOf } from './terms.js';

const NAMES = Object.keys(PARTIALS).filter((name): name is PartialName => name in PARTIALS);

/** A kind of partial. All are tested alike; the compiler cannot follow that through the union. */
function kindOf(name: PartialName): PartialKind<WindowPartial> {
  return PARTIALS[name] as unknown as PartialKind<WindowPartial>;
}

/** Every partial, as `make` gives it. */
function allPartials(make: (name: PartialName) => WindowPartial): Partials {
  const entries = NAMES.map((name) => [name, make(name)]);
  return Object.fromEntries(entries) as Partials;
}

/** The partial of the days with index in [first, end), added one by one. */
function added(name: PartialName, series: DailySeries, rate: number, first: number, end: number) {
  const { create, add } = kindOf(name);
  const partial = create(rate);
  for (let index = first; index < end; index++) add(partial, series, index, index + 1);
  return partial;
}

/** The same, split before some days, with two neighbours merged at a time, in any order. */
function merged(
  name: PartialName,
  series: DailySeries,
  rate: number,
  splits: readonly number[],
  order: readonly number[],
) {
  const { length } = series.days;
  const bounds = [0, length, ...splits.map((split) => split % (length + 1))];
  const ascending = bounds.toSorted((a, b) => a - b);
  const parts = ascending
    .slice(1)
    .map((end, part) => added(name, series, rate, ascending[part]!, end));
  for (let step = 0; parts.length > 1; step++) {
    const left = order[step % order.length]! % (parts.length - 1);
    const both = kindOf(name).create(rate);
    both.merge(parts[left]!, parts[left + 1]!);
    parts.splice(left, 2, both);
  }
  return parts[0]!;
}

/** The metrics that can be read from partials; null for those whose days have to be scanned. */
function metricsOf(partials: Partials, rate: number): (number | null)[] {
  const isExact = (name: PartialName): boolean => kindOf(name).isExact?.(partials[name]) ?? true;
  return ALL_METRICS.map((metric) =>
    metric.partials.every(isExact)
      ? evaluate(metric, partials[metric.basis].count, partials, termsOf(rate))
      : null,
  );
}

describe('partials', () => {
  test('merged from any split, in any order, give the same as adding one by one', () => {
    const splits = fc.array(fc.nat(), { maxLength: 12 });
    const order = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
    const property = fc.property(
      arbitrarySeries(150),
      arbitraryRate,
      splits,
      order,
      (series, rate, ...how) => {
        const whole = allPartials((name) => added(name, series, rate, 0, series.days.length));
        const parts = allPartials((name) => merged(name, series, rate, ...how));
        const counts = [parts, whole].map((partials) => NAMES.map((name) => partials[name].count));
        expect(counts[0]).toEqual(counts[1]);
        expect(parts.wealth.mergeable).toBe(whole.wealth.mergeable);
        const wrong = differences(series, rate, metricsOf(parts, rate), metricsOf(whole, rate));
        expect(wrong).toEqual([]);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  test.each(NAMES)('%s is as new once cleared', (name) => {
    const row = { values: 5, returns: -1.5, benchmarkReturns: 0.3, reportedBetas: 1 };
    const reported = { reportedAlphas: 2, reportedTrackingErrors: 3 };
    const full: FullRow = { day: 0, ...row, ...reported };
    const partial = added(name, dailySeriesOf([full]), 0.0001, 0, 1);
    expect(partial).not.toEqual(kindOf(name).create(0.0001));
    partial.clear();
    expect(partial).toEqual(kindOf(name).create(0.0001));
  });

  test.each(NAMES)('%s leaves out a day without a value', (name) => {
    const partial = added(name, dailySeriesOf([{ day: 0 }]), 0.0001, 0, 1);
    expect(partial).toEqual(kindOf(name).create(0.0001));
  });

  test('pairs and active returns take only the days that have both', () => {
    const series = dailySeriesOf([
      { day: 0, returns: 0.1 },
      { day: 1, benchmarkReturns: 0.2 },
      { day: 2, returns: 0.3, benchmarkReturns: 0.1 },
    ]);
    expect(added('pairs', series, 0, 0, 3).count).toBe(1);
    expect(added('activeReturns', series, 0, 0, 3).count).toBe(1);
    expect(added('returns', series, 0, 0, 3).count).toBe(2);
  });
});
