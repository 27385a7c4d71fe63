import type { HealthStatus } from '../aggregates/status/health.js';
import type { PendingDays } from './pending-days.js';

export const STATUS_QUERY = `query Status {
  aggregateStatus {
    viewName
    sqlName
    materializedThrough
    newestSourceDay
    lastRefresh
    refreshLagSeconds
    refreshPolicyEnabled
    scheduleInterval
    startOffset
    endOffset
    nextRefresh
    lastRunStatus
    lastError
    totalRuns
    totalFailures
    totalRows
    sizeBytes
    pendingInvalidations {
      from
      to
      coveredByPolicy
    }
    health {
      status
      issues
      warnings
    }
  }
}`;

/** What the table shows of an aggregate. */
export interface StatusRow {
  readonly sqlName: string;
  readonly materializedThrough: string | null;
  readonly newestSourceDay: string | null;
  readonly refreshLagSeconds: number | null;
  readonly refreshPolicyEnabled: boolean;
  readonly scheduleInterval: string | null;
  readonly nextRefresh: string | null;
  readonly lastRunStatus: string | null;
  readonly lastError: string | null;
  readonly totalRows: number;
  readonly sizeBytes: number;
  readonly pendingInvalidations: readonly PendingDays[];
  readonly health: { readonly status: HealthStatus };
}

export interface StatusData {
  readonly aggregateStatus: readonly StatusRow[];
}
