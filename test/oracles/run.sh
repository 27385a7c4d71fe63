#!/bin/sh
# Makes every file of this folder again and compares the tools with one another.
# Needs R and python3 with pandas: apt-get install r-base-core python3-pandas
set -eu
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1
python=${PYTHON:-/usr/bin/python3} # the one that Debian installs pandas for
mkdir -p input expected

"$python" make-inputs.py
Rscript windows.R
"$python" series.py
"$python" check.py
Rscript performance-analytics.R
# They read the formulas of series.py.
"$python" ../ingest/oracle/sp500-2020.py
"$python" ../ingest/oracle/examples.py
