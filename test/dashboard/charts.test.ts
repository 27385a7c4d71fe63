import { describe, expect, test } from '@jest/globals';
import { ChartCursor } from '../../dashboard/src/charts/chart-cursor.js';
import { drawnData } from '../../dashboard/src/charts/chart-data.js';
import { valueAt } from '../../dashboard/src/charts/value-at.js';
import { compounded } from '../../dashboard/src/portfolio/compounded.js';

const line = (values: (number | null)[]) => ({ name: 'Line', color: '--line', values });
/** The values that are drawn for a line over days. */
const drawn = (days: string[], values: (number | null)[]): (number | null)[] =>
  drawnData({ days, lines: [line(values)] })[1]!;

describe('a line', () => {
  test('goes on over a weekend, and breaks at a missing value', () => {
    expect(drawn(['2024-01-04', '2024-01-05', '2024-01-08'], [1, 2, 3])).toEqual([1, 2, 3]);
    expect(drawn(['2024-01-04', '2024-01-05', '2024-01-08'], [1, null, 3])).toEqual([1, null, 3]);
  });

  test('breaks where days without a row are missing', () => {
    expect(drawn(['2024-01-04', '2024-01-05', '2024-02-05'], [1, 2, 3])).toEqual([1, 2, null, 3]);
  });

  test('of monthly rows goes on from month to month', () => {
    const days = ['2024-01-31', '2024-02-29', '2024-03-29', '2024-04-30', '2024-10-31'];
    expect(drawn(days, [1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, null, 5]);
  });

  test('has a value on its own days alone, and without a day its last one', () => {
    const data = { days: ['2024-01-04', '2024-01-08'], lines: [line([1, null])] };
    const at = (day?: string) => valueAt(data, data.lines[0]!, day);
    expect([at('2024-01-04'), at('2024-01-05'), at('2024-01-08'), at()]).toEqual([
      1,
      null,
      null,
      1,
    ]);
  });
});

test('missing returns are left out of what is compounded', () => {
  const [first, missing, last] = compounded([0.1, null, 0.1]);
  expect([first, missing]).toEqual([expect.closeTo(0.1, 12), null]);
  expect(last).toBeCloseTo(0.21, 12);
});

describe('the cursor', () => {
  const days = Array.from({ length: 30 }, (_, n) => `2024-01-${String(n + 1).padStart(2, '0')}`);

  test('begins at the last day, moves, and stays within the days', () => {
    const cursor = new ChartCursor();
    const press = (key: string) => {
      cursor.press(key, days);
      return cursor.readOut.value;
    };
    expect(press('ArrowLeft')).toBe('2024-01-29');
    expect(press('PageUp')).toBe('2024-01-08');
    expect(press('PageUp')).toBe('2024-01-01');
    expect(press('End')).toBe('2024-01-30');
    expect(press('ArrowRight')).toBe('2024-01-30');
    expect(press('Escape')).toBeUndefined();
    expect(cursor.press('a', days)).toBe(false);
    expect(cursor.press('ArrowLeft', [])).toBe(false);
  });
});
