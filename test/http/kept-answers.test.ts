import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bearerFor } from '../access/keys.js';
import { startAccessServer } from '../access/access-server.js';
import type { AccessServer } from '../access/access-server.js';
import { KeptAnswers } from '../../src/graphql/kept-answers.js';
import { insertPortfolio, portfolioId, refreshAll } from '../helpers/test-data.js';
import { openTestDatabase } from '../helpers/test-database.js';
import type { TestDatabase } from '../helpers/test-database.js';

const ID = portfolioId(1);
const DAY = '2024-01-02';
const WINDOW = `query Window($id: UUID!) { portfolio(id: $id) { name rolling30d { averageReturn freshness { isStale } } } }`;

let db: TestDatabase;
let server: AccessServer;
let acme: string;
let other: string;

beforeAll(async () => {
  db = await openTestDatabase();
  server = await startAccessServer(db.database);
  await insertPortfolio(db.database, ID, [{ day: DAY, return: 0.01, value: 1 }]);
  await db.database.write(`UPDATE portfolios SET tenant = 'acme' WHERE id = $1`, [ID]);
  await refreshAll(db.database, DAY, DAY);
  acme = await bearerFor(db.database, 'operator', 'acme');
  other = await bearerFor(db.database, 'operator', 'other');
});
afterAll(async () => {
  await server.close();
  await db.close();
});

async function ask(
  query = WINDOW,
  { by = acme, id = ID }: { by?: string; id?: string } = {},
): Promise<unknown> {
  const { text } = await server.ask(query, by, { id });
  return JSON.parse(text);
}

/** How many times a field of Query was resolved. */
async function resolved(field: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = new RegExp(`root_field_duration_seconds_count{.*field="${field}"} (\\d+)`);
  return Number(line.exec(text)?.[1] ?? 0);
}

const restate = (value: number): Promise<unknown> =>
  db.database.write('UPDATE portfolio_metrics SET twr_1d = $1 WHERE portfolio_id = $2', [
    value,
    ID,
  ]);

const answer = (averageReturn: number, isStale = false): unknown => ({
  data: {
    portfolio: { name: `Portfolio ${ID}`, rolling30d: { averageReturn, freshness: { isStale } } },
  },
});

describe('an answer that is asked for again', () => {
  let before: number;
  beforeEach(async () => {
    await ask();
    before = await resolved('portfolio');
  });
  const computed = async (): Promise<number> => (await resolved('portfolio')) - before;

  test('is not computed again', async () => {
    expect(await ask()).toEqual(answer(0.01));
    expect(await computed()).toBe(0);
  });

  test('with other variables, by another name or by another caller is another one', async () => {
    expect(await ask(WINDOW, { id: portfolioId(2) })).toEqual({ data: { portfolio: null } });
    expect(await ask(WINDOW, { by: other })).toEqual({ data: { portfolio: null } });
    expect(await ask(WINDOW.replace('name', 'name: id'))).toMatchObject({
      data: { portfolio: { name: ID } },
    });
    expect(await computed()).toBe(3);
  });

  test('has the extensions that are asked for this time', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: acme },
      body: JSON.stringify({ query: WINDOW, variables: { id: ID }, extensions: { cost: true } }),
    });
    expect(await response.json()).toMatchObject({
      ...(answer(0.01) as object),
      extensions: { cost: { operation: expect.any(Number) } },
    });
    expect(await computed()).toBe(0);
  });

  test('is another one after a late row, and after the refresh that takes it', async () => {
    await restate(0.03);
    expect(await ask()).toEqual(answer(0.01, true));
    await refreshAll(db.database, DAY, DAY);
    expect(await ask()).toEqual(answer(0.03));
    await restate(0.01);
    await refreshAll(db.database, DAY, DAY);
    expect(await ask()).toEqual(answer(0.01));
  });

  test('is not kept where a field failed, or where one is not versioned', async () => {
    const failing =
      'query F($id: UUID!) { portfolio(id: $id) { id } portfolios(first: 0) { totalCount } }';
    for (let n = 0; n < 2; n++) {
      expect(await ask(failing)).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      });
    }
    expect(await computed()).toBeGreaterThanOrEqual(2);
    const health = await resolved('health');
    for (let n = 0; n < 2; n++)
      await ask(`query H($id: UUID!) { portfolio(id: $id) { id } health { status } }`);
    expect((await resolved('health')) - health).toBe(2);
  });
});

describe('answers in memory', () => {
  const sent = (kept: KeptAnswers, question: string, text: string): void => {
    const data = { text };
    kept.keep(question, 'v1', data);
    kept.toText({ data });
  };

  test('are those of one version', () => {
    const kept = new KeptAnswers(10_000);
    sent(kept, 'q', 'a');
    expect(kept.toText({ data: kept.find('q', 'v1')! })).toBe('{"data":{"text":"a"}}\n');
    expect(kept.find('q', 'v2')).toBeUndefined();
    expect(kept.find('other', 'v1')).toBeUndefined();
  });

  test('are the last used ones within their bound', () => {
    const kept = new KeptAnswers(10_000);
    const text = 'x'.repeat(3500);
    for (const question of ['a', 'b', 'c']) sent(kept, question, text);
    const found = ['a', 'b', 'c'].filter((question) => kept.find(question, 'v1'));
    expect(found).toEqual(['b', 'c']);
    sent(kept, 'too long', 'x'.repeat(10_000));
    expect(kept.find('too long', 'v1')).toBeUndefined();
  });

  test('are none with a bound of 0', () => {
    const kept = new KeptAnswers(0);
    expect(kept.isEnabled).toBe(false);
    sent(kept, 'q', 'a');
    expect(kept.find('q', 'v1')).toBeUndefined();
  });
});
