import type { JSX } from 'preact';
import type { RankingLeftOutReason, RankingQuery } from '../../../client/src/index.js';
import { formatDay } from '../format/days.js';
import { METRICS, WINDOWS } from '../format/metrics.js';
import { formatCount, formatNumber } from '../format/numbers.js';
import { counted } from '../format/times.js';
import { StaleMark } from '../freshness/stale-mark.js';
import { link } from '../shell/router.js';

type Ranking = RankingQuery['ranking'];

/** The portfolios with the highest or lowest values, and how many there are beside them. */
export function LeagueTable({ ranking }: { readonly ranking: Ranking }): JSX.Element {
  const { metric, window, asOf, minObservations, total, leftOut, freshness, entries } = ranking;
  const { unit, name } = METRICS[metric];
  const values = entries.map(({ value }) => value);
  const scale = { min: Math.min(0, ...values), max: Math.max(0, ...values) };
  return (
    <>
      <p class="table-caption">
        {freshness.isStale && <StaleMark reason={freshness.staleReason} />}
        {asOf === null ? 'No day has a row. ' : `As of ${formatDay(asOf)}. `}
        {entries.length < total
          ? `The first ${entries.length} of ${counted(total, 'portfolio')} with a value. `
          : `${counted(total, 'portfolio')} with a value. `}
      </p>
      {leftOut.length > 0 && (
        <ul class="left-out" aria-label="Left out">
          {leftOut.map(({ reason, count }) => (
            <li key={reason}>
              {counted(count, 'portfolio')} left out: {reasonOf(reason, minObservations)}
            </li>
          ))}
        </ul>
      )}
      {entries.length === 0 ? (
        <p class="empty">No portfolio has a value for this metric and window.</p>
      ) : (
        <div class="wide" role="region" aria-label="League table" tabIndex={0}>
          <table class="numbers league">
            <thead>
              <tr>
                <th scope="col">Rank</th>
                <th scope="col">Portfolio</th>
                <th scope="col">
                  {name}, {WINDOWS[window].name}
                </th>
                <th scope="col" aria-hidden="true" />
                <th scope="col">Returns</th>
              </tr>
            </thead>
            <tbody>
              {entries.map(({ rank, portfolio, value, observations }) => (
                <tr key={portfolio.id}>
                  <td class="rank">{formatCount(rank)}</td>
                  <th scope="row">
                    <a href={link(`portfolio/${portfolio.id}`, { window })}>{portfolio.name}</a>{' '}
                    <span class="quiet">{portfolio.baseCurrency}</span>
                  </th>
                  <td>{formatNumber(value, unit)}</td>
                  <td class="bar-cell" aria-hidden="true">
                    <ValueBar value={value} scale={scale} />
                  </td>
                  <td>{formatCount(observations)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function reasonOf(reason: RankingLeftOutReason, minObservations: number): string {
  if (reason === 'NO_ROWS') return 'no rows in the window, or not refreshed yet.';
  if (reason === 'UNDEFINED') return 'their rows do not define the metric.';
  return `fewer than ${minObservations} observations in the window.`;
}

/** A bar from zero: to the right above it, to the left below. */
function ValueBar({
  value,
  scale: { min, max },
}: {
  readonly value: number;
  readonly scale: { readonly min: number; readonly max: number };
}): JSX.Element {
  const x = (of: number): number => ((of - min) / (max - min || 1)) * 100;
  return (
    <svg class="value-bar" viewBox="0 0 100 8" preserveAspectRatio="none">
      <line x1={x(0)} x2={x(0)} y1="0" y2="8" />
      <rect
        class={value < 0 ? 'is-negative' : ''}
        x={x(Math.min(0, value))}
        width={Math.abs(x(value) - x(0))}
        y="1"
        height="6"
      />
    </svg>
  );
}
