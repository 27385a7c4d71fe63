import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { AGGREGATES } from '../aggregates/registry.js';
import { shortDuration } from './human-units.js';
import type { RefreshRow } from './refresh-query.js';
import { createTimeLeft } from './time-left.js';

/** Shows how far refreshes are while they run. */
export interface RefreshDisplay {
  readonly update: (refreshes: readonly RefreshRow[]) => void;
  /** Says something beside the progress. */
  readonly note: (text: string) => void;
  readonly close: () => void;
}

export interface DisplayOptions {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly now: () => Date;
}

/** How often a refresh that goes on says how far it is, where there is no terminal. */
const PLAIN_INTERVAL_MS = 5000;

/** A bar for each refresh on a terminal; elsewhere a line when there is something new. */
export function createRefreshDisplay(options: DisplayOptions): RefreshDisplay {
  return options.stream.isTTY ? barDisplay(options) : plainDisplay(options);
}

/** Shows no progress, beside results that a program reads. */
export function createSilentDisplay(note: (text: string) => void): RefreshDisplay {
  return { update: () => undefined, note, close: () => undefined };
}

function barDisplay({ stream, now }: DisplayOptions): RefreshDisplay {
  const timeLeft = createTimeLeft(now);
  const bars = new Map<string, SingleBar>();
  const board = new MultiBar(
    {
      stream,
      format: '{label} {bar} {percentage} % | {note}',
      barsize: 30,
      autopadding: true,
      hideCursor: true,
      // A note pushes the bars down: also one that has not moved must be drawn again.
      forceRedraw: true,
      linewrap: null,
      // What an interruption does is not the bars' to decide.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  return {
    update(refreshes) {
      const width = Math.max(...refreshes.map(({ viewName }) => viewName.length));
      for (const refresh of refreshes) {
        const payload = {
          label: AGGREGATES[refresh.viewName].sqlName.padEnd(width),
          note: noteOn(refresh, timeLeft(refresh)),
        };
        const bar = bars.get(refresh.id);
        if (bar) bar.update(refresh.progress, payload);
        else bars.set(refresh.id, board.create(1, refresh.progress, payload));
      }
    },
    note: (text) => board.log(`${text}\n`),
    close: () => {
      if (bars.size > 0) board.stop();
      bars.clear();
    },
  };
}

function plainDisplay({ stream, now }: DisplayOptions): RefreshDisplay {
  const timeLeft = createTimeLeft(now);
  const said = new Map<string, { readonly text: string; readonly atMs: number }>();
  const print = (text: string): void => void stream.write(`${text}\n`);
  return {
    update(refreshes) {
      for (const refresh of refreshes) {
        const { id, state, viewName } = refresh;
        const left = timeLeft(refresh);
        const atMs = now().getTime();
        const last = said.get(id);
        const isDue = !last || atMs - last.atMs >= PLAIN_INTERVAL_MS;
        if (last?.text === state && (state !== 'RUNNING' || !isDue)) continue;
        said.set(id, { text: state, atMs });
        const percent = state === 'RUNNING' ? `${Math.floor(100 * refresh.progress)} %, ` : '';
        print(`${AGGREGATES[viewName].sqlName}: ${percent}${noteOn(refresh, left)}`);
      }
    },
    note: print,
    close: () => undefined,
  };
}

/** A word or two on how a refresh is. */
function noteOn({ state }: RefreshRow, leftMs: number | null): string {
  if (state === 'RUNNING') return leftMs === null ? 'running' : `${shortDuration(leftMs)} left`;
  const words = {
    QUEUED: 'waiting',
    SUCCEEDED: 'done',
    FAILED: 'failed',
    CANCELLED: 'cancelled',
  } as const;
  return words[state];
}
