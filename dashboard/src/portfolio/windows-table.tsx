import type { JSX } from 'preact';
import type { RollingMetric, WindowsQuery } from '../../../client/src/index.js';
import { MetricTerm } from '../controls/metric-term.js';
import { formatDay } from '../format/days.js';
import { METRICS, WINDOW_NAMES, WINDOWS } from '../format/metrics.js';
import { formatCount, formatNumber } from '../format/numbers.js';
import { StaleMark } from '../freshness/stale-mark.js';

type Portfolio = NonNullable<WindowsQuery['portfolio']>;
type Window = Pick<
  NonNullable<Portfolio['rolling1y']>,
  | 'asOf'
  | 'windowStart'
  | 'observations'
  | 'cumulativeReturn'
  | 'volatility'
  | 'sharpeRatio'
  | 'maxDrawdown'
  | 'freshness'
> & { readonly beta?: number | null };

const COLUMNS = [
  ['CUMULATIVE_RETURN', 'cumulativeReturn'],
  ['VOLATILITY', 'volatility'],
  ['SHARPE_RATIO', 'sharpeRatio'],
  ['MAX_DRAWDOWN', 'maxDrawdown'],
  ['BETA', 'beta'],
] as const satisfies readonly (readonly [RollingMetric, keyof Window])[];

/** The four windows of a portfolio, each with the day it ends on and whether it is stale. */
export function WindowsTable({ portfolio }: { readonly portfolio: Portfolio }): JSX.Element {
  const windows = {
    THIRTY_DAYS: portfolio.rolling30d,
    SIXTY_DAYS: portfolio.rolling60d,
    NINETY_DAYS: portfolio.rolling90d,
    ONE_YEAR: portfolio.rolling1y,
  } satisfies Record<string, Window | null>;
  return (
    <div class="wide" role="region" aria-label="Windows" tabIndex={0}>
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">Window</th>
            {COLUMNS.map(([metric]) => (
              <th key={metric} scope="col">
                <MetricTerm metric={metric} />
              </th>
            ))}
            <th scope="col">Returns</th>
            <th scope="col">As of</th>
          </tr>
        </thead>
        <tbody>
          {WINDOW_NAMES.map((name) => {
            const window: Window | null = windows[name];
            return (
              <tr key={name}>
                <th scope="row">{WINDOWS[name].name}</th>
                {COLUMNS.map(([metric, field]) => (
                  <td key={metric}>{formatNumber(window?.[field], METRICS[metric].unit)}</td>
                ))}
                <td>{window ? formatCount(window.observations) : '–'}</td>
                <td class="as-of">
                  {window?.freshness.isStale && <StaleMark reason={window.freshness.staleReason} />}
                  {window ? formatDay(window.asOf) : 'no rows'}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
