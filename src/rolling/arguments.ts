import { badUserInput } from '../errors.js';

/** One basis point a day. */
export const DEFAULT_RISK_FREE_DAILY = 0.0001;

/** A rate per day that is greater in size is a yearly one, given by mistake. */
const MAX_RISK_FREE_DAILY = 0.01;

/** The argument riskFreeDaily, the same wherever it stands. */
export const RISK_FREE_DAILY = {
  defaultValue: DEFAULT_RISK_FREE_DAILY,
  description:
    'Risk-free rate, decimal fraction per day, from -0.01 to 0.01; 0.0001 is one basis point a day, and 2 % a year is 0.000079.',
};

/** Throws BAD_USER_INPUT for a negative count. */
export function checkMinObservations(minObservations: number): void {
  if (minObservations < 0) {
    throw badUserInput(`minObservations must not be negative, but got ${minObservations}`);
  }
}

/** Throws BAD_USER_INPUT for what is no rate per day. */
export function checkRiskFreeDaily(riskFreeDaily: number): void {
  // Neither is NaN.
  if (Math.abs(riskFreeDaily) <= MAX_RISK_FREE_DAILY) return;
  throw badUserInput(
    `riskFreeDaily is a rate per day: 2 % a year is 0.000079. It must lie between -${MAX_RISK_FREE_DAILY} and ${MAX_RISK_FREE_DAILY}, but got ${riskFreeDaily}`,
  );
}
