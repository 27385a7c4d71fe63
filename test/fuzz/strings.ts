import type { Dice } from './dice.js';

const KNOWN_ID = '5a3f1c00-0000-4000-8000-000000000001';

/** Texts that have broken programs. */
const SPECIAL = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\n\r\t\v\f',
  '\u0001\u001b[31m\u007f\u0085',
  '\u2028\u2029\ufeff',
  '\ud800',
  'a\udfffb',
  '\udc00\ud800',
  '\ufffd\uffff',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'é́́́́́́́',
  '\u202eabc\u202c',
  'ﷺ'.repeat(100),
  "'; DROP TABLE portfolios; --",
  "' OR '1'='1",
  String.raw`\'; SELECT pg_sleep(60); --`,
  '$1',
  '$$; SELECT 1; $$',
  '%_%',
  String.raw`\\%\_`,
  '1; COPY portfolios TO PROGRAM $$id$$',
  '"} } mutation { refreshAllAggregates { id } } #',
  '{ __schema { types { name } } }',
  '"""',
  '${7*7}{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  '0x1p3',
  'true',
  '[]',
  '{}',
] as const;

/** Days of all kinds, and what is no day. */
export const DAYS = [
  '2018-05-11',
  '2018-05-12',
  '2013-05-13',
  '2016-02-29',
  '2024-02-29',
  '2023-02-29',
  '2100-02-29',
  '0001-01-01',
  '0001-01-02',
  '0000-01-01',
  '-0001-01-01',
  '-000001-01-01',
  '9999-12-31',
  '10000-01-01',
  '+010000-01-01',
  '1582-10-10',
  '1970-01-01',
  '2018-13-01',
  '2018-00-10',
  '2018-01-32',
  '2018-1-1',
  '2018-05-11T00:00:00Z',
  '2018-05-11 ',
  '２０１８-05-11',
  'infinity',
  '-infinity',
  'now',
  'epoch',
  'today',
] as const;

export const IDS = [
  KNOWN_ID,
  '5a3f1c00-0000-4000-8000-000000000002',
  '5A3F1C00-0000-4000-8000-000000000003',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '5a3f1c0000004000800000000000001',
  `{${KNOWN_ID}}`,
  `${KNOWN_ID} `,
  `${KNOWN_ID}\n`,
  'not-a-uuid',
] as const;

export const DURATIONS = [
  'PT1H',
  'P1M',
  'P1Y',
  'PT0S',
  'P0D',
  '-P1D',
  'P-1D',
  'P1W',
  'P1Y2M3DT4H5M6S',
  'P99999999Y',
  'P178000000Y',
  'PT9999999999999999S',
  'P1.5D',
  'P0.5M',
  'PT1,5S',
  'P',
  'PT',
  '1 day',
  'infinity',
] as const;

/** A text: one of those that are known for it, one of any letters, or a long one. */
export function anyString(dice: Dice): string {
  if (dice.chance(0.5)) return dice.pick(SPECIAL);
  if (dice.chance(0.4)) return dice.pick([...DAYS, ...IDS, ...DURATIONS]);
  const length = dice.chance(0.05) ? 10 ** (1 + dice.below(5)) : dice.below(24);
  const letters = dice.pick([0x80, 0x800, 0x1_0000, 0x11_0000]);
  return Array.from({ length }, () => letterBelow(letters, dice)).join('');
}

/** A letter, which may be half of one. */
function letterBelow(end: number, dice: Dice): string {
  return String.fromCodePoint(dice.below(end));
}
