"""Every metric of one window in exact rational arithmetic (Python's fractions).

The inputs are taken as the doubles they are. Only roots are rounded, to 50
digits, so these values say how far the other tools' rounding went. check.py uses them.
"""

import csv
from datetime import date, timedelta
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import accumulate
from operator import mul
from pathlib import Path

getcontext().prec = 50

HERE = Path(__file__).parent
DAYS = {"THIRTY_DAYS": 30, "SIXTY_DAYS": 60, "NINETY_DAYS": 90}
YEARS = {"ONE_YEAR": 1}
WITH_VALUES = {"THIRTY_DAYS", "SIXTY_DAYS"}
WITH_BENCHMARK = {"ONE_YEAR"}
WITH_REPORTED = {"ONE_YEAR"}
REPORTED = {"AVERAGE_BETA": "beta_1y", "AVERAGE_ALPHA": "alpha_1y", "AVERAGE_TRACKING_ERROR": "tracking_error_1y"}


def read_series(case):
    """Day to row; the row that a later line of the file has for a day replaces the earlier one whole."""
    series = {}
    with (HERE / "input" / f"{case}.csv").open() as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row.pop("asof_date"))
            row.pop("pricing_pack_id", None)
            series[day] = {name: Fraction(float(text)) if text else None for name, text in row.items()}
    return dict(sorted(series.items()))


def day_before_window(window, as_of):
    if window in DAYS:
        return as_of - timedelta(days=DAYS[window])
    leap_day = (as_of.month, as_of.day) == (2, 29)
    return as_of.replace(year=as_of.year - YEARS[window], day=28 if leap_day else as_of.day)


def decimal(fraction):
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def root(fraction):
    return Fraction(decimal(fraction).sqrt())


def mean(x):
    return sum(x, Fraction(0)) / len(x)


def covariance(x, y):
    mean_x, mean_y = mean(x), mean(y)
    return sum(((a - mean_x) * (b - mean_y) for a, b in zip(x, y)), Fraction(0)) / (len(x) - 1)


def variance(x, scale=None):
    """Sample variance; 0 where the deviation is at most 1e-14 of the largest |scale|."""
    squared = covariance(x, x)
    largest = max(abs(value) for value in scale or x)
    return squared if squared > (Fraction(1, 10**14) * largest) ** 2 else Fraction(0)


def return_metrics(r, rate, periods):
    n = len(r)
    year_root = root(Fraction(periods))
    if n == 0:
        return {}
    average = mean(r)
    downside = root(sum((min(x - rate, 0) ** 2 for x in r), Fraction(0)) / n) * year_root
    index = [Fraction(1), *accumulate((1 + x for x in r), mul)]
    drawdowns = [value / peak - 1 for value, peak in zip(index, accumulate(index, max))]
    metrics = {
        "AVERAGE_RETURN": average,
        "CUMULATIVE_RETURN": index[-1] - 1,
        "DOWNSIDE_DEVIATION": downside,
        "MAX_DRAWDOWN": min(drawdowns),
        "CURRENT_DRAWDOWN": drawdowns[-1],
    }
    if min(drawdowns) < 0 and index[-1] >= 0:
        annual = Fraction(decimal(index[-1]) ** (Decimal(periods) / n)) - 1
        metrics["CALMAR_RATIO"] = annual / -min(drawdowns)
    if downside > 0:
        metrics["SORTINO_RATIO"] = (average - rate) * periods / downside
    if n >= 2:
        s = root(variance(r))
        metrics |= {"RETURN_STANDARD_DEVIATION": s, "VOLATILITY": s * year_root}
        if s > 0:
            q = (average - rate) / s
            metrics["SHARPE_RATIO"] = q * year_root
            metrics["SHARPE_STANDARD_ERROR"] = root((1 + q * q / 2) / n) * year_root
    return metrics


def value_metrics(v):
    if not v:
        return {}
    metrics = {"PEAK_VALUE": max(v), "TROUGH_VALUE": min(v)}
    if max(v) > 0:
        metrics["DRAWDOWN"] = (max(v) - min(v)) / max(v)
    return metrics


def benchmark_metrics(r, b, rate, periods):
    if len(r) < 2:
        return {}
    year_root = root(Fraction(periods))
    excess = [x - y for x, y in zip(r, b)]
    error = root(variance(excess, scale=r + b)) * year_root
    metrics = {"TRACKING_ERROR": error}
    if error > 0:
        metrics["INFORMATION_RATIO"] = periods * mean(excess) / error
    if variance(b) > 0:
        beta = covariance(r, b) / variance(b)
        metrics["BETA"] = beta
        metrics["ALPHA"] = periods * ((mean(r) - rate) - beta * (mean(b) - rate))
        if variance(r) > 0:
            correlation = covariance(r, b) / root(variance(r) * variance(b))
            metrics["CORRELATION"] = max(min(correlation, Fraction(1)), Fraction(-1))
            metrics["R_SQUARED"] = metrics["CORRELATION"] ** 2
    return metrics


def result(series, window, as_of, rate, periods):
    """Metric to value, null ones left out; None where the window has no row. `periods` make a year."""
    before = day_before_window(window, as_of)
    days = [day for day in series if before < day <= as_of]
    if not days:
        return None
    rows = [series[day] for day in days]

    def column(name):
        return [row[name] for row in rows if row[name] is not None]

    returns = column("twr_1d")
    metrics = {
        "WINDOW_START": (before + timedelta(days=1)).isoformat(),
        "FIRST_OBSERVATION": days[0].isoformat(),
        "LAST_OBSERVATION": days[-1].isoformat(),
        "OBSERVATIONS": Fraction(len(returns)),
    }
    metrics |= return_metrics(returns, rate, periods)
    if window != "NINETY_DAYS":
        metrics.pop("SHARPE_STANDARD_ERROR", None)
    if window in WITH_VALUES:
        metrics |= value_metrics(column("portfolio_value_base"))
    if window in WITH_BENCHMARK:
        pairs = [(row["twr_1d"], row["benchmark_twr_1d"]) for row in rows]
        pairs = [pair for pair in pairs if None not in pair]
        metrics["BENCHMARK_OBSERVATIONS"] = Fraction(len(pairs))
        metrics |= benchmark_metrics([r for r, _ in pairs], [b for _, b in pairs], rate, periods)
    if window in WITH_REPORTED:
        for metric, name in REPORTED.items():
            if column(name):
                metrics[metric] = mean(column(name))
    return metrics
