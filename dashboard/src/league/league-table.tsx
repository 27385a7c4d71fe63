import type { JSX } from 'preact';
import type { RankingQuery } from '../../../client/src/index.js';
import { formatDay } from '../format/days.js';
import { METRICS, WINDOWS } from '../format/metrics.js';
import { formatCount, formatNumber } from '../format/numbers.js';
import { counted } from '../format/times.js';
import { StaleMark } from '../freshness/stale-mark.js';
import { link } from '../shell/router.js';

type Ranking = RankingQuery['ranking'];

/** The portfolios with the highest or lowest values, and how many there are beside them. */
export function LeagueTable({ ranking }: { readonly ranking: Ranking }): JSX.Element {
  const { metric, window, asOf, minObservations, total, freshness, entries } = ranking;
  const { unit, name } = METRICS[metric];
  const largest = Math.max(...entries.map(({ value }) => Math.abs(value)));
  return (
    <>
      <p class="table-caption">
        {freshness.isStale && <StaleMark reason={freshness.staleReason} />}
        {asOf === null ? 'No day has a row. ' : `As of ${formatDay(asOf)}. `}
        {entries.length < total
          ? `The first ${entries.length} of ${counted(total, 'portfolio')} with a value. `
          : `${counted(total, 'portfolio')} with a value. `}
        Portfolios with fewer than {minObservations} observations in the window are left out, and
        so are those without a value.
      </p>
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
                    <ValueBar part={largest > 0 ? value / largest : 0} />
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

/** A bar from the middle: to the right above zero, to the left below. */
function ValueBar({ part }: { readonly part: number }): JSX.Element {
  const width = Math.abs(part) * 50;
  return (
    <svg class="value-bar" viewBox="0 0 100 8" preserveAspectRatio="none">
      <line x1="50" x2="50" y1="0" y2="8" />
      <rect
        class={part < 0 ? 'is-negative' : ''}
        x={part < 0 ? 50 - width : 50}
        width={width}
        y="1"
        height="6"
      />
    </svg>
  );
}
