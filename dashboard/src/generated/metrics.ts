import type { RollingMetric, RollingWindow } from '../../../client/src/index.js';
export interface MetricFacts {
  /** Formula, unit, source, and when it is null. */
  readonly description: string;
  readonly windows: readonly RollingWindow[];
}

export const METRIC_FACTS: Readonly<Record<RollingMetric, MetricFacts>> = {
  ALPHA: {"description":"A · [(mean(r) − rf) − BETA · (mean(b) − rf)]; decimal fraction, annualised arithmetically. Jensen's alpha. PerformanceAnalytics: A · CAPM.alpha(r, b, Rf = rf), not CAPM.jensenAlpha. Null below 2 days with both a return and a benchmark return, and where var(b) is 0.","windows":["ONE_YEAR"]},
  AVERAGE_ALPHA: {"description":"mean(alpha_1y); as reported. Mean of the alphas reported with the rows; ALPHA is computed from the returns. Null below 1 reported alphas.","windows":["ONE_YEAR"]},
  AVERAGE_BETA: {"description":"mean(beta_1y); ratio. Mean of the betas reported with the rows; BETA is computed from the returns. Null below 1 reported betas.","windows":["ONE_YEAR"]},
  AVERAGE_RETURN: {"description":"mean(r); decimal fraction per day. Arithmetic mean of the daily returns. Null below 1 daily returns.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
  AVERAGE_TRACKING_ERROR: {"description":"mean(tracking_error_1y); as reported. Mean of the tracking errors reported with the rows; TRACKING_ERROR is computed from the returns. Null below 1 reported tracking errors.","windows":["ONE_YEAR"]},
  BETA: {"description":"cov(r, b) / var(b); ratio. PerformanceAnalytics: CAPM.beta(r, b). Null below 2 days with both a return and a benchmark return, and where var(b) is 0.","windows":["ONE_YEAR"]},
  CORRELATION: {"description":"cov(r, b) / (sd(r) · sd(b)); ratio in [−1, 1]. Pearson's. Null below 2 days with both a return and a benchmark return, and where either variance is 0.","windows":["ONE_YEAR"]},
  CUMULATIVE_RETURN: {"description":"Π(1 + r) − 1; decimal fraction over the window, never annualised. The daily returns compounded. Null below 1 daily returns.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
  CURRENT_DRAWDOWN: {"description":"index / running maximum of index − 1 at the last return, the index compounding r from 1; decimal fraction, ≤ 0. How far the same wealth index stands below its maximum within the window. Null below 1 daily returns.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
  DOWNSIDE_DEVIATION: {"description":"√(Σ min(r − rf, 0)² / n) · √A; decimal fraction, annualised. Over all n returns. PerformanceAnalytics: DownsideDeviation(r, MAR = rf, method = \"full\") · √A. Null below 1 daily returns.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
  DRAWDOWN: {"description":"(max(v) − min(v)) / max(v); decimal fraction, ≥ 0. Of values, whatever their order, so deposits and withdrawals count; MAX_DRAWDOWN and CURRENT_DRAWDOWN are of returns and ≤ 0. Null below 1 values, and where max(v) is not above 0.","windows":["THIRTY_DAYS","SIXTY_DAYS"]},
  INFORMATION_RATIO: {"description":"A · mean(r − b) / TRACKING_ERROR; ratio, annualised. PerformanceAnalytics: InformationRatio(r, b, scale = A, geometric = FALSE) on complete pairs. Null below 2 days with both a return and a benchmark return, and where the tracking error is 0.","windows":["ONE_YEAR"]},
  MAX_DRAWDOWN: {"description":"min(index / running maximum of index) − 1, the index compounding r from 1; decimal fraction, ≤ 0. The worst fall of a wealth index that starts at 1 before the window's first return. From returns, so deposits and withdrawals do not distort it. PerformanceAnalytics: maxDrawdown(r, invert = FALSE). Null below 1 daily returns.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
  PEAK_VALUE: {"description":"max(v); in the portfolio's base currency. The greatest value in the window. Null below 1 values.","windows":["THIRTY_DAYS","SIXTY_DAYS"]},
  RETURN_STANDARD_DEVIATION: {"description":"s = √(Σ(r − mean(r))² / (n − 1)); decimal fraction per day. Sample standard deviation of the daily returns; exactly 0 for a constant series. Null below 2 daily returns.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
  R_SQUARED: {"description":"CORRELATION²; ratio in [0, 1]. Null below 2 days with both a return and a benchmark return, and where either variance is 0.","windows":["ONE_YEAR"]},
  SHARPE_RATIO: {"description":"(mean(r) − rf) / s · √A; ratio, annualised. PerformanceAnalytics: SharpeRatio.annualized(r, Rf = rf, scale = A, geometric = FALSE). Null below 2 daily returns, and where s is 0.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
  SORTINO_RATIO: {"description":"(mean(r) − rf) · A / DOWNSIDE_DEVIATION; ratio, annualised. PerformanceAnalytics: SortinoRatio(r, MAR = rf) · √A. Null below 1 daily returns, and where the downside deviation is 0.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
  TRACKING_ERROR: {"description":"sample standard deviation of (r − b) · √A; decimal fraction, annualised. PerformanceAnalytics: TrackingError(r, b, scale = A) on complete pairs. Null below 2 days with both a return and a benchmark return.","windows":["ONE_YEAR"]},
  TROUGH_VALUE: {"description":"min(v); in the portfolio's base currency. The least value in the window. Null below 1 values.","windows":["THIRTY_DAYS","SIXTY_DAYS"]},
  VOLATILITY: {"description":"s · √A; decimal fraction, annualised. PerformanceAnalytics: StdDev.annualized(r, scale = A). Null below 2 daily returns.","windows":["THIRTY_DAYS","SIXTY_DAYS","NINETY_DAYS","ONE_YEAR"]},
};