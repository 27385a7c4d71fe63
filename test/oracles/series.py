#!/usr/bin/env python3
"""Rolling series of four cases in pandas: expected/series-pandas.csv.

The windows are pandas' own: rolling("30D") on a calendar of every day, and for the year
an indexer with DateOffset(years=1), which takes 29 February to 28 February. What is
computed in each window is an ordinary reduction of that window's values: pandas' online
rolling mean and deviation update a running sum and drift with the length of the series.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.indexers import VariableOffsetWindowIndexer

HERE = Path(__file__).parent
CASES = ["business-days", "calendar-days", "gaps", "month-lengths"]
EVERY = 8  # rows from one written day to the next, which keeps the file small
RISK_FREE_DAILY = 0.0001

RETURN_METRICS = [
    "AVERAGE_RETURN", "CUMULATIVE_RETURN", "RETURN_STANDARD_DEVIATION", "VOLATILITY", "SHARPE_RATIO", "SORTINO_RATIO",
    "DOWNSIDE_DEVIATION", "MAX_DRAWDOWN", "CURRENT_DRAWDOWN", "CALMAR_RATIO",
]  # fmt: skip
VALUE_METRICS = ["PEAK_VALUE", "TROUGH_VALUE", "DRAWDOWN"]
BENCHMARK_METRICS = [
    "BETA", "ALPHA", "TRACKING_ERROR", "INFORMATION_RATIO", "CORRELATION", "R_SQUARED",
]  # fmt: skip
REPORTED_METRICS = {
    "AVERAGE_BETA": "beta_1y", "AVERAGE_ALPHA": "alpha_1y", "AVERAGE_TRACKING_ERROR": "tracking_error_1y",
}  # fmt: skip
COLUMNS = [
    "OBSERVATIONS", "BENCHMARK_OBSERVATIONS",
    *RETURN_METRICS, *VALUE_METRICS, *BENCHMARK_METRICS, *REPORTED_METRICS,
]  # fmt: skip

pd.set_option("compute.use_bottleneck", False)  # its sums are plain running ones


def deviation(x, scale=None):
    """Sample standard deviation; 0 where it is only the residue of rounding, NaN below two values."""
    s = x.std(ddof=1)
    return 0.0 if s <= 1e-14 * (x if scale is None else scale).abs().max() else s


def ratio(numerator, denominator):
    return numerator / denominator if denominator > 0 else np.nan


def return_metrics(window, periods):
    r = window["twr_1d"].dropna()
    excess = r.mean() - RISK_FREE_DAILY
    s = deviation(r)
    downside = np.sqrt(((r - RISK_FREE_DAILY).clip(upper=0) ** 2).mean() * periods)
    index = (1 + r).cumprod()
    drawdown = index / index.cummax().clip(lower=1) - 1
    growth = (1 + r).prod(min_count=1)
    annual = growth ** (periods / len(r)) - 1 if growth >= 0 else np.nan
    return {
        "OBSERVATIONS": len(r),
        "AVERAGE_RETURN": r.mean(),
        "CUMULATIVE_RETURN": growth - 1,
        "RETURN_STANDARD_DEVIATION": s,
        "VOLATILITY": s * np.sqrt(periods),
        "SHARPE_RATIO": ratio(excess, s) * np.sqrt(periods),
        "SORTINO_RATIO": ratio(excess * periods, downside),
        "DOWNSIDE_DEVIATION": downside,
        "MAX_DRAWDOWN": drawdown.min(),
        "CURRENT_DRAWDOWN": drawdown.iloc[-1] if len(r) else np.nan,
        "CALMAR_RATIO": ratio(annual, -drawdown.min()),
    }


def value_metrics(window, _periods):
    v = window["portfolio_value_base"]
    return {"PEAK_VALUE": v.max(), "TROUGH_VALUE": v.min(), "DRAWDOWN": ratio(v.max() - v.min(), v.max())}


def benchmark_metrics(window, periods):
    pairs = window[["twr_1d", "benchmark_twr_1d"]].dropna()
    r, b = pairs["twr_1d"], pairs["benchmark_twr_1d"]
    metrics = {"BENCHMARK_OBSERVATIONS": len(pairs)}
    if len(pairs) < 2:
        return metrics
    tracking_error = deviation(r - b, scale=pd.concat([r, b])) * np.sqrt(periods)
    metrics["TRACKING_ERROR"] = tracking_error
    metrics["INFORMATION_RATIO"] = ratio(periods * (r - b).mean(), tracking_error)
    if deviation(b) > 0:
        beta = r.cov(b) / b.var(ddof=1)
        metrics["BETA"] = beta
        metrics["ALPHA"] = periods * ((r.mean() - RISK_FREE_DAILY) - beta * (b.mean() - RISK_FREE_DAILY))
        if deviation(r) > 0:
            metrics["CORRELATION"] = np.clip(r.corr(b), -1, 1)
            metrics["R_SQUARED"] = metrics["CORRELATION"] ** 2
    return metrics


def reported_metrics(window, _periods):
    return {metric: window[column].mean() for metric, column in REPORTED_METRICS.items() if column in window}


def rolling_windows(calendar):
    """Each window's name, its rolling view, and what it serves."""
    year = VariableOffsetWindowIndexer(index=calendar.index, offset=pd.DateOffset(years=1))
    yield "THIRTY_DAYS", calendar.rolling("30D"), [return_metrics, value_metrics]
    yield "SIXTY_DAYS", calendar.rolling("60D"), [return_metrics, value_metrics]
    yield "NINETY_DAYS", calendar.rolling("90D"), [return_metrics]
    yield "ONE_YEAR", calendar.rolling(year, min_periods=1), [return_metrics, benchmark_metrics, reported_metrics]


def read_questions(case):
    as_of_days = pd.read_csv(HERE / "as-of-days.csv", parse_dates=["as_of"])
    return as_of_days[as_of_days["case"] == case]


def written_days(rows, as_of_days):
    """The first ten days, every eighth, and the as-of days, of which R has results too."""
    given = pd.DatetimeIndex(as_of_days["as_of"])
    return rows.index[:10].union(rows.index[::EVERY]).union(rows.index.intersection(given))


def field(value):
    return "" if pd.isna(value) else repr(value + 0)  # + 0 turns -0.0 into 0.0


def main():
    with (HERE / "expected" / "series-pandas.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["case", "window", "day", "periods_per_year", *COLUMNS])
        for case in CASES:
            rows = pd.read_csv(
                HERE / "input" / f"{case}.csv", index_col="asof_date", parse_dates=True, float_precision="round_trip"
            )
            calendar = rows.reindex(pd.date_range(rows.index[0], rows.index[-1]))
            as_of_days = read_questions(case)
            periods = int(as_of_days["periods_per_year"].iloc[0])
            days = written_days(rows, as_of_days)
            for name, rolling, families in rolling_windows(calendar):
                for day, window in zip(calendar.index, rolling):
                    if day not in days:
                        continue
                    metrics = {}
                    for family in families:
                        metrics |= {metric: float(value) for metric, value in family(window, periods).items()}
                    for count in ("OBSERVATIONS", "BENCHMARK_OBSERVATIONS"):
                        if count in metrics:
                            metrics[count] = int(metrics[count])
                    fields = [field(metrics.get(column, np.nan)) for column in COLUMNS]
                    writer.writerow([case, name, day.date().isoformat(), periods, *fields])


if __name__ == "__main__":
    main()
