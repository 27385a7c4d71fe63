import type { JSX } from 'preact';
import { formatDay } from '../format/days.js';
import { formatInstant, formatSeconds } from '../format/times.js';
import { StaleMark } from '../freshness/stale-mark.js';
import { AGGREGATES } from './aggregate-names.js';
import type { AggregateStatus } from './aggregate-status.js';
import { PendingDays } from './pending-days.js';
import { policyRefusal, refreshRefusal, type Caller } from './permissions.js';
import { PolicyEditor } from './policy-editor.js';
import { policySentence } from './policy-sentence.js';
import { RefreshControl } from './refresh-control.js';

/** One aggregate: what it holds, what is pending, its policy, and a refresh. */
export function AggregateCard({
  status,
  caller,
}: {
  readonly status: AggregateStatus;
  readonly caller: Caller;
}): JSX.Element {
  const { viewName, materializedThrough, newestSourceDay, lastRefresh, refreshLagSeconds } = status;
  const { pendingInvalidations, lastRunStatus, lastError, health } = status;
  const isPending = pendingInvalidations.length > 0;
  return (
    <section class="card" aria-labelledby={viewName}>
      <header>
        <h2 id={viewName}>{AGGREGATES[viewName]}</h2>
        <span class={`badge is-${health.status.toLowerCase()}`}>{health.status.toLowerCase()}</span>
      </header>
      <p class="quiet code">{viewName.toLowerCase()}</p>
      <dl>
        <dt>Materialized through</dt>
        <dd>
          {isPending && <StaleMark reason="Days are pending" />}
          {formatDay(materializedThrough)}
        </dd>
        <dt>Newest recorded day</dt>
        <dd>{formatDay(newestSourceDay)}</dd>
        <dt>Last refresh</dt>
        <dd title={formatInstant(lastRefresh)}>
          {refreshLagSeconds === null ? 'never' : `${formatSeconds(refreshLagSeconds)} ago`}
        </dd>
        <dt>Policy</dt>
        <dd>{policySentence(status)}</dd>
        {lastRunStatus !== null && (
          <>
            <dt>Last policy run</dt>
            <dd>
              {lastRunStatus}
              {lastError !== null && `: ${lastError}`}
            </dd>
          </>
        )}
      </dl>
      <PendingDays status={status} />
      <PolicyEditor status={status} refusal={policyRefusal(caller)} />
      <RefreshControl
        viewName={viewName}
        pending={pendingInvalidations}
        refusal={refreshRefusal(caller)}
      />
    </section>
  );
}
