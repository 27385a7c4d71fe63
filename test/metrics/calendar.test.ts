import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  dayOf,
  formatDay,
  formatLength,
  parseDay,
  toDay,
  windowStart,
  type WindowLength,
} from '../../src/metrics/calendar.js';

const startOf = (asOf: string, length: WindowLength): string =>
  formatDay(windowStart(toDay(asOf), length));

const yearStart = (day: number): number => windowStart(day, { years: 1 });

describe('parseDay', () => {
  // Python: date(...).toordinal() - date(1970, 1, 1).toordinal()
  test.each([
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['2024-02-29', 19_782],
    ['1900-03-01', -25_508],
    ['0001-01-01', -719_162],
    ['9999-12-31', 2_932_896],
  ])('reads %s', (text, day) => {
    expect(parseDay(text)).toBe(day);
    expect(formatDay(day)).toBe(text);
  });

  test.each([
    ['29 February of a common year', '2021-02-29'],
    ['29 February 1900', '1900-02-29'],
    ['a day after the end of its month', '2021-04-31'],
    ['a month after December', '2021-13-01'],
    ['a month 0', '2021-00-10'],
    ['a day 0', '2021-01-00'],
    ['single digits', '2021-2-9'],
    ['the year 0000', '0000-01-01'],
    ['a year of six digits', '+002021-02-28'],
    ['a negative year', '-2021-02-28'],
    ['nothing', ''],
    ['a time', '2021-02-28T00:00:00'],
    ['a time zone', '2021-02-28Z'],
    ['spaces around it', ' 2021-02-28'],
    ['a line end after it', '2021-02-28\n'],
    ['another separator', '2021/02/28'],
    ['no separator', '20210228'],
    ['fullwidth digits', '２０２１-０２-２８'],
    ['Arabic digits', '٢٠٢١-٠٢-٢٨'],
    ['a minus sign for a hyphen', '2021−02−28'],
  ])('refuses %s', (_, text) => {
    expect(parseDay(text)).toBeNull();
    expect(() => toDay(text)).toThrow(RangeError);
  });

  test('says which text is no date', () => {
    expect(() => toDay('2021-02-29')).toThrow(
      '"2021-02-29" is not a calendar date such as 2018-05-11',
    );
  });

  test('reads back every day that formatDay writes', () => {
    const day = fc.integer({ min: -719_162, max: 2_932_896 });
    fc.assert(fc.property(day, (number) => expect(parseDay(formatDay(number))).toBe(number)));
  });
});

describe('dayOf', () => {
  test.each([
    ['2024-02-29T00:00:00.000Z', '2024-02-29'],
    ['2024-02-29T23:59:59.999Z', '2024-02-29'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31'],
    ['1970-01-01T00:00:00.000Z', '1970-01-01'],
    ['2024-03-01T01:00:00+02:00', '2024-02-29'],
  ])('of %s is the UTC day %s', (instant, day) => {
    expect(formatDay(dayOf(new Date(instant)))).toBe(day);
  });
});

describe('windowStart', () => {
  // R: as.Date(...) - 29; for the year POSIXlt with year - 1 (29 February to the 28th first), + 1 day.
  test.each([
    ['2024-02-29', '2024-01-31', '2023-03-01'],
    ['2024-02-28', '2024-01-30', '2023-03-01'],
    ['2024-03-01', '2024-02-01', '2023-03-02'],
    ['2025-02-28', '2025-01-30', '2024-02-29'],
    ['2025-03-01', '2025-01-31', '2024-03-02'],
    ['2023-12-31', '2023-12-02', '2023-01-01'],
    ['2024-12-31', '2024-12-02', '2024-01-01'],
    ['2001-02-28', '2001-01-30', '2000-02-29'],
    ['2000-03-01', '2000-02-01', '1999-03-02'],
    ['1900-03-01', '1900-01-31', '1899-03-02'],
    ['1901-03-01', '1901-01-31', '1900-03-02'],
    ['2100-03-01', '2100-01-31', '2099-03-02'],
    ['1970-01-01', '1969-12-03', '1969-01-02'],
    ['0002-01-01', '0001-12-03', '0001-01-02'],
    ['9999-12-31', '9999-12-02', '9999-01-01'],
  ])('of %s is %s for 30 days and %s for a year', (asOf, thirtyDays, year) => {
    expect(startOf(asOf, { days: 30 })).toBe(thirtyDays);
    expect(startOf(asOf, { years: 1 })).toBe(year);
  });

  test.each([
    ['2021-03-31', '2020-04-01'],
    ['2021-04-30', '2020-05-01'],
    ['2020-05-31', '2019-06-01'],
    ['2021-01-31', '2020-02-01'],
  ])('of the end of a month, %s, is %s for a year', (asOf, start) => {
    expect(startOf(asOf, { years: 1 })).toBe(start);
  });

  test('reaches into the year before 0001, a leap year of 366 days, which no row can be in', () => {
    const first = toDay('0001-01-01');
    expect(windowStart(first, { days: 30 })).toBe(first - 29);
    expect(windowStart(first, { years: 1 })).toBe(first - 366 + 1);
    expect(windowStart(toDay('0001-02-28'), { years: 1 })).toBe(toDay('0001-02-28') - 366 + 1);
    expect(windowStart(toDay('0001-03-01'), { years: 1 })).toBe(toDay('0001-03-01') - 365 + 1);
  });

  test.each([
    ['0004-02-29', '0003-03-01'],
    ['0099-12-31', '0099-01-01'],
    ['0100-03-01', '0099-03-02'],
  ])('of %s, a year below 100, is %s and not 19 centuries later', (asOf, start) => {
    expect(startOf(asOf, { years: 1 })).toBe(start);
  });

  test('of a year holds 365 or 366 days, and never moves back from one day to the next', () => {
    const days = Array.from({ length: 210 * 365 }, (_, index) => toDay('1895-01-01') + index);
    const wrong = days.filter((day) => {
      const [start, next] = [yearStart(day), yearStart(day + 1)];
      const held = day - start + 1;
      return (held !== 365 && held !== 366) || next < start;
    });
    expect(wrong.map(formatDay)).toEqual([]);
  });

  test.each([
    ['2024-02-29', 3, '2021-03-01'],
    ['2024-02-29', 4, '2020-03-01'],
    ['2023-02-28', 3, '2020-02-29'],
    ['2026-08-01', 3, '2023-08-02'],
  ])('of %s is, for %d years, %s', (asOf, years, start) => {
    expect(startOf(asOf, { years })).toBe(start);
  });

  test('of one day is the day itself', () => {
    expect(startOf('2024-02-29', { days: 1 })).toBe('2024-02-29');
  });
});

test('a length is words that PostgreSQL reads as an interval', () => {
  const lengths = [{ days: 1 }, { days: 30 }, { years: 1 }, { years: 3 }];
  expect(lengths.map(formatLength)).toEqual(['1 day', '30 days', '1 year', '3 years']);
});
