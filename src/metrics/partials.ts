import { CoMoments } from './co-moments.js';
import type { DailyColumn, DailySeries } from './daily-series.js';
import { Downside } from './downside.js';
import { Extremes } from './extremes.js';
import { Moments } from './moments.js';
import { Wealth } from './wealth.js';
import type { WindowPartial } from './window-partial.js';

/** The partials that metrics are read from, by name. */
export interface Partials {
  /** Daily returns. */
  returns: Moments;
  /** Shortfalls of daily returns below the risk-free rate. */
  downside: Downside;
  /** The wealth index that compounds the daily returns. */
  wealth: Wealth;
  /** Portfolio values. */
  values: Extremes;
  /** Days with both a return and a benchmark return. */
  pairs: CoMoments;
  /** Return minus benchmark return on those days. */
  activeReturns: Moments;
  reportedBetas: Moments;
  reportedAlphas: Moments;
  reportedTrackingErrors: Moments;
}
export type PartialName = keyof Partials;

export interface PartialKind<P extends WindowPartial> {
  /** @param riskFreeDaily decimal fraction per day */
  readonly create: (riskFreeDaily: number) => P;
  /** Appends the days with index in [first, end). */
  readonly add: (partial: P, series: DailySeries, first: number, end: number) => void;
  /** Whether a merged partial says all; where not, the days have to be added one by one. */
  readonly isExact?: (partial: P) => boolean;
}

function momentsOf(column: DailyColumn): PartialKind<Moments> {
  return {
    create: () => new Moments(),
    add: (partial, series, first, end) => partial.addAll(series[column], first, end),
  };
}

/** How each partial is made and how days of the daily series are appended to it. */
export const PARTIALS: { readonly [Name in PartialName]: PartialKind<Partials[Name]> } = {
  returns: momentsOf('returns'),
  downside: {
    create: (riskFreeDaily) => new Downside(riskFreeDaily),
    add: (partial, { returns }, first, end) => partial.addAll(returns, first, end),
  },
  wealth: {
    create: () => new Wealth(),
    add: (partial, { returns }, first, end) => partial.addAll(returns, first, end),
    isExact: (partial) => partial.mergeable,
  },
  values: {
    create: () => new Extremes(),
    add: (partial, { values }, first, end) => partial.addAll(values, first, end),
  },
  pairs: {
    create: () => new CoMoments(),
    add: (partial, { returns, benchmarkReturns }, first, end) =>
      partial.addAll(returns, benchmarkReturns, first, end),
  },
  activeReturns: {
    create: () => new Moments(),
    add(partial, { returns, benchmarkReturns }, first, end) {
      for (let index = first; index < end; index++) {
        const dailyReturn = returns[index]!;
        const benchmarkReturn = benchmarkReturns[index]!;
        const scale = Math.max(Math.abs(dailyReturn), Math.abs(benchmarkReturn));
        partial.add(dailyReturn - benchmarkReturn, scale);
      }
    },
  },
  reportedBetas: momentsOf('reportedBetas'),
  reportedAlphas: momentsOf('reportedAlphas'),
  reportedTrackingErrors: momentsOf('reportedTrackingErrors'),
};
