import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { createRefreshDisplay, type RefreshDisplay } from '../../src/commands/refresh-display.js';
import { createTimeLeft } from '../../src/commands/time-left.js';
import { refreshRow } from './recorded.js';

/** A display on a stream, the text it has written, and a clock that is moved by hand. */
function displayed(isTTY: boolean): {
  display: RefreshDisplay;
  written: () => string;
  at: (seconds: number) => void;
} {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  let now = new Date(0);
  return {
    display: createRefreshDisplay({ stream, now: () => now }),
    written: () => String((stream.read() as Buffer | null) ?? ''),
    at: (seconds) => void (now = new Date(seconds * 1000)),
  };
}

test('without a terminal there is a line when something is new', () => {
  const { display, written, at } = displayed(false);
  display.update([refreshRow({ state: 'QUEUED' })]);
  display.update([refreshRow({ state: 'QUEUED' })]);
  expect(written()).toBe('portfolio_metrics_30d_rolling: waiting\n');
  display.update([refreshRow()]);
  expect(written()).toBe('portfolio_metrics_30d_rolling: 0 %, running\n');
  at(4);
  display.update([refreshRow({ progress: 0.2 })]);
  expect(written()).toBe('');
  at(5);
  display.update([refreshRow({ progress: 0.25 })]);
  expect(written()).toBe('portfolio_metrics_30d_rolling: 25 %, 15s left\n');
  display.note('Cancelling.');
  display.update([refreshRow({ state: 'CANCELLED', progress: 0.25 })]);
  expect(written()).toBe('Cancelling.\nportfolio_metrics_30d_rolling: cancelled\n');
  display.close();
});

test('on a terminal there is a bar for each refresh', () => {
  const { display, written, at } = displayed(true);
  const other = { id: '8', viewName: 'PORTFOLIO_METRICS_1Y_BETA' } as const;
  display.update([refreshRow(), refreshRow({ ...other, state: 'QUEUED' })]);
  at(10);
  display.update([refreshRow({ progress: 0.5 }), refreshRow({ ...other, state: 'QUEUED' })]);
  display.close();
  display.close();
  const lines = stripVTControlCharacters(written()).split('\n');
  const [full, empty] = ['█', '░'];
  expect(lines).toContain(
    `portfolio_metrics_30d_rolling ${full.repeat(15)}${empty.repeat(15)}  50 % | 10s left`,
  );
  expect(lines).toContain(`portfolio_metrics_1y_beta     ${empty.repeat(30)}   0 % | waiting`);
});

test('the time left goes by the pace since a refresh was first seen running', () => {
  let now = new Date(0);
  const timeLeft = createTimeLeft(() => now);
  expect(timeLeft(refreshRow({ state: 'QUEUED' }))).toBeNull();
  expect(timeLeft(refreshRow({ progress: 0.2 }))).toBeNull();
  now = new Date(1000);
  expect(timeLeft(refreshRow({ progress: 0.2 }))).toBeNull();
  now = new Date(2000);
  expect(timeLeft(refreshRow({ progress: 0.6 }))).toBeCloseTo(2000);
  expect(timeLeft(refreshRow({ state: 'SUCCEEDED', progress: 1 }))).toBeNull();
});
