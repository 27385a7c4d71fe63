import type { JSX } from 'preact';
import type { RefreshFragment, RefreshState } from '../../../client/src/index.js';
import { formatRange } from '../format/days.js';

const STATES: Readonly<Record<RefreshState, string>> = {
  QUEUED: 'Waiting for the refresh before it',
  RUNNING: 'Running',
  SUCCEEDED: 'Succeeded',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** How far a refresh is, as its events say. */
export function RefreshProgress({ refresh }: { readonly refresh: RefreshFragment }): JSX.Element {
  const { state, progress, from, to, error } = refresh;
  const percent = Math.round(progress * 100);
  return (
    <div class="progress">
      <progress value={progress} max={1} aria-label={`Refresh of ${formatRange(from, to)}`} />
      <p role="status">
        {STATES[state]}
        {state === 'RUNNING' && `, ${percent} %`}
        {error !== null && `: ${error}`}
      </p>
    </div>
  );
}
