import { describe, expect, test } from '@jest/globals';
import { BatchSchedule } from '../../../src/aggregates/series/batch-schedule.js';

/** Work that ends when the test says so. */
function openWork(schedule: BatchSchedule): () => void {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  void schedule.track(() => ended);
  return end;
}

/** Ends once a batch is sent. */
function sent(schedule: BatchSchedule): Promise<number> {
  return new Promise((resolve) => schedule.schedule(() => resolve(performance.now())));
}

describe('a batch', () => {
  test('is sent at once while little is under way, after all that is requested in the same tick', async () => {
    const schedule = new BatchSchedule();
    openWork(schedule);
    const order: string[] = [];
    const isSent = sent(schedule).then(() => order.push('sent'));
    await Promise.resolve().then(() => order.push('requested'));
    await isSent;
    expect(order).toEqual(['requested', 'sent']);
  });

  test('is held back while more is under way, until some of that ends', async () => {
    const schedule = new BatchSchedule(3_600_000);
    const end = openWork(schedule);
    openWork(schedule);
    let isSent = false;
    const batch = sent(schedule).then(() => (isSent = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isSent).toBe(false);
    end();
    await batch;
  });

  test('is held back for a moment at most', async () => {
    const schedule = new BatchSchedule(1);
    openWork(schedule);
    openWork(schedule);
    expect(await sent(schedule)).toBeGreaterThan(0);
  });

  test('is not held back by work that failed', async () => {
    const schedule = new BatchSchedule(3_600_000);
    for (let n = 0; n < 2; n++) {
      await expect(schedule.track(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    }
    await sent(schedule);
  });
});
