#!/bin/sh
# Everything that can be said about the code without running it.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
# Without a database: the models alone are compared with the migrations, hence a warning less.
.venv/bin/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
