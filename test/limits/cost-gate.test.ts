import { setImmediate as nextLoop } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { CostGate } from '../../src/limits/cost-gate.js';

const never = new AbortController().signal;

/** Enters and notes it in `entered`. */
function enterer(gate: CostGate) {
  const entered: number[] = [];
  const enter = async (cost: number, signal = never): Promise<() => void> => {
    const leave = await gate.enter(cost, signal);
    entered.push(cost);
    // Leaving twice, as when a response was sent and its connection then ends, is leaving once.
    return () => [leave, leave].forEach((each) => each?.());
  };
  return { entered, enter };
}

test('operations run together up to the room, and others in their order', async () => {
  const { entered, enter } = enterer(new CostGate(1_000_000));
  const leaveFirst = await enter(600_000);
  const leaveSecond = await enter(300_000);
  const third = enter(500_000);
  // It would fit, but came later.
  const fourth = enter(100_001);
  await enter(100_000);
  expect(entered).toEqual([600_000, 300_000, 100_000]);
  leaveSecond();
  await nextLoop();
  expect(entered).toHaveLength(3);
  leaveFirst();
  (await third)();
  (await fourth)();
  expect(entered.slice(3)).toEqual([500_000, 100_001]);
  // All of the room is there again, also for one that costs more than that.
  const leaveLarge = await enter(5_000_000);
  const last = enter(200_000);
  await nextLoop();
  expect(entered).toHaveLength(6);
  leaveLarge();
  (await last)();
});

test('a client that goes away leaves the line, and those behind it proceed', async () => {
  const { entered, enter } = enterer(new CostGate(1_000_000));
  const leave = await enter(600_000);
  const gone = new AbortController();
  const large = enter(900_000, gone.signal);
  const small = enter(300_000);
  await nextLoop();
  expect(entered).toEqual([600_000]);
  gone.abort(new Error('gone'));
  await expect(large).rejects.toThrow('gone');
  (await small)();
  leave();
  (await enter(1_000_000))();
});

test('waiting ends with OVERLOADED, at once where too many wait', async () => {
  const gate = new CostGate(200_000, 1, 20);
  const leave = await gate.enter(200_000, never);
  const waiting = gate.enter(150_000, never);
  const refused = { code: 'OVERLOADED', headers: new Map([['retry-after', '1']]) };
  await expect(gate.enter(150_000, never)).rejects.toMatchObject(refused);
  await expect(waiting).rejects.toMatchObject(refused);
  leave!();
  (await gate.enter(200_000, never))!();
});
