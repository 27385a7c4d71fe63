import type { RefreshState } from '../aggregates/refresh/refresh.js';
import type { AggregateName } from '../aggregates/registry.js';
import type { Operation } from './executor.js';
import type { PendingDays } from './pending-days.js';

/** A refresh as the commands see it. */
export interface RefreshRow {
  readonly id: string;
  readonly viewName: AggregateName;
  readonly state: RefreshState;
  readonly from: string | null;
  readonly to: string | null;
  /** 0 to 1. */
  readonly progress: number;
  readonly pendingAfter: readonly PendingDays[];
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: string | null;
}

const ROW = `fragment Row on AggregateRefresh {
  id
  viewName
  state
  from
  to
  progress
  pendingAfter {
    from
    to
    coveredByPolicy
  }
  requestedAt
  startedAt
  finishedAt
  error
}`;

export const REFRESH_ONE = `mutation RefreshOne($viewName: AggregateName!, $from: LocalDate, $to: LocalDate) {
  refreshAggregate(viewName: $viewName, from: $from, to: $to, wait: false) {
    ...Row
  }
}
${ROW}`;

export interface RefreshOneData {
  readonly refreshAggregate: RefreshRow;
}

export const REFRESH_ALL = `mutation RefreshAll($from: LocalDate, $to: LocalDate) {
  refreshAllAggregates(from: $from, to: $to, wait: false) {
    ...Row
  }
}
${ROW}`;

export interface RefreshAllData {
  readonly refreshAllAggregates: readonly RefreshRow[];
}

export const CANCEL = `mutation Cancel($id: ID!) {
  cancelRefresh(id: $id) {
    ...Row
  }
}
${ROW}`;

/** The refreshes with these ids in one operation: the results are r0, r1 and so on, in order. */
export function progressOf(ids: readonly string[]): Required<Operation> {
  const variables = ids.map((_, index) => `$id${index}: ID!`).join(', ');
  const fields = ids.map(
    (_, index) => `  r${index}: aggregateRefresh(id: $id${index}) {
    ...Row
  }`,
  );
  return {
    query: `query Progress(${variables}) {\n${fields.join('\n')}\n}\n${ROW}`,
    variables: Object.fromEntries(ids.map((id, index) => [`id${index}`, id])),
  };
}
