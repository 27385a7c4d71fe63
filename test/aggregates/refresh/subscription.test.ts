import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse, subscribe, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { LOCAL_CALLER } from '../../../src/access/caller.js';
import { RefreshService } from '../../../src/aggregates/refresh/refresh-service.js';
import type { AggregateName } from '../../../src/aggregates/registry.js';
import { createContext } from '../../../src/graphql/context.js';
import { createSchema } from '../../../src/graphql/schema.js';
import { insertPortfolio, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { daysFrom } from '../../helpers/test-days.js';
import { createTestServices } from '../../helpers/test-services.js';

const NAME: AggregateName = 'PORTFOLIO_METRICS_30D_ROLLING';
const OTHER: AggregateName = 'PORTFOLIO_METRICS_90D_SHARPE';

let db: TestDatabase;
let schema: GraphQLSchema;
let refreshes: RefreshService;
let clients: AbortController;

beforeAll(async () => {
  db = await openTestDatabase();
  schema = await createSchema();
  const rows = daysFrom('2024-01-01', 100).map((day) => ({ day, return: 0.01 }));
  await insertPortfolio(db.database, portfolioId(1), rows);
});
beforeEach(() => {
  clients = new AbortController();
  refreshes = new RefreshService(db.database);
});
afterEach(async () => {
  clients.abort();
  await refreshes.close();
});
afterAll(() => db.close());

const OVER = { value: undefined, done: true };

/** How many listen to the changes of refreshes. */
const listeners = (): number => refreshes.events['emitter'].listenerCount('refresh');

interface Change {
  readonly id: string;
  readonly viewName: string;
  readonly state: string;
  readonly progress: number;
  readonly finishedAt: string | null;
}

type Changes = AsyncGenerator<ExecutionResult, void, void>;

/** What a client that subscribes now receives, until it is gone. */
async function listen(argumentsText = ''): Promise<Changes> {
  const services = { ...createTestServices(db.database), refreshes };
  const result = await subscribe({
    schema,
    document: parse(
      `subscription { aggregateRefreshed${argumentsText} { id viewName state progress finishedAt } }`,
    ),
    contextValue: {
      ...createContext(services, { caller: LOCAL_CALLER, requestId: 'test' }),
      signal: clients.signal,
    },
  });
  if (!(Symbol.asyncIterator in result)) throw new Error(JSON.stringify(result));
  return result;
}

/** The changes until one of this aggregate is over. */
async function untilOver(changes: Changes, name: AggregateName): Promise<Change[]> {
  const seen: Change[] = [];
  for (;;) {
    const { value, done } = await changes.next();
    if (done) throw new Error('the subscription ended');
    expect(value.errors).toBeUndefined();
    const { aggregateRefreshed: change } = value.data as unknown as { aggregateRefreshed: Change };
    seen.push(change);
    if (change.viewName === name && change.finishedAt !== null) return seen;
  }
}

const request = (name: AggregateName) =>
  refreshes.request({ name, from: null, to: null, origin: 'REQUEST' });

describe('aggregateRefreshed', () => {
  test('reports QUEUED, RUNNING, progress and SUCCEEDED, in order', async () => {
    const changes = await listen();
    const started = Promise.all([untilOver(changes, NAME), request(NAME)]);
    const [seen, { id }] = await started;
    const states = seen.map(({ state }) => state);
    expect(states.slice(0, 2)).toEqual(['QUEUED', 'RUNNING']);
    expect(states.slice(1, -1)).toEqual(Array(states.length - 2).fill('RUNNING'));
    expect(states.at(-1)).toBe('SUCCEEDED');
    const progress = seen.map((change) => change.progress);
    expect(progress.slice(0, 2)).toEqual([0, 0]);
    expect(progress.at(-1)).toBe(1);
    expect(progress.length).toBeGreaterThan(4);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(seen.every((change) => change.id === id && change.viewName === NAME)).toBe(true);
  });

  test('with viewName reports that one alone', async () => {
    const [ofOne, ofAll] = [await listen(`(viewName: ${OTHER})`), await listen()];
    const both = Promise.all([untilOver(ofOne, OTHER), untilOver(ofAll, OTHER)]);
    await refreshes.wait(await request(NAME));
    await request(OTHER);
    const [one, all] = await both;
    expect(one.map(({ viewName }) => viewName)).toEqual(one.map(() => OTHER));
    expect(one.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['QUEUED', 'RUNNING', 'SUCCEEDED']),
    );
    expect(new Set(all.map(({ viewName }) => viewName))).toEqual(new Set([NAME, OTHER]));
  });

  test('reports a cancelled one, and one that is left by a process that ended', async () => {
    const changes = await listen();
    const seen = untilOver(changes, NAME);
    const waiting = { name: NAME, from: null, to: null, origin: 'REQUEST' } as const;
    const { id } = await refreshes.store.request(waiting);
    await refreshes.store.cancel(id);
    expect((await seen).map(({ state }) => state)).toEqual(['QUEUED', 'CANCELLED']);
    await db.database.write(
      `INSERT INTO aggregate_refreshes (view_name, origin, state, started_at)
      VALUES ('portfolio_metrics_30d_rolling', 'REQUEST', 'RUNNING', now())`,
    );
    const left = untilOver(changes, NAME);
    await refreshes.resume();
    expect((await left).map(({ state }) => state)).toEqual(['FAILED']);
  });

  test('ends when the signal of its request aborts', async () => {
    const changes = await listen();
    const next = changes.next();
    clients.abort();
    expect(await next).toEqual(OVER);
    expect(await changes.next()).toEqual(OVER);
    expect(listeners()).toBe(0);
    // One that comes after it is over before it began.
    const late = await listen();
    expect(await late.next()).toEqual(OVER);
    expect(listeners()).toBe(0);
  });

  test('ends when its client takes leave, also while it waits, and listens no longer', async () => {
    const waiting = await listen(`(viewName: ${OTHER})`);
    const [begun, idle] = [await listen(), await listen()];
    const next = waiting.next();
    const seen = untilOver(begun, NAME);
    await request(NAME);
    await seen;
    for (const changes of [waiting, begun, idle]) expect(await changes.return()).toEqual(OVER);
    expect(await next).toEqual(OVER);
    expect(await begun.next()).toEqual(OVER);
    expect(listeners()).toBe(0);
  });

  test('refuses an aggregate that there is not', async () => {
    const result = await subscribe({
      schema,
      document: parse('subscription { aggregateRefreshed(viewName: NOTHING) { id } }'),
      contextValue: {},
    });
    expect((result as ExecutionResult).errors).toHaveLength(1);
  });
});
