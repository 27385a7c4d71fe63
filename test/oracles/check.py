#!/usr/bin/env python3
"""Compares the expected values with one another and with exact arithmetic (exact.py).

Fails unless R and pandas agree as the tests demand of the application, |a - b| <=
1e-12 |b| + 1e-14, and each is within a quarter of that of the exact value, which
leaves most of the tolerance to the application.
"""

import csv
import sys
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import exact

HERE = Path(__file__).parent
RELATIVE, ABSOLUTE = Fraction(1, 10**12), Fraction(1, 10**14)
DAYS = {"WINDOW_START", "FIRST_OBSERVATION", "LAST_OBSERVATION"}
RATE = "0.0001"

series = {path.stem: exact.read_series(path.stem) for path in (HERE / "input").glob("*.csv")}
failures = []


class Comparison:
    """Collects the deviations of one tool from another; each may use `share` of the tolerance."""

    def __init__(self, title, share):
        self.title, self.share = title, share
        self.values = self.nulls = 0
        self.relative = self.of_tolerance = (Fraction(0), "none")

    def add(self, where, a, b, terms=Fraction(1)):
        if a is None or b is None:
            self.nulls += 1
            if a is not b:
                failures.append(f"{self.title}: {where}: {a} against {b}")
            return
        self.values += 1
        if isinstance(a, str):
            if a != b:
                failures.append(f"{self.title}: {where}: {a} against {b}")
            return
        used = abs(a - b) / (RELATIVE * abs(b) + ABSOLUTE * terms)
        self.of_tolerance = max(self.of_tolerance, (used, where))
        if RELATIVE * abs(b) > ABSOLUTE * terms:  # nearer to 0 the absolute part rules
            self.relative = max(self.relative, (abs(a - b) / abs(b), where))
        if used > self.share:
            failures.append(f"{self.title}: {where}: {float(a)!r} against {float(b)!r}")

    def report(self):
        print(f"{self.title}: {self.values} values, {self.nulls} nulls")
        print(f"  largest share of the tolerance used  {float(self.of_tolerance[0]):.2g} at {self.of_tolerance[1]}")
        print(f"  largest relative deviation           {float(self.relative[0]):.2g} at {self.relative[1]}")


def value(metric, text):
    if text == "":
        return None
    return text if metric in DAYS else Fraction(float(text))


def read_windows():
    windows = {}
    with (HERE / "expected" / "windows-r.csv").open() as file:
        for row in csv.DictReader(file):
            key = (row["case"], row["window"], row["as_of"], row["risk_free_daily"], row["periods_per_year"])
            result = windows.setdefault(key, {})
            if row["metric"] in result:
                failures.append(f"windows-r.csv: {key} has {row['metric']} twice")
            result[row["metric"]] = value(row["metric"], row["value"])
    return windows


def read_points():
    """The series' points, of each window only the columns it serves."""
    with (HERE / "expected" / "series-pandas.csv").open() as file:
        for row in csv.DictReader(file):
            key = (row.pop("case"), row.pop("window"), row.pop("day"), RATE, row.pop("periods_per_year"))
            yield key, {metric: value(metric, text) for metric, text in row.items()}


@cache
def exactly(key):
    case, window, as_of, rate, periods = key
    return exact.result(series[case], window, date.fromisoformat(as_of), Fraction(float(rate)), int(periods))


def check_conditioning(key, result):
    """A deviation is 0 or well away from it: in between no double arithmetic could be held to the tolerance."""
    largest = max((abs(row["twr_1d"]) for row in series[key[0]].values() if row["twr_1d"] is not None), default=0)
    for metric in ("RETURN_STANDARD_DEVIATION", "TRACKING_ERROR"):
        if 0 < result.get(metric, 0) < largest / 10**7:
            failures.append(f"{key}: {metric} is ill-conditioned")


def size_of_terms(metric, exact_result):
    """How large the terms are whose rounding a metric carries, as test/metrics/size-of-terms.ts has it."""
    ratio = exact_result.get("CALMAR_RATIO")
    if metric != "CALMAR_RATIO" or ratio is None:
        return Fraction(1)
    drawdown = -exact_result["MAX_DRAWDOWN"]
    return max(Fraction(1), 5 * (1 + ratio * drawdown + abs(ratio)) / drawdown)


def main():
    quarter = Fraction(1, 4)
    r_exact = Comparison("R against exact arithmetic", quarter)
    pandas_exact = Comparison("pandas against exact arithmetic", quarter)
    r_pandas = Comparison("R against pandas", 1)

    windows = read_windows()
    for key, result in windows.items():
        expected = exactly(key)
        if "RESULT" in result or expected is None:
            if result != {"RESULT": None} or expected is not None:
                failures.append(f"{key}: one of R and exact arithmetic has no result")
            r_exact.nulls += 1
            continue
        if not expected.keys() <= result.keys():
            failures.append(f"{key}: R lacks {expected.keys() - result.keys()}")
        check_conditioning(key, expected)
        for metric, a in result.items():
            where = f"{' '.join(key)} {metric}"
            r_exact.add(where, a, expected.get(metric), size_of_terms(metric, expected))

    served = {window: set(result) for (_, window, *_), result in windows.items() if "RESULT" not in result}
    for key, point in read_points():
        expected = exactly(key)
        for metric, b in point.items():
            where = f"{' '.join(key)} {metric}"
            if metric not in served[key[1]]:
                if b is not None:
                    failures.append(f"pandas: {where} is not served")
                continue
            terms = size_of_terms(metric, expected)
            pandas_exact.add(where, b, expected.get(metric), terms)
            if key in windows:
                r_pandas.add(where, windows[key][metric], b, terms)

    for comparison in (r_pandas, r_exact, pandas_exact):
        comparison.report()
    for failure in failures[:20]:
        print(failure, file=sys.stderr)
    sys.exit(f"{len(failures)} deviations" if failures else 0)


if __name__ == "__main__":
    main()
