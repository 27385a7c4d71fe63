import { toDay, type DayNumber } from '../../metrics/calendar.js';
import type { PendingRange } from '../aggregate-state.js';
import { findAggregateBySqlName, type AggregateName } from '../registry.js';

export const REFRESH_STATES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type RefreshState = (typeof REFRESH_STATES)[number];

/** The origin of a refresh: a request, or the aggregate's policy. */
export type RefreshOrigin = 'REQUEST' | 'POLICY';

/** One refresh of an aggregate, waiting, running or over: a row of aggregate_refreshes. */
export interface Refresh {
  readonly id: string;
  readonly name: AggregateName;
  readonly origin: RefreshOrigin;
  readonly state: RefreshState;
  /** How many processes that ran it before have ended. */
  readonly resumes: number;
  /** First day, inclusive; null: from the oldest. */
  readonly from: DayNumber | null;
  /** Last day, inclusive; null: to the newest. */
  readonly to: DayNumber | null;
  /** 0 to 1. */
  readonly progress: number;
  /** Days inside the range that changed after it started and wait for the next one. */
  readonly pendingAfter: readonly PendingRange[];
  readonly cancelRequested: boolean;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly error: string | null;
}

/** A row of aggregate_refreshes as row_to_json returns it. */
export interface RefreshJson {
  readonly id: number;
  readonly view_name: string;
  readonly origin: RefreshOrigin;
  readonly state: RefreshState;
  readonly resumes: number;
  readonly from_day: string | null;
  readonly to_day: string | null;
  readonly progress: number;
  readonly pending_after: readonly (readonly [from: number, to: number, covered: boolean])[];
  readonly cancel_requested: boolean;
  readonly requested_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly error: string | null;
}

/** The refresh that a row describes; undefined when its aggregate is none of ours. */
export function toRefresh(row: RefreshJson): Refresh | undefined {
  const name = findAggregateBySqlName(row.view_name);
  const day = (text: string | null): DayNumber | null => (text === null ? null : toDay(text));
  const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));
  return (
    name && {
      id: String(row.id),
      name,
      origin: row.origin,
      state: row.state,
      resumes: row.resumes,
      from: day(row.from_day),
      to: day(row.to_day),
      progress: row.progress,
      pendingAfter: row.pending_after.map(([from, to, coveredByPolicy]) => ({
        from,
        to,
        coveredByPolicy,
      })),
      cancelRequested: row.cancel_requested,
      requestedAt: new Date(row.requested_at),
      startedAt: instant(row.started_at),
      finishedAt: instant(row.finished_at),
      error: row.error,
    }
  );
}

/** Whether a refresh is over, however it ended. */
export function isFinished({ state }: Pick<Refresh, 'state'>): boolean {
  return state !== 'QUEUED' && state !== 'RUNNING';
}
