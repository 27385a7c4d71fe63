import { isFinished } from '../aggregates/refresh/refresh.js';
import { Failure, messageOf } from '../errors.js';
import { requestData, type Executor } from './executor.js';
import type { RefreshDisplay } from './refresh-display.js';
import { CANCEL, progressOf, type RefreshRow } from './refresh-query.js';

/** After so many failed requests in a row, the refreshes count as lost from sight. */
const MAX_FAILED_LOOKS = 20;

export interface FollowOptions {
  readonly display: RefreshDisplay;
  /** Waits until it is time for the next look. */
  readonly pause: () => Promise<void>;
  /** Aborted when the person at the terminal wants the refreshes to stop. */
  readonly interrupted: AbortSignal;
}

/**
 * Looks at refreshes again and again until all are over, and returns them as they are then. An
 * interruption cancels those that are not, once, and the end of that is waited for.
 */
export async function followRefreshes(
  started: readonly RefreshRow[],
  execute: Executor,
  { display, pause, interrupted }: FollowOptions,
): Promise<readonly RefreshRow[]> {
  const { query, variables } = progressOf(started.map(({ id }) => id));
  const look = async (): Promise<RefreshRow[]> => {
    const rows = await requestData<Readonly<Record<string, RefreshRow | null>>>(
      execute,
      query,
      variables,
    );
    return started.map(({ id }, index) => {
      const row = rows[`r${index}`];
      if (!row) throw new Failure(`The server does not know the refresh ${id} any more.`);
      return row;
    });
  };
  let rows = started;
  let cancelled: Promise<unknown> | undefined;
  const cancel = (): void => {
    display.note('Cancelling; what is refreshed by now stays so.');
    cancelled = Promise.all(
      rows
        .filter((row) => !isFinished(row))
        .map(({ id }) =>
          requestData(execute, CANCEL, { id }).catch((error: unknown) =>
            display.note(`The refresh ${id} could not be cancelled: ${messageOf(error)}`),
          ),
        ),
    );
  };
  // At once, not with the next look: a slice that runs may hold that up.
  interrupted.addEventListener('abort', cancel, { once: true });
  if (interrupted.aborted) cancel();
  try {
    for (let failedLooks = 0; ;) {
      display.update(rows);
      if (rows.every(isFinished)) return rows;
      await pause();
      try {
        rows = await look();
        failedLooks = 0;
      } catch (error) {
        failedLooks += 1;
        if (failedLooks === MAX_FAILED_LOOKS) {
          const message = `The refreshes are out of sight; they may still run. ${messageOf(error)}`;
          throw new Failure(message, { cause: error });
        }
      }
    }
  } finally {
    interrupted.removeEventListener('abort', cancel);
    await cancelled;
  }
}
