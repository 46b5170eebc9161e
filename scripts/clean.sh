#!/bin/sh
# Removes what `make` made: Lakebase Local's data, .venv, collected files, the PostgreSQLs of test-postgres, caches.
# Sources and settings stay.
set -eu
cd "$(dirname "$0")/.."
# Only Lakebase Local knows where its data lies (for root: not here), and it refuses while it runs.
if [ -f .lakebase/state.db ] && [ -x .venv/bin/python ]; then
    .venv/bin/python -m lakebase.local --dir .lakebase --destroy || {
        echo "Stop \`make run\` first (Ctrl-C), then run make clean again." >&2
        exit 1
    }
fi
rm -rf .lakebase .postgres .venv staticfiles test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
find . -name __pycache__ -type d -prune -exec rm -rf {} +
