import { badUserInput } from '../errors.js';

/** One basis point a day. */
export const DEFAULT_RISK_FREE_DAILY = 0.0001;

/** The argument riskFreeDaily, the same wherever it stands. */
export const RISK_FREE_DAILY = {
  defaultValue: DEFAULT_RISK_FREE_DAILY,
  description: 'Risk-free rate, decimal fraction per day; 0.0001 is one basis point a day.',
};

/** Throws BAD_USER_INPUT for a negative count. */
export function checkMinObservations(minObservations: number): void {
  if (minObservations < 0) {
    throw badUserInput(`minObservations must not be negative, but got ${minObservations}`);
  }
}
