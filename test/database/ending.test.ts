import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SharedWork, until } from '../../src/async/until.js';
import { Database } from '../../src/database/database.js';
import { StatementQueue } from '../../src/database/statement-queue.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { whileHeld } from '../helpers/while-held.js';

const REASON = new Error('long enough');

let db: TestDatabase;
let ends: AbortController;
let ending: Database;

beforeAll(async () => {
  db = await openTestDatabase({ embedded: 'its one session is held' });
  await db.database.write('CREATE TABLE things (n int)');
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.database.write('DELETE FROM things');
  ends = new AbortController();
  ending = db.database.withSignal(ends.signal);
});

async function things(): Promise<number[]> {
  const rows = await db.database.read<{ n: number }>('SELECT n FROM things ORDER BY n');
  return rows.map(({ n }) => n);
}

describe('work with a signal', () => {
  test('is done like any other as long as that has not aborted', async () => {
    await ending.write('INSERT INTO things VALUES (1)');
    await ending.transaction((session) => session.query('INSERT INTO things VALUES (2)'));
    expect(await ending.readPrepared('SELECT n FROM things ORDER BY n')).toEqual([
      { n: 1 },
      { n: 2 },
    ]);
  });

  test('is rejected at once when it aborts, and leaves nothing behind', async () => {
    await whileHeld(db.database, async () => {
      const attempts = [
        ending.read('SELECT 1'),
        ending.readPrepared('SELECT 2'),
        ending.write('INSERT INTO things VALUES (1)'),
        ending.transaction((session) => session.query('INSERT INTO things VALUES (2)')),
      ];
      ends.abort(REASON);
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.map((outcome) => 'reason' in outcome && outcome.reason)).toEqual(
        attempts.map(() => REASON),
      );
    });
    // The connection is free again.
    expect(await things()).toEqual([]);
  });

  test('does not begin after it aborted', async () => {
    ends.abort(REASON);
    db.statements.length = 0;
    await expect(ending.read('SELECT 1')).rejects.toBe(REASON);
    await expect(ending.write('INSERT INTO things VALUES (1)')).rejects.toBe(REASON);
    expect(db.statements).toEqual([]);
  });

  test('reading a long statement is rejected at once; the engine ends the statement', async () => {
    const reading = ending.read('SELECT pg_sleep(1)');
    const started = performance.now();
    setTimeout(() => ends.abort(REASON), 100);
    await expect(reading).rejects.toBe(REASON);
    expect(performance.now() - started).toBeLessThan(900);
    expect(await things()).toEqual([]);
  });

  test('that writes learns how that ended', async () => {
    const writing = ending.write('INSERT INTO things SELECT 1 FROM pg_sleep(0.3)');
    setTimeout(() => ends.abort(REASON), 50);
    // The embedded engine could not cancel it, so it has happened.
    await writing;
    expect(await things()).toEqual([1]);
  });

  test.each(['between two statements', 'before the commit'])(
    'in a transaction is taken back whole when it aborts %s',
    async (when) => {
      const attempt = ending.transaction(async (session) => {
        await session.query('INSERT INTO things VALUES (1)');
        ends.abort(REASON);
        if (when === 'between two statements') await session.query('INSERT INTO things VALUES (2)');
      });
      await expect(attempt).rejects.toBe(REASON);
      expect(await things()).toEqual([]);
    },
  );

  test('in a session cleans up also when it aborts', async () => {
    const attempt = ending.session(async (session) => {
      await session.query('CREATE TEMPORARY TABLE left_over (n int)');
      ends.abort(REASON);
      try {
        await session.query('SELECT 1');
      } finally {
        await session.cleanUp('DROP TABLE left_over');
      }
    });
    await expect(attempt).rejects.toBe(REASON);
    await expect(db.database.read('SELECT * FROM left_over')).rejects.toThrow('does not exist');
  });
});

describe('a queue', () => {
  test('that is full refuses requests at once, and nothing else', async () => {
    const bounded = new Database('embedded', db.database.dataSource, new StatementQueue(2));
    const requests = bounded.withSignal(ends.signal);
    await whileHeld(db.database, async () => {
      const waiting = [requests.read('SELECT 1'), requests.write('SELECT 2')];
      await expect(requests.read('SELECT 3')).rejects.toMatchObject({ code: 'OVERLOADED' });
      await expect(requests.transaction(async () => 4)).rejects.toMatchObject({
        code: 'OVERLOADED',
      });
      const ofOurs = bounded.read('SELECT 5');
      ends.abort(REASON);
      await Promise.allSettled(waiting);
      void ofOurs.catch(() => undefined);
    });
    expect(await bounded.withSignal(new AbortController().signal).read('SELECT 6 AS n')).toEqual([
      { n: 6 },
    ]);
  });
});

describe('shared work', () => {
  function shared(): {
    work: SharedWork<string>;
    signal: AbortSignal;
    finish: (value: string) => void;
  } {
    let finish: (value: string) => void = () => undefined;
    let signal = AbortSignal.abort();
    const work = new SharedWork<string>((given) => {
      signal = given;
      return new Promise((resolve) => (finish = resolve));
    });
    return { work, signal, finish: (value) => finish(value) };
  }

  test('goes on for callers that still wait', async () => {
    const { work, signal, finish } = shared();
    const [one, other] = [new AbortController(), new AbortController()];
    const waits = [work.wait(one.signal), work.wait(other.signal), work.wait(undefined)];
    one.abort(REASON);
    await expect(waits[0]).rejects.toBe(REASON);
    other.abort(REASON);
    await expect(waits[1]).rejects.toBe(REASON);
    expect(signal.aborted).toBe(false);
    expect(work.isStopped).toBe(false);
    finish('done');
    expect(await waits[2]).toBe('done');
    expect(signal.aborted).toBe(false);
  });

  test('stops when no caller waits any more', async () => {
    const { work, signal } = shared();
    const waits = [work.wait(ends.signal), work.wait(ends.signal)];
    ends.abort(REASON);
    await Promise.allSettled(waits);
    expect(signal.aborted).toBe(true);
    expect(work.isStopped).toBe(true);
  });

  test('rejects callers whose signal has aborted with its reason', async () => {
    await expect(until(new Promise(() => undefined), AbortSignal.abort(REASON))).rejects.toBe(
      REASON,
    );
  });
});
