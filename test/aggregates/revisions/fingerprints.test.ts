import { describe, expect, test } from '@jest/globals';
import { isSameData } from '../../../src/aggregates/revisions/fingerprints.js';
import type { Fingerprints } from '../../../src/aggregates/revisions/fingerprints.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const BEFORE: Fingerprints = {
  writes: 7,
  logged: ['(0,1) 100'],
  rest: { portfolio_metrics_30d_rolling: 'a', portfolio_metrics_1y_beta: 'b' },
};

describe('the rows of an aggregate', () => {
  test.each<[string, Fingerprints]>([
    ['when nothing happened', BEFORE],
    ['when a write waits in the log', { ...BEFORE, writes: 8, logged: ['(0,1) 100', '(0,2) 101'] }],
    [
      'when one transaction is logged twice',
      { ...BEFORE, writes: 8, logged: ['(0,1) 100', '(0,2) 101', '(0,3) 101'] },
    ],
  ])('are the same %s', (_, after) => {
    expect(isSameData(NAME, BEFORE, after)).toBe(true);
  });

  test.each<[string, Fingerprints]>([
    ['a write is not in the log: a refresh may have taken it', { ...BEFORE, writes: 8 }],
    ['the log lost a row', { ...BEFORE, logged: [] }],
    ['a row of the log was written anew', { ...BEFORE, logged: ['(0,1) 101'], writes: 8 }],
    ['of two writes one is logged', { ...BEFORE, writes: 9, logged: ['(0,1) 100', '(0,2) 101'] }],
    ['something is logged that was not counted', { ...BEFORE, logged: ['(0,1) 100', '(0,2) 101'] }],
    [
      'anything else changed',
      { ...BEFORE, rest: { ...BEFORE.rest, portfolio_metrics_30d_rolling: 'c' } },
    ],
    ['the log is too long to list', { ...BEFORE, writes: 8, logged: null }],
    ['time goes back', { ...BEFORE, writes: 6 }],
  ])('may differ when %s', (_, after) => {
    expect(isSameData(NAME, BEFORE, after)).toBe(false);
  });

  test('go by the count and the digest where the log is too long to list', () => {
    const long = { ...BEFORE, logged: null };
    expect(isSameData(NAME, long, long)).toBe(true);
    expect(isSameData(NAME, long, { ...long, writes: 8 })).toBe(false);
  });
});
