#!/usr/bin/env python3
"""The files of docs/examples, and what pandas says of their windows: examples-expected.csv.

The figures are made up, from a fixed seed. pandas reads the files that are written, each as its
shape needs; the formulas are those of ../../oracles/series.py. Run it from anywhere:

    python3 test/ingest/oracle/examples.py
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
EXAMPLES = ROOT / "docs" / "examples"
sys.path.insert(0, str(ROOT / "test" / "oracles"))
sys.dont_write_bytecode = True

import series  # noqa: E402

MONTHLY = ["BOND", "EQUITY"]
random = np.random.default_rng(16)


def write(name, header, rows, delimiter=","):
    with open(EXAMPLES / name, "w", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def comma(number, decimals):
    return f"{number:.{decimals}f}".replace(".", ",")


def make():
    months = pd.date_range("2022-01-31", "2023-12-31", freq="M")
    rows = [
        [day.strftime("%d.%m.%Y"), fund, comma(random.normal(mean, spread), 2)]
        for fund, mean, spread in [("BOND", 0.3, 1.2), ("EQUITY", 0.8, 4.5)]
        for day in months
    ]
    write("monthly-percent.csv", ["Date", "Fund", "Return (%)"], rows, ";")

    days = pd.bdate_range("2023-06-01", "2023-12-29")
    prices = {f: 100 * np.cumprod(1 + random.normal(0.0004, s, len(days))) for f, s in [("ALPHA", 0.011), ("BETA", 0.008), ("GAMMA", 0.014)]}
    rows = [
        [day.strftime("%Y-%m-%d"), *(f"{p[i]:.4f}" if not (f == "GAMMA" and i % 37 == 20) else "" for f, p in prices.items())]
        for i, day in enumerate(days)
    ]
    # As many systems export them: the newest first.
    write("prices-wide.csv", ["Date", *prices], rows[::-1])

    days = pd.bdate_range("2023-09-01", "2023-12-29")
    rows = [[f, day.strftime("%Y-%m-%d"), f"{random.normal(0.0005, 0.01):.6f}"] for f in ["CORE", "SATELLITE"] for day in days]
    write("returns.csv", ["portfolio", "date", "return"], rows)

    rows = [[f"{day}", f, f"{random.normal(0.0003, 0.009):.6f}", f"{random.normal(1e6, 1e4):.2f}", f"{random.normal(0.0003, 0.008):.6f}"] for f in ["PENSION"] for day in days]
    write("pandas.csv", ["timestamp", "fund_code", "twr_1d", "nav", "benchmark_twr_1d"], rows)

    value, rows = 250_000.0, []
    for day in days:
        value *= 1 + random.normal(0.0003, 0.007)
        rows.append([day.strftime("%m/%d/%Y"), f"{value:.2f}"])
    write("value-wide.csv", ["Day", "FAMILY"], rows, "\t")

    value, rows = 20.0, []
    for day in days:
        value *= 1 + random.normal(0.0003, 0.012)
        rows.append(["TRUST", day.strftime("%d/%m/%Y"), comma(value, 3)])
    write("prices-long.csv", ["Code", "Date", "NAV"], rows, ";")


def frame(fund, days, returns=np.nan, values=np.nan, benchmark=np.nan):
    table = pd.DataFrame({"twr_1d": returns, "portfolio_value_base": values, "benchmark_twr_1d": benchmark}, index=days)
    for column in ["beta_1y", "alpha_1y", "tracking_error_1y"]:
        table[column] = np.nan
    return fund, table.astype(float).sort_index()


def read():
    """Each portfolio's daily rows."""
    monthly = pd.read_csv(EXAMPLES / "monthly-percent.csv", sep=";", decimal=",")
    monthly["day"] = pd.to_datetime(monthly["Date"], format="%d.%m.%Y")
    for fund, rows in monthly.groupby("Fund"):
        yield frame(fund, rows["day"].values, (rows["Return (%)"] / 100).values)
    wide = pd.read_csv(EXAMPLES / "prices-wide.csv", index_col=0, parse_dates=True).sort_index()
    for fund in wide:
        prices = wide[fund].dropna()
        yield frame(fund, prices.index, prices.pct_change().values, prices.values)
    returns = pd.read_csv(EXAMPLES / "returns.csv", parse_dates=["date"])
    for fund, rows in returns.groupby("portfolio"):
        yield frame(fund, rows["date"].values, rows["return"].values)
    rows = pd.read_csv(EXAMPLES / "pandas.csv", parse_dates=["timestamp"])
    yield frame("PENSION", rows["timestamp"].values, rows["twr_1d"].values, rows["nav"].values, rows["benchmark_twr_1d"].values)
    rows = pd.read_csv(EXAMPLES / "value-wide.csv", sep="\t")
    yield frame("FAMILY", pd.to_datetime(rows["Day"], format="%m/%d/%Y").values, values=rows["FAMILY"].values)
    rows = pd.read_csv(EXAMPLES / "prices-long.csv", sep=";", decimal=",")
    yield frame("TRUST", pd.to_datetime(rows["Date"], format="%d/%m/%Y").values, rows["NAV"].pct_change().values, rows["NAV"].values)


WINDOWS = {
    "THIRTY_DAYS": (pd.Timedelta(days=30), [series.return_metrics, series.value_metrics]),
    "ONE_YEAR": (pd.DateOffset(years=1), [series.return_metrics, series.benchmark_metrics, series.reported_metrics]),
}


def main():
    make()
    with open(HERE / "examples-expected.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "as_of", "window", *series.COLUMNS])
        for fund, rows in read():
            periods = 12 if fund in MONTHLY else 252
            as_of = rows.index[-1]
            for window, (length, kinds) in WINDOWS.items():
                inside = rows[rows.index > as_of - length]
                found = {name: value for kind in kinds for name, value in kind(inside, periods).items()} if inside["twr_1d"].notna().any() else series.value_metrics(inside, periods)
                writer.writerow([fund, as_of.date(), window, *(series.field(found.get(name)) for name in series.COLUMNS)])


if __name__ == "__main__":
    main()
