import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bearerFor } from '../access/keys.js';
import { startAccessServer } from '../access/access-server.js';
import type { AccessServer } from '../access/access-server.js';
import { KeptAnswers } from '../../src/http/kept-answers.js';
import type { KeptAnswer } from '../../src/http/kept-answers.js';
import { resolvedOf } from './test-server.js';
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

const resolved = (field: string): Promise<number> => resolvedOf(server, field);

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

  test('is another one where extensions or another type are asked for', async () => {
    const post = (body: object, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: acme, ...headers },
        body: JSON.stringify({ query: WINDOW, variables: { id: ID }, ...body }),
      });
    for (let n = 0; n < 2; n++) {
      const withCost = await post({ extensions: { cost: true } });
      expect(await withCost.json()).toMatchObject({
        ...(answer(0.01) as object),
        extensions: { cost: { operation: expect.any(Number) as unknown } },
      });
      const accept = 'application/graphql-response+json';
      const typed = await post({}, { accept });
      expect(typed.headers.get('content-type')).toContain(accept);
      expect(await typed.json()).toEqual(answer(0.01));
    }
    expect(await computed()).toBe(2);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(
      /graphql_operation_duration_seconds_count{operation="query",errors="none"} \d/,
    );
  });

  test('is not given to who is not let in, nor to a page that does not say it sends JSON', async () => {
    expect(await server.ask(WINDOW, 'Bearer wrong', { id: ID })).toMatchObject({ status: 401 });
    const { status } = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', authorization: acme },
      body: JSON.stringify({ query: WINDOW, variables: { id: ID } }),
    });
    expect(status).toBeGreaterThanOrEqual(400);
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
  const of = (length: number): KeptAnswer => ({
    version: 'v1',
    contentType: 'application/json',
    text: 'x'.repeat(length),
  });

  test('are the last used ones within their bound', () => {
    const kept = new KeptAnswers(10_000);
    for (const question of ['a', 'b', 'c']) kept.set(question, of(3500));
    expect(['a', 'b', 'c'].filter((question) => kept.get(question))).toEqual(['b', 'c']);
    kept.set('too long', of(10_000));
    expect(kept.get('too long')).toBeUndefined();
    kept.set('q'.repeat(10_000), of(1));
    expect(kept.get('q'.repeat(10_000))).toBeUndefined();
  });

  test('are none with a bound of 0', () => {
    const kept = new KeptAnswers(0);
    kept.set('q', of(1));
    expect(kept.get('q')).toBeUndefined();
  });
});
