import type { JSX } from 'preact';
import type { RefreshFragment } from '../../../client/src/index.js';
import { formatRange } from '../format/days.js';
import { formatInstant, formatSeconds } from '../format/times.js';
import { AGGREGATES } from './aggregate-names.js';

/** The newest refreshes of all aggregates. */
export function RecentRefreshes({
  refreshes,
}: {
  readonly refreshes: readonly RefreshFragment[];
}): JSX.Element {
  return (
    <section>
      <h2>Recent refreshes</h2>
      {refreshes.length === 0 ? (
        <p class="empty">None has run yet.</p>
      ) : (
        <div class="wide" role="region" aria-label="Recent refreshes" tabIndex={0}>
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Requested</th>
                <th scope="col">Aggregate</th>
                <th scope="col">Days</th>
                <th scope="col">State</th>
                <th scope="col">Took</th>
              </tr>
            </thead>
            <tbody>
              {refreshes.map((refresh) => (
                <tr key={refresh.id}>
                  <td>{formatInstant(refresh.requestedAt)}</td>
                  <td>{AGGREGATES[refresh.viewName]}</td>
                  <td>{formatRange(refresh.from, refresh.to)}</td>
                  <td>
                    {refresh.state.toLowerCase()}
                    {refresh.error !== null && `: ${refresh.error}`}
                  </td>
                  <td>{durationOf(refresh)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function durationOf({ startedAt, finishedAt }: RefreshFragment): string {
  if (startedAt === null || finishedAt === null) return '–';
  return formatSeconds((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
}
