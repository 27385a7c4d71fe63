#!/usr/bin/env python3
"""The S&P 500 from 2019-01-02 to 2020-04-17 as portfolios, and what pandas says of their windows.

Writes portfolios.csv and daily.csv, which the test imports, and expected.csv beside them. The
prices are those of the npm package vega-datasets; the sample data of the application ends before
them. The formulas are those of ../../oracles/series.py. Run it from anywhere:

    python3 test/ingest/oracle/sp500-2020.py
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "test" / "oracles"))
sys.dont_write_bytecode = True

from series import COLUMNS, benchmark_metrics, field, reported_metrics, return_metrics, value_metrics  # noqa: E402

FIRST, LAST = "2019-01-02", "2020-04-17"
PERIODS_PER_YEAR = 252
AVERAGED_DAYS = 50
REPORTED_DAYS = 60
# Edges, the top before the crash, its days, 28 and 29 February and 1 March, weekends and holidays.
AS_OF = [
    "2019-01-02", "2019-01-03", "2019-01-04", "2019-01-31", "2019-02-01", "2019-02-28", "2019-03-03", "2019-04-02",
    "2019-04-19", "2019-05-31", "2019-07-04", "2019-08-05", "2019-09-30", "2019-11-28", "2019-12-31", "2020-01-01",
    "2020-01-02", "2020-01-03", "2020-01-04", "2020-02-19", "2020-02-28", "2020-02-29", "2020-03-01", "2020-03-09",
    "2020-03-12", "2020-03-16", "2020-03-17", "2020-03-23", "2020-03-24", "2020-04-10", "2020-04-17", "2020-04-20",
    "2020-05-16", "2020-05-17", "2020-06-15", "2020-07-15", "2021-04-16",
]  # fmt: skip
WINDOWS = {
    "THIRTY_DAYS": (pd.Timedelta(days=30), [return_metrics, value_metrics]),
    "SIXTY_DAYS": (pd.Timedelta(days=60), [return_metrics, value_metrics]),
    "NINETY_DAYS": (pd.Timedelta(days=90), [return_metrics]),
    "ONE_YEAR": (pd.DateOffset(years=1), [return_metrics, benchmark_metrics, reported_metrics]),
}


def portfolios():
    """Each portfolio's id, name and daily rows."""
    prices = pd.read_csv(
        ROOT / "node_modules/vega-datasets/data/sp500-2000.csv",
        index_col="date", parse_dates=True, float_precision="round_trip",
    )  # fmt: skip
    close, opening = prices["adjclose"], prices["open"]
    index = close / close.shift(1) - 1
    # In the index for a day when the close before it stands above the mean of the last 50.
    above = (close > close.rolling(AVERAGED_DAYS).mean()).shift(1).fillna(False)
    named = [
        ("5b000000-0000-4000-8000-000000000001", "S&P 500 at the close", index),
        ("5b000000-0000-4000-8000-000000000002", "S&P 500 at the opening", opening / opening.shift(1) - 1),
        ("5b000000-0000-4000-8000-000000000003", "S&P 500 above its 50-day mean", index.where(above, 0.0)),
    ]
    for identifier, name, returns in named:
        rows = pd.DataFrame({"twr_1d": returns, "benchmark_twr_1d": index})
        together = rows.rolling(REPORTED_DAYS)
        beta = together.cov().xs("benchmark_twr_1d", level=1)["twr_1d"] / index.rolling(REPORTED_DAYS).var()
        rows["beta_1y"] = beta.round(4)
        rows["alpha_1y"] = (252 * (returns - beta * index).rolling(REPORTED_DAYS).mean()).round(4)
        rows["tracking_error_1y"] = (np.sqrt(252) * (returns - index).rolling(REPORTED_DAYS).std()).round(4)
        rows = rows.loc[FIRST:LAST].copy()
        rows.iloc[0, :] = np.nan
        rows["portfolio_value_base"] = (1_000_000 * (1 + rows["twr_1d"].fillna(0)).cumprod()).round(2)
        yield identifier, name, rows


def main():
    named = list(portfolios())
    pd.DataFrame(
        [[identifier, name, "USD", "SP500"] for identifier, name, _ in named],
        columns=["id", "name", "base_currency", "benchmark_id"],
    ).to_csv(HERE / "portfolios.csv", index=False)
    pd.concat(
        [rows.rename_axis("asof_date").reset_index().assign(portfolio_id=identifier) for identifier, _, rows in named]
    ).to_csv(HERE / "daily.csv", index=False, float_format=repr)

    # What is computed with is what the file says.
    daily = pd.read_csv(HERE / "daily.csv", parse_dates=["asof_date"], float_precision="round_trip")
    with (HERE / "expected.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["portfolio_id", "as_of", "window", *COLUMNS])
        for identifier, rows in daily.groupby("portfolio_id"):
            rows = rows.set_index("asof_date")
            for as_of in AS_OF:
                for window, (length, families) in WINDOWS.items():
                    end = pd.Timestamp(as_of)
                    days = rows[(rows.index > end - length) & (rows.index <= end)]
                    metrics = {}
                    if len(days):
                        for family in families:
                            metrics |= {name: float(value) for name, value in family(days, PERIODS_PER_YEAR).items()}
                    for count in ("OBSERVATIONS", "BENCHMARK_OBSERVATIONS"):
                        if count in metrics:
                            metrics[count] = int(metrics[count])
                    # A window without a row has no result; its line is empty.
                    fields = [field(metrics.get(column, np.nan)) for column in COLUMNS]
                    writer.writerow([identifier, as_of, window, *fields])


if __name__ == "__main__":
    main()
