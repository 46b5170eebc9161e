#!/bin/sh
# Removes what `make` made: Lakebase Local's data, .venv, collected files, caches. Sources and settings stay.
set -eu
cd "$(dirname "$0")/.."
if [ -e .lakebase/site.env ]; then
    echo "The site is running: stop it first (Ctrl-C where \`make run\` runs), or remove .lakebase/site.env if it was killed." >&2
    exit 1
fi
# As root the data lies elsewhere, and only Lakebase Local knows where.
if [ -d .lakebase ] && [ -x .venv/bin/python ]; then
    .venv/bin/python -m lakebase.local --dir .lakebase --destroy || exit 1
fi
rm -rf .lakebase .venv staticfiles test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
find . -name __pycache__ -type d -prune -exec rm -rf {} +
