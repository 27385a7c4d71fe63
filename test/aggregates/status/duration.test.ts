import { describe, expect, test } from '@jest/globals';
import { formatDuration } from '../../../src/aggregates/status/duration.js';

describe('formatDuration', () => {
  test.each([
    ['PT1H', { hours: 1 }],
    ['P1M', { months: 1 }],
    ['PT1M', { minutes: 1 }],
    ['P1Y2M3DT4H5M6S', { years: 1, months: 2, days: 3, hours: 4, minutes: 5, seconds: 6 }],
    ['P1DT12H', { days: 1, hours: 12 }],
    ['P-1D', { days: -1 }],
    ['PT6.25S', { seconds: 6, milliseconds: 250 }],
    ['PT0.5S', { milliseconds: 500 }],
  ])('gives %s', (text, interval) => {
    expect(formatDuration(interval)).toBe(text);
  });

  test.each([[{}], [{ days: 0, seconds: 0 }]])('of nothing, %j, is PT0S', (interval) => {
    expect(formatDuration(interval)).toBe('PT0S');
  });
});
