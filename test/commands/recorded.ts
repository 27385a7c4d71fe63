import { createColors } from 'picocolors';
import type { ClientContext } from '../../src/commands/client-context.js';
import type { Executor, Operation } from '../../src/commands/executor.js';
import type { RefreshDisplay } from '../../src/commands/refresh-display.js';
import type { RefreshRow } from '../../src/commands/refresh-query.js';

export interface Recorded {
  readonly context: ClientContext;
  /** What was printed on standard output. */
  readonly lines: string[];
  /** What was printed on standard error. */
  readonly errors: string[];
}

/** A context whose output is recorded. */
export function recordedContext(
  execute: Executor,
  { now = new Date('2018-05-12T12:00:00Z'), isColored = false } = {},
): Recorded {
  const lines: string[] = [];
  const errors: string[] = [];
  return {
    lines,
    errors,
    context: {
      execute,
      output: {
        line: (text) => lines.push(text),
        error: (text) => errors.push(text),
        progress: () => undefined,
      },
      colors: createColors(isColored),
      now: () => now,
    },
  };
}

/** Responds with the given data to any operation, and records the operations. */
export function respondingWith(...responses: readonly (object | Error)[]): {
  execute: Executor;
  operations: Operation[];
} {
  const operations: Operation[] = [];
  const left = [...responses];
  return {
    operations,
    execute: async (operation) => {
      operations.push(operation);
      const response = left.length > 1 ? left.shift()! : left[0]!;
      if (response instanceof Error) throw response;
      return { data: response as Record<string, unknown> };
    },
  };
}

/** A display that keeps what it is given. */
export function recordedDisplay(): RefreshDisplay & {
  /** The progress of each refresh at every update. */
  readonly updates: string[];
  readonly notes: string[];
  isClosed: boolean;
} {
  const display = {
    updates: [] as string[],
    notes: [] as string[],
    isClosed: false,
    update: (rows: readonly RefreshRow[]): void =>
      void display.updates.push(
        rows.map(({ state, progress }) => `${state} ${progress}`).join(', '),
      ),
    note: (text: string): void => void display.notes.push(text),
    close: (): void => void (display.isClosed = true),
  };
  return display;
}

/** A refresh as the API gives it. */
export function refreshRow(row: Partial<RefreshRow> = {}): RefreshRow {
  return {
    id: '7',
    viewName: 'PORTFOLIO_METRICS_30D_ROLLING',
    state: 'RUNNING',
    from: null,
    to: null,
    progress: 0,
    pendingAfter: [],
    requestedAt: '2018-05-12T12:00:00.000Z',
    startedAt: '2018-05-12T12:00:00.000Z',
    finishedAt: null,
    error: null,
    ...row,
  };
}
