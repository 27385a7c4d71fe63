#!/usr/bin/env bash
# Runs the snippets of docs/recipes.md that need more than npm's packages of this program, and
# installs what they need where it is absent.
set -eu
cd "$(dirname "$0")/../.."

packages=()
/usr/bin/python3 -c 'import pandas' 2>/dev/null || packages+=(python3-pandas)
Rscript -e 'stopifnot(requireNamespace("jsonlite", quietly = TRUE))' >/dev/null 2>&1 ||
  packages+=(r-base-core r-cran-jsonlite)
command -v curl >/dev/null || packages+=(curl)
if [ ${#packages[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}"
fi
# Not `npm ci`: it misses optional packages of nodejs-polars for other platforms, which npm leaves
# out of the lock file.
[ -d test/recipes/node_modules ] ||
  npm install --no-save --prefix test/recipes --no-audit --no-fund --silent

npm run -s build
NODE_OPTIONS=--experimental-vm-modules npx jest --testMatch '**/test/recipes/*.recipes.ts'
