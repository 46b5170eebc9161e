#!/bin/sh
# Everything that can be said about the code without running it.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
# Against plain settings: nothing is connected to, the models alone are compared with the migrations.
.venv/bin/python manage.py makemigrations --check --dry-run
