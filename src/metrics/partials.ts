import { CoMoments } from './co-moments.js';
import type { DailySeries } from './daily-series.js';
import { Downside } from './downside.js';
import { Extremes } from './extremes.js';
import { Moments } from './moments.js';
import type { WindowPartial } from './window-partial.js';
import { Wealth } from './wealth.js';

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
  readonly add: (partial: P, series: DailySeries, index: number) => void;
  /** Whether a merged partial says all; where not, the days have to be added one by one. */
  readonly isExact?: (partial: P) => boolean;
}

const moments = (): Moments => new Moments();

/** How each partial is made and how a day of the daily series is appended to it. */
export const PARTIALS: { readonly [Name in PartialName]: PartialKind<Partials[Name]> } = {
  returns: { create: moments, add: (partial, series, i) => partial.add(series.returns[i]!) },
  downside: {
    create: (riskFreeDaily) => new Downside(riskFreeDaily),
    add: (partial, series, i) => partial.add(series.returns[i]!),
  },
  wealth: {
    create: () => new Wealth(),
    add: (partial, series, i) => partial.add(series.returns[i]!),
    isExact: (partial) => partial.mergeable,
  },
  values: {
    create: () => new Extremes(),
    add: (partial, series, i) => partial.add(series.values[i]!),
  },
  pairs: {
    create: () => new CoMoments(),
    add: (partial, series, i) => partial.add(series.returns[i]!, series.benchmarkReturns[i]!),
  },
  activeReturns: {
    create: moments,
    add: (partial, series, i) => {
      const dailyReturn = series.returns[i]!;
      const benchmarkReturn = series.benchmarkReturns[i]!;
      const scale = Math.max(Math.abs(dailyReturn), Math.abs(benchmarkReturn));
      partial.add(dailyReturn - benchmarkReturn, scale);
    },
  },
  reportedBetas: {
    create: moments,
    add: (partial, series, i) => partial.add(series.reportedBetas[i]!),
  },
  reportedAlphas: {
    create: moments,
    add: (partial, series, i) => partial.add(series.reportedAlphas[i]!),
  },
  reportedTrackingErrors: {
    create: moments,
    add: (partial, series, i) => partial.add(series.reportedTrackingErrors[i]!),
  },
};
