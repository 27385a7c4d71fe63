import { describe, expect, test } from '@jest/globals';
import { isSameData } from '../../src/aggregates/fingerprint.js';
import type { Fingerprint } from '../../src/aggregates/fingerprint.js';

const BEFORE: Fingerprint = { writes: 7, logged: ['(0,1) 100'], rest: 'a' };

describe('the rows of an aggregate', () => {
  test.each<[string, Fingerprint]>([
    ['when nothing happened', BEFORE],
    ['when a write waits in the log', { ...BEFORE, writes: 8, logged: ['(0,1) 100', '(0,2) 101'] }],
    [
      'when one transaction is logged twice',
      { ...BEFORE, writes: 8, logged: ['(0,1) 100', '(0,2) 101', '(0,3) 101'] },
    ],
  ])('are the same %s', (_, after) => {
    expect(isSameData(BEFORE, after)).toBe(true);
  });

  test.each<[string, Fingerprint]>([
    ['a write is not in the log: a refresh may have taken it', { ...BEFORE, writes: 8 }],
    ['the log lost a row', { ...BEFORE, logged: [] }],
    ['a row of the log was written anew', { ...BEFORE, logged: ['(0,1) 101'], writes: 8 }],
    ['of two writes one is logged', { ...BEFORE, writes: 9, logged: ['(0,1) 100', '(0,2) 101'] }],
    ['something is logged that was not counted', { ...BEFORE, logged: ['(0,1) 100', '(0,2) 101'] }],
    ['anything else changed', { ...BEFORE, rest: 'b' }],
    ['the log is too long to list', { ...BEFORE, writes: 8, logged: null }],
    ['time goes back', { ...BEFORE, writes: 6 }],
  ])('may differ when %s', (_, after) => {
    expect(isSameData(BEFORE, after)).toBe(false);
  });

  test('go by the count and the digest where the log is too long to list', () => {
    const long = { ...BEFORE, logged: null };
    expect(isSameData(long, long)).toBe(true);
    expect(isSameData(long, { ...long, writes: 8 })).toBe(false);
  });
});
