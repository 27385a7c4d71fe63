import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { SlidingWindow } from '../../src/metrics/sliding-window.js';
import type { WindowPartial } from '../../src/metrics/window-partial.js';

/** The days in their order. Joining texts does not commute, so a wrong order shows. */
class Text implements WindowPartial {
  text = '';

  get count(): number {
    return this.text.length;
  }

  clear(): void {
    this.text = '';
  }

  merge(earlier: Text, later: Text): void {
    this.text = earlier.text + later.text;
  }
}

const nameOf = (index: number): string => `[${index}]`;
const appendTo = (partial: Text, index: number): void => {
  partial.text += nameOf(index);
};
const textOf = (first: number, end: number): string =>
  Array.from({ length: Math.max(0, end - first) }, (_, i) => nameOf(first + i)).join('');

/** What sliding over 10,000 days costs. */
function costOf(length: number): { adds: number; merges: number; partials: number } {
  const cost = { adds: 0, merges: 0, partials: 0 };
  const create = (): WindowPartial => {
    cost.partials += 1;
    return { count: 0, clear: () => undefined, merge: () => void (cost.merges += 1) };
  };
  const window = new SlidingWindow(create, () => void (cost.adds += 1), 0);
  for (let end = 1; end <= 10_000; end++) window.slideTo(Math.max(0, end - length), end);
  return cost;
}

describe('a sliding window', () => {
  test('holds the days from first to end in their order, wherever they move', () => {
    const step = fc.record({ first: fc.nat(6), end: fc.nat(6) });
    const property = fc.property(
      fc.nat(5),
      fc.array(step, { size: 'max', maxLength: 60 }),
      (start, steps) => {
        const window = new SlidingWindow(() => new Text(), appendTo, start);
        let [first, end] = [start, start];
        for (const by of steps) {
          end += by.end;
          // A window may become empty, but not run ahead of its end.
          first = Math.min(first + by.first, end);
          expect(window.slideTo(first, end).text).toBe(textOf(first, end));
        }
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  test('catches up when it jumps beyond all it held', () => {
    const window = new SlidingWindow(() => new Text(), appendTo, 0);
    expect(window.slideTo(0, 3).text).toBe(textOf(0, 3));
    expect(window.slideTo(7, 9).text).toBe(textOf(7, 9));
    expect(window.slideTo(8, 12).text).toBe(textOf(8, 12));
  });

  test('is empty before the first day', () => {
    const window = new SlidingWindow(() => new Text(), appendTo, 4);
    expect(window.slideTo(4, 4).text).toBe('');
  });

  test('gives the same result a second time', () => {
    const window = new SlidingWindow(() => new Text(), appendTo, 0);
    window.slideTo(0, 4);
    window.slideTo(2, 6);
    expect(window.slideTo(2, 6).text).toBe(textOf(2, 6));
    expect(window.slideTo(2, 6).text).toBe(textOf(2, 6));
  });

  test.each([1, 20, 250, 2500])('of %d days costs each day at most four operations', (length) => {
    const { adds, merges } = costOf(length);
    expect(adds + merges).toBeLessThanOrEqual(4 * 10_000);
  });

  test('makes no more partials than the longest window needs', () => {
    expect(costOf(250).partials).toBeLessThanOrEqual(250 + 3);
  });
});
