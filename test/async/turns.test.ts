import { setImmediate as nextLoop } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Turns } from '../../src/async/turns.js';

test('work begins at once within a turn, and in line after it, one at a time', async () => {
  let time = 0;
  const turns = new Turns(() => time);
  expect(turns.begin()).toBeUndefined();
  time = 14;
  expect(turns.begin()).toBeUndefined();
  time = 15;
  const done: string[] = [];
  const work = async (name: string): Promise<void> => {
    await turns.begin();
    time += 15;
    done.push(name);
  };
  const all = Promise.all(['a', 'b', 'c'].map(work));
  expect(done).toEqual([]);
  // Whatever else the loop does has its chance between two of them.
  let rounds = 0;
  while (done.length < 3) {
    const before = done.length;
    await nextLoop();
    expect(done.length - before).toBeLessThanOrEqual(1);
    rounds += 1;
  }
  expect(rounds).toBeGreaterThanOrEqual(3);
  expect(done).toEqual(['a', 'b', 'c']);
  await all;
});

test('work that began goes on in its turn, past those in line, twice as long', async () => {
  let time = 0;
  const turns = new Turns(() => time);
  expect(turns.begin()).toBeUndefined();
  time = 15;
  const waiting = turns.begin();
  expect(waiting).toBeInstanceOf(Promise);
  time = 29;
  expect(turns.next()).toBeUndefined();
  expect(turns.with('value')).toBe('value');
  time = 30;
  const done: string[] = [];
  const rest = turns.next()!.then(() => done.push('rest'));
  const other = waiting!.then(() => done.push('other'));
  await Promise.all([rest, other]);
  expect(done).toEqual(['other', 'rest']);
});

test('a loop that has been round begins a new turn', async () => {
  let time = 0;
  const turns = new Turns(() => time);
  expect(turns.next()).toBeUndefined();
  time = 1000;
  await nextLoop();
  await nextLoop();
  expect(turns.next()).toBeUndefined();
  expect(turns.with('value')).toBe('value');
  time = 2000;
  const later = turns.with('value');
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toBe('value');
});

test('work that is released together proceeds one after the other, within turns', async () => {
  let time = 0;
  const turns = new Turns(() => time);
  const released = Promise.resolve();
  const ends: number[] = [];
  const work = async (): Promise<void> => {
    await released;
    await turns.inLine();
    // As far as what loads a value is from what computes with it.
    await Promise.resolve().then(() => undefined);
    time += 10;
    ends.push(time);
  };
  const all = Promise.all([1, 2, 3, 4, 5].map(work));
  const inRounds: number[] = [];
  for (let before = 0; before < 5; before = ends.length) {
    await nextLoop();
    inRounds.push(ends.length - before);
  }
  await all;
  expect(inRounds.filter((count) => count > 0)).toEqual([2, 2, 1]);
});
