import { describe, expect, test } from '@jest/globals';
import { assert, asyncProperty, jsonValue } from 'fast-check';
import { Turns } from '../../src/async/turns.js';
import { createResultWriter } from '../../src/graphql/write-result.js';

const write = createResultWriter(Number.MAX_SAFE_INTEGER, new Turns());
const numbers = (length: number): (number | null)[] =>
  Array.from({ length }, (_, n) => (n % 7 === 0 ? null : n / 7));
const long = (): Record<string, unknown> => ({
  name: 'é"\n',
  days: Array.from({ length: 7001 }, (_, n) => `day ${n}`),
  columns: [{ values: numbers(20_000) }, { values: [] }, null, { values: numbers(1) }],
  absent: undefined,
  text: 'x'.repeat(100_000),
  nothing: null,
  empty: [],
});

describe('a result', () => {
  test('is written as JSON.stringify writes it, with the end of a line', async () => {
    await assert(
      asyncProperty(jsonValue(), async (data) => {
        const result = { data: { data: data as Record<string, unknown> } };
        expect(await write(result)).toBe(`${JSON.stringify(result)}\n`);
        const longer = { data: { data, ...long() }, errors: [] };
        expect(await write(longer)).toBe(`${JSON.stringify(longer)}\n`);
      }),
      { numRuns: 50 },
    );
  });

  test('that is long is written in turns', async () => {
    let time = 0;
    let turn = 0;
    // Every look at the clock finds that it is late.
    const turns = new Turns(() => (time += 1000));
    const next = turns.next.bind(turns);
    turns.next = () => {
      turn += 1;
      return next();
    };
    const text = await createResultWriter(10_000_000, turns)({ data: { a: long(), b: long() } });
    expect(turn).toBeGreaterThanOrEqual(Math.floor(text.length / 200_000));
  });

  test('that is too long is given up, with its limit', async () => {
    const limited = createResultWriter(200_000, new Turns());
    await expect(limited({ data: long() })).rejects.toMatchObject({
      code: 'OPERATION_TOO_COSTLY',
      message: expect.stringContaining('more than 200,000 bytes'),
    });
    // Bytes, and not characters.
    const two = { data: { text: 'é'.repeat(100_000) } };
    await expect(limited(two)).rejects.toThrow('RESPONSE_MAX_BYTES');
    expect(await limited({ data: { text: 'e'.repeat(100_000) } })).toContain('eee');
  });
});
