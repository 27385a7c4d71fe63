import { AGGREGATE_NAMES, AGGREGATES, type Aggregate } from '../../src/aggregates/registry.js';
import { METRICS } from '../../src/metrics/metrics.js';
import { CHART_METRICS, DASHBOARD_METRICS, RANKING, TILE } from '../requests.js';
import type { WorkloadName } from '../workloads.js';

const WINDOWS = TILE.map(
  ({ field, metrics }) =>
    `${field} { asOf ${metrics.map((name) => METRICS[name].field).join(' ')} }`,
).join(' ');

const SERIES = '{ days columns { metric values } }';

const TILE_DOCUMENT = `query Tile($id: UUID!) { portfolio(id: $id) { id ${WINDOWS} } }`;

const CHART_DOCUMENT = `query Chart($id: UUID!, $from: LocalDate!, $to: LocalDate!) {
  portfolio(id: $id) {
    rollingSeries(window: ONE_YEAR, metrics: [${CHART_METRICS.join(', ')}], from: $from, to: $to) ${SERIES}
  }
}`;

const DASHBOARD_DOCUMENT = `query Dashboard($id: UUID!, $from: LocalDate!, $to: LocalDate!) {
  portfolio(id: $id) {
    ${AGGREGATE_NAMES.flatMap((name) => {
      const { window } = AGGREGATES[name];
      return DASHBOARD_METRICS.map(
        (metric) =>
          `${window}_${metric}: rollingSeries(window: ${window}, metrics: [${metric}], from: $from, to: $to) ${SERIES}`,
      );
    }).join('\n    ')}
  }
}`;

const rankingWindow: Aggregate = AGGREGATES[RANKING.aggregate];

/** The operations that are sent to this server. */
export const DOCUMENTS: Readonly<Record<WorkloadName, string>> = {
  tile: TILE_DOCUMENT,
  conditional: TILE_DOCUMENT,
  recording: TILE_DOCUMENT,
  recordingSame: TILE_DOCUMENT,
  blotter: `query Blotter($ids: [UUID!]!) {
  portfolios(ids: $ids, first: 100) { edges { node { id ${WINDOWS} } } }
}`,
  chart1y: CHART_DOCUMENT,
  chart4y: CHART_DOCUMENT,
  dashboard: DASHBOARD_DOCUMENT,
  ranking: `query Ranking {
  ranking(metric: ${RANKING.metric}, window: ${rankingWindow.window}, first: ${RANKING.first}) {
    asOf total entries { rank value observations portfolio { id name } }
  }
}`,
  status: `query Status {
  aggregateStatus {
    viewName materializedThrough newestSourceDay lastRefresh nextRefresh totalRows totalRuns
    pendingInvalidations { from to coveredByPolicy }
    health { status issues warnings }
  }
}`,
};

/** Records one row and waits until the aggregates are refreshed over its day. */
export const RECORD = `mutation Record($row: DailyMetricsInput!) {
  recordDailyMetrics(rows: [$row], refresh: true) { refreshes { state error } }
}`;
