import { expect, test } from '@jest/globals';
import { shortCount, shortDuration, shortIsoDuration } from '../../src/commands/human-units.js';
import { countPendingDays, describeRanges } from '../../src/commands/pending-days.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

test.each([
  [0, '0s'],
  [45 * SECOND, '45s'],
  [3 * HOUR + 12 * 60 * SECOND + 40 * SECOND, '3h 13m'],
  [23 * HOUR + 59 * 60 * SECOND + 59 * SECOND, '1d'],
  [49 * HOUR, '2d 1h'],
  [400 * 24 * HOUR, '1y 1mo'],
])('a duration of %d ms reads %s', (milliseconds, text) => {
  expect(shortDuration(milliseconds)).toBe(text);
});

test.each([
  ['PT1H', '1h'],
  ['PT6H', '6h'],
  ['P1D', '1d'],
  ['P1M', '1mo'],
  ['PT1H30M', '1h 30m'],
  ['P1Y2M3DT4H5M6S', '1y 2mo 3d 4h 5m 6s'],
  ['PT0S', '0s'],
])('%s reads %s', (iso, text) => {
  expect(shortIsoDuration(iso)).toBe(text);
});

test.each([
  [0, '0'],
  [999, '999'],
  [5040, '5.04K'],
  [36_500_000, '36.5M'],
])('%d rows read %s', (count, text) => {
  expect(shortCount(count)).toBe(text);
});

const range = (from: string, to = from) => ({ from, to, coveredByPolicy: true });

test('ranges of days are counted with both their ends', () => {
  expect(countPendingDays([])).toBe(0);
  expect(countPendingDays([range('2018-05-11')])).toBe(1);
  expect(countPendingDays([range('2016-02-28', '2016-03-01'), range('2018-01-01')])).toBe(4);
});

test('of many ranges the first three are named', () => {
  const days = ['2018-01-01', '2018-01-03', '2018-01-05', '2018-01-07', '2018-01-09'];
  const ranges = days.map((day) => range(day));
  expect(describeRanges(ranges.slice(0, 1))).toBe('2018-01-01');
  expect(describeRanges([range('2018-01-01', '2018-01-02')])).toBe('2018-01-01 to 2018-01-02');
  expect(describeRanges(ranges.slice(0, 4))).toBe(
    '2018-01-01, 2018-01-03, 2018-01-05, and 1 more range',
  );
  expect(describeRanges(ranges)).toBe('2018-01-01, 2018-01-03, 2018-01-05, and 2 more ranges');
});
