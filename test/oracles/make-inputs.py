#!/usr/bin/env python3
"""Writes the daily series of every case (input/<case>.csv) and the days on which
each is evaluated (as-of-days.csv).

Every case draws from its own generator, seeded with its name, so adding a case
leaves the others as they are. Floats are written with repr, the shortest text that
reads back as the same double; an empty field is null.
"""

import csv
import math
import random
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
VALUES = ["twr_1d", "portfolio_value_base", "benchmark_twr_1d", "beta_1y", "alpha_1y", "tracking_error_1y"]
RISK_FREE_DAILY = 0.0001


# --- days ----------------------------------------------------------------------


def calendar_days(first, last):
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def business_days(first, last):
    return [day for day in calendar_days(first, last) if day.weekday() < 5]


def year_later(day):
    """The first as-of day whose one-year window no longer reaches back to `day`."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February; 28 February still holds it, since it reaches back to the 28th
        return date(day.year + 1, 3, 1)


# --- series --------------------------------------------------------------------


def shock(rng, scale):
    """Normal with a fat tail: three days in a hundred are four times as wild."""
    return rng.gauss(0, scale) * (4 if rng.random() < 0.03 else 1)


def reported(rng, i):
    """Beta, alpha and tracking error as an upstream risk system would report them."""
    return {
        "beta_1y": 1.05 + 0.2 * math.sin(i / 40) + rng.gauss(0, 0.01),
        "alpha_1y": 0.02 * math.sin(i / 55) + rng.gauss(0, 0.002),
        "tracking_error_1y": 0.06 + 0.02 * math.cos(i / 70) + rng.gauss(0, 0.001),
    }


def market_series(rng, days):
    """An ordinary portfolio: beta about 1.1, a deposit or withdrawal now and then."""
    rows = []
    value = 1_000_000.0
    for i, day in enumerate(days):
        benchmark = 0.001 + shock(rng, 0.009)
        twr = 0.0004 + 1.1 * benchmark + shock(rng, 0.004)
        flow = rng.choice([-150_000, 50_000, 200_000]) if rng.random() < 0.02 else 0
        value = round(value * (1 + twr) + flow, 2)
        row = {"asof_date": day, "twr_1d": twr, "portfolio_value_base": value, "benchmark_twr_1d": benchmark}
        rows.append(row | reported(rng, i))
    return rows


def blank(rows, columns, first, last):
    for row in rows:
        if first <= row["asof_date"] <= last:
            row.update(dict.fromkeys(columns))


def business_days_case(rng):
    rows = market_series(rng, business_days(date(2016, 1, 4), date(2020, 12, 31)))
    rows[0]["twr_1d"] = None  # a portfolio's first day has a value, but nothing to compare it with
    blank(rows[:60], VALUES[3:], date.min, date.max)  # nor does a risk system report a year of beta then
    return rows


def calendar_days_case(rng):
    return market_series(rng, calendar_days(date(2019, 1, 1), date(2020, 12, 31)))


def gaps_case(rng):
    rows = market_series(rng, business_days(date(2017, 1, 2), date(2018, 12, 31)))
    rows = [row for row in rows if rng.random() > 0.1]
    for row in rows:
        for column in VALUES:
            if rng.random() < 0.1:
                row[column] = None
    # Too few observations for some metrics: the only pairs of the first weeks are on two days.
    by_day = {row["asof_date"]: row for row in market_series(rng, business_days(date(2017, 1, 2), date(2017, 6, 23)))}
    start = [by_day[day] for day in business_days(date(2017, 1, 2), date(2017, 2, 10))]
    blank(start, ["twr_1d"], date(2017, 1, 2), date(2017, 1, 6))
    blank(start, ["benchmark_twr_1d"], date(2017, 1, 9), date(2017, 1, 24))
    blank(start, ["benchmark_twr_1d"], date(2017, 1, 26), date(2017, 2, 2))
    blank(start, ["benchmark_twr_1d"], date(2017, 2, 6), date(2017, 2, 10))
    blank(start, VALUES[3:], date(2017, 1, 2), date(2017, 2, 3))
    rows = start + [row for row in rows if row["asof_date"] > start[-1]["asof_date"]]
    # Seven weeks without a row: 30-day windows with no result at all, then with one and two returns.
    rows = [row for row in rows if not date(2017, 5, 1) <= row["asof_date"] <= date(2017, 6, 23)]
    restart = [by_day[day] for day in (date(2017, 6, 22), date(2017, 6, 23))]
    rows = sorted(rows + restart, key=lambda row: row["asof_date"])
    # Rows without a return, without a benchmark, without a value for longer than 30 days.
    blank(rows, ["twr_1d"], date(2017, 9, 1), date(2017, 10, 20))
    blank(rows, ["benchmark_twr_1d"], date(2018, 1, 8), date(2018, 4, 30))
    blank(rows, ["portfolio_value_base"], date(2018, 2, 1), date(2018, 3, 30))
    return rows


def one_row_case(_rng):
    row = [-0.0123, 987_654.32, 0.0045, 0.98, -0.011, 0.052]
    return [{"asof_date": date(2020, 2, 29)} | dict(zip(VALUES, row))]


def all_null_case(_rng):
    return [{"asof_date": day} for day in business_days(date(2022, 1, 3), date(2022, 3, 31))]


def constant_case(_rng):
    row = dict(zip(VALUES, [0.001, 1_000_000.0, 0.0004, 1.1, 0.03, 0.07]))
    return [{"asof_date": day} | row for day in business_days(date(2021, 1, 4), date(2022, 3, 31))]


def constant_excess_case(rng):
    """Two basis points ahead of the benchmark every day; r - b differs only by rounding."""
    rows = market_series(rng, business_days(date(2021, 1, 4), date(2022, 3, 31)))
    for row in rows:
        row["twr_1d"] = row["benchmark_twr_1d"] + 0.0002
    return rows


def tiny_case(rng):
    """Returns of about 1e-8, on days either side of 1970-01-01."""
    rows = market_series(rng, business_days(date(1968, 9, 2), date(1970, 3, 31)))
    for row in rows:
        row["benchmark_twr_1d"] = shock(rng, 1e-8)
        row["twr_1d"] = 0.7 * row["benchmark_twr_1d"] + shock(rng, 5e-9)
    return rows


def log_uniform(rng, low, high):
    return 10 ** rng.uniform(math.log10(low), math.log10(high))


def wild_series(rng, days, worst):
    """Returns from 1e-8 to 10 in size, log-uniform; a negative one goes down to `worst`."""
    rows = []
    for i, day in enumerate(days):
        twr = log_uniform(rng, 1e-8, 10)
        if rng.random() < 0.5:
            twr = -log_uniform(rng, 1e-8, -worst)
        benchmark = log_uniform(rng, 1e-8, 1) * rng.choice([-0.9, 1])
        value = round(log_uniform(rng, 1, 1e12), 2)
        row = {"asof_date": day, "twr_1d": twr, "portfolio_value_base": value, "benchmark_twr_1d": benchmark}
        row |= {column: log_uniform(rng, 1e-6, 1e3) * rng.choice([-1, 1, 1]) for column in VALUES[3:5]}
        row["tracking_error_1y"] = log_uniform(rng, 1e-6, 1e3)
        rows.append(row)
    return rows


def huge_case(rng):
    rows = wild_series(rng, business_days(date(2004, 6, 1), date(2006, 3, 31)), worst=-0.999)
    for i in (330, 331, 400, 430):  # late, so that a year passes without a total loss first
        rows[i]["twr_1d"] = -1.0
    return rows


def below_minus_one_case(rng):
    """Losses of more than everything: the wealth index changes sign, and values are negative."""
    rows = wild_series(rng, business_days(date(2008, 1, 1), date(2009, 8, 31)), worst=-0.99)
    for i, row in enumerate(rows):
        if i % 17 == 11:
            row["twr_1d"] = -1 - log_uniform(rng, 1e-3, 10)
        if i % 5 == 3:
            row["portfolio_value_base"] *= -1
    for row in rows[200:270]:  # a largest value below zero has no DRAWDOWN
        row["portfolio_value_base"] = -abs(row["portfolio_value_base"])
    return rows


def minus_one_case(rng):
    """Total losses, and a value of 0 until money comes in again; 1900 was not a leap year."""
    rows = market_series(rng, business_days(date(1899, 9, 1), date(1901, 3, 29)))
    for i in (150, 290, 291):
        rows[i]["twr_1d"] = -1.0
    for row in rows[150:220]:
        row["portfolio_value_base"] = 0.0
    return rows


def equal_benchmark_case(rng):
    rows = market_series(rng, business_days(date(2013, 1, 1), date(2014, 3, 31)))
    for row in rows:
        row["benchmark_twr_1d"] = row["twr_1d"]
    return rows


def mirrored_benchmark_case(rng):
    """Short one and a half times the benchmark: correlation -1."""
    rows = market_series(rng, business_days(date(2013, 1, 1), date(2014, 3, 31)))
    for row in rows:
        row["twr_1d"] = -1.5 * row["benchmark_twr_1d"]
    return rows


def month_lengths_case(rng):
    """The last and the first days of each month; 2000 was a leap year, 1999 and 2001 were not."""
    days = [day for day in calendar_days(date(1999, 1, 27), date(2001, 3, 2)) if day.day >= 27 or day.day <= 2]
    return market_series(rng, days)


def restatements_case(rng):
    """The same day in several pricing packs, in the order of recording: the last row of a day counts, whole."""

    def pack(name, days):
        return [row | {"pricing_pack_id": name} for row in market_series(rng, days)]

    preliminary = pack("preliminary", business_days(date(2023, 3, 6), date(2023, 3, 10)))
    default = pack("default", business_days(date(2023, 1, 2), date(2024, 3, 29)))
    restated = pack("restated", business_days(date(2023, 10, 2), date(2023, 10, 31)))
    # 2023-10-14 is a Saturday that no other pack has.
    audit = pack("audit", calendar_days(date(2023, 10, 9), date(2023, 10, 14)) + [date(2024, 2, 29)])
    for row, columns in zip(audit[1:5], [VALUES[0:1], VALUES[1:2], VALUES[2:3], VALUES]):
        row.update(dict.fromkeys(columns))
    # Neither the packs' names nor their first days are in the order of recording, and one pack's days run backwards.
    return preliminary + default + restated[::-1] + audit


CASES = {
    "business-days": business_days_case,
    "calendar-days": calendar_days_case,
    "gaps": gaps_case,
    "one-row": one_row_case,
    "all-null": all_null_case,
    "constant": constant_case,
    "constant-excess": constant_excess_case,
    "tiny": tiny_case,
    "huge": huge_case,
    "minus-one": minus_one_case,
    "below-minus-one": below_minus_one_case,
    "equal-benchmark": equal_benchmark_case,
    "mirrored-benchmark": mirrored_benchmark_case,
    "month-lengths": month_lengths_case,
    "restatements": restatements_case,
}


# --- as-of days ----------------------------------------------------------------

# Days a case was made for, beside those every case gets.
SPECIAL_DAYS = {
    "gaps": """2017-01-06 2017-01-09 2017-01-10 2017-01-24 2017-01-25 2017-02-02 2017-02-03 2017-02-06 2017-05-28
               2017-06-03 2017-06-21 2017-06-22 2017-06-23 2017-10-01 2017-10-20 2017-10-23 2018-03-04 2018-03-30
               2018-04-30 2018-05-31""",
    "minus-one": """1900-02-28 1900-03-01 1900-03-29 1900-03-30 1900-05-15 1900-06-15 1900-10-11 1900-10-12 1901-02-28
                    1901-03-01""",
    "huge": "2005-09-02 2005-09-05 2005-09-06 2005-12-12 2006-01-20",
    "below-minus-one": "2008-02-29 2008-11-28 2008-12-10 2009-01-10 2009-01-20 2009-02-28 2009-03-01",
    "month-lengths": """1999-02-28 1999-03-01 1999-03-30 1999-03-31 1999-04-30 2000-01-31 2000-02-27 2000-02-28
                        2000-02-29 2000-03-01 2000-03-30 2000-03-31 2000-05-31 2000-10-15 2001-02-27 2001-02-28
                        2001-03-01 2001-03-02""",
    "restatements": """2023-03-08 2023-03-12 2023-04-09 2023-10-01 2023-10-09 2023-10-10 2023-10-11 2023-10-12
                       2023-10-13 2023-10-14 2023-10-31 2023-11-12 2023-11-13 2024-02-28 2024-02-29 2024-03-01""",
    "tiny": "1969-12-31 1970-01-01 1970-01-02 1970-01-30 1970-02-28",
}

# How many further days, drawn at random, a case gets.
SAMPLED_DAYS = {"business-days": 16, "calendar-days": 10, "gaps": 8, "huge": 6, "below-minus-one": 6}

# How many rows make a year, where it is not 252: every day, every week, every month.
PERIODS_PER_YEAR = {"calendar-days": 365, "gaps": 52, "month-lengths": 12}

# Rates beside the default one: 0, a high one, and for constant returns one equal to them and one above.
FURTHER_RATES = {
    "business-days": [0, 0.0005],
    "gaps": [0, 0.0005],
    "tiny": [0],
    "constant": [0.001, 0.002],
}


def as_of_days(case, days):
    """The edges of the series and of what its windows reach, leap days, a weekend, and a sample."""
    rng = random.Random(f"{case}, as of")
    first, last = min(days), max(days)
    chosen = {first + timedelta(days=i) for i in (-1, 0, 1, 29, 30)}
    chosen |= {last + timedelta(days=i) for i in (0, 1, 30)}
    if case in ("business-days", "one-row"):  # one day before and after the last row leaves each window
        chosen |= {last + timedelta(days=i) for i in (29, 30, 59, 60, 89, 90)}
    chosen |= {year_later(first) + timedelta(days=i) for i in (-1, 0)}
    chosen |= {year_later(last) + timedelta(days=i) for i in (-1, 0)}
    inside = calendar_days(first, last)
    if case in ("business-days", "calendar-days"):
        chosen |= {day for day in inside if (day.month, day.day) in ((2, 28), (2, 29), (3, 1))}
        chosen |= {day for day in inside if (day + timedelta(days=1)).day == 1 and day.month in (3, 7, 11)}
    middle = inside[len(inside) // 2]
    chosen |= {middle + timedelta(days=i - middle.weekday()) for i in (4, 5, 6)}  # Friday, Saturday, Sunday
    chosen |= {date.fromisoformat(text) for text in SPECIAL_DAYS.get(case, "").split()}
    chosen |= set(rng.sample(inside, SAMPLED_DAYS.get(case, 0)))
    return sorted(chosen)


def as_of_rows(case, rows):
    days = as_of_days(case, [row["asof_date"] for row in rows])
    periods = PERIODS_PER_YEAR.get(case, 252)
    yield from ((case, day, RISK_FREE_DAILY, periods) for day in days)
    for rate in FURTHER_RATES.get(case, []):
        yield from ((case, day, rate, periods) for day in days[2::7])


# --- files ---------------------------------------------------------------------


def field(value):
    return repr(value) if isinstance(value, float) else value


def write(path, header, rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([field(value) for value in row] for row in rows)


def main():
    (HERE / "input").mkdir(exist_ok=True)
    as_of_lines = []
    for case, make in CASES.items():
        rows = make(random.Random(case))
        key = ["asof_date", "pricing_pack_id"] if case == "restatements" else ["asof_date"]
        columns = key + VALUES
        write(HERE / "input" / f"{case}.csv", columns, ([row.get(name) for name in columns] for row in rows))
        as_of_lines += as_of_rows(case, rows)
    write(HERE / "as-of-days.csv", ["case", "as_of", "risk_free_daily", "periods_per_year"], as_of_lines)


if __name__ == "__main__":
    main()
