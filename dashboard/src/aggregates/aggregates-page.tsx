import type { JSX } from 'preact';
import {
  AggregateRefreshesDocument,
  AggregateStatusDocument,
  CallerDocument,
  HealthDocument,
} from '../../../client/src/index.js';
import { catchUp } from '../api/refresh-events.js';
import { useLoad } from '../api/use-load.js';
import { LoadState } from '../shell/load-state.js';
import { Title } from '../shell/title.js';
import { AggregateCard } from './aggregate-card.js';
import { HealthSummary } from './health-summary.js';
import { RecentRefreshes } from './recent-refreshes.js';

const RECENT = 12;

export function AggregatesPage(): JSX.Element {
  const load = useLoad(
    async (client, { first }, signal) => {
      const [{ health }, { aggregateStatus }, { aggregateRefreshes }, { caller }] =
        await Promise.all([
          client.execute(HealthDocument, {}, { signal }),
          client.execute(AggregateStatusDocument, {}, { signal }),
          client.execute(AggregateRefreshesDocument, { first }, { signal }),
          client.execute(CallerDocument, {}, { signal }),
        ]);
      const refreshes = aggregateRefreshes.edges.map(({ node }) => node);
      catchUp(refreshes);
      return { health, aggregateStatus, refreshes, caller };
    },
    { first: RECENT },
  ).value;
  return (
    <>
      <Title>Aggregates</Title>
      <LoadState load={load}>
        {({ health, aggregateStatus, refreshes, caller }) => (
          <>
            <HealthSummary health={health} />
            <div class="cards">
              {aggregateStatus.map((status) => (
                <AggregateCard key={status.viewName} status={status} caller={caller} />
              ))}
            </div>
            <RecentRefreshes refreshes={refreshes} />
          </>
        )}
      </LoadState>
    </>
  );
}
