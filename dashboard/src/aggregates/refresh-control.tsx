import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import {
  CancelRefreshDocument,
  RefreshAggregateDocument,
  type AggregateName,
} from '../../../client/src/index.js';
import { noteRefresh, refreshEvents } from '../api/refresh-events.js';
import { client } from '../api/session.js';
import { ErrorNotice } from '../shell/load-state.js';
import type { AggregateStatus } from './aggregate-status.js';
import { RefreshProgress } from './refresh-progress.js';
import { isOver } from './refresh-state.js';

/** Starts a refresh of the pending days, or of all, and shows how far it is. */
export function RefreshControl({
  viewName,
  pending,
  refusal,
}: {
  readonly viewName: AggregateName;
  readonly pending: AggregateStatus['pendingInvalidations'];
  /** Why the caller may not; undefined where it may. */
  readonly refusal: string | undefined;
}): JSX.Element {
  const error = useSignal<Error | undefined>(undefined);
  const refresh = refreshEvents.value[viewName];
  const isRunning = refresh !== undefined && !isOver(refresh);
  const isDisabled = isRunning || refusal !== undefined;

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    error.value = undefined;
    await work().catch((failure: unknown) => (error.value = failure as Error));
  };
  const start = (from: string | null, to: string | null): Promise<void> =>
    attempt(async () => {
      const { refreshAggregate } = await client.value.execute(RefreshAggregateDocument, {
        viewName,
        from,
        to,
      });
      noteRefresh(refreshAggregate);
    });
  const cancel = (id: string): Promise<void> =>
    attempt(async () => {
      const { cancelRefresh } = await client.value.execute(CancelRefreshDocument, { id });
      noteRefresh(cancelRefresh);
    });

  return (
    <div class="refresh">
      <div class="buttons">
        {pending.length > 0 && (
          <button
            type="button"
            class="primary"
            disabled={isDisabled}
            onClick={() => void start(pending[0]!.from, pending.at(-1)!.to)}
          >
            Refresh pending days
          </button>
        )}
        <button type="button" disabled={isDisabled} onClick={() => void start(null, null)}>
          Refresh all days
        </button>
        {isRunning && refusal === undefined && (
          <button type="button" onClick={() => void cancel(refresh.id)}>
            Cancel
          </button>
        )}
      </div>
      {refusal !== undefined && <p class="quiet">{refusal}</p>}
      {refresh && <RefreshProgress refresh={refresh} />}
      {error.value && <ErrorNotice error={error.value} />}
    </div>
  );
}
