# Each target is one line that calls something readable. PYTHON chooses the interpreter .venv is made from.
.PHONY: env run test test-all test-django test-postgres lint bench bench-connection bench-local bench-data bench-pages bench-search soak test-soak fuzz screenshots clean
PY := .venv/bin/python

env:   ## .venv with everything in requirements-dev.txt; does nothing when it is up to date
	@sh scripts/env.sh

run: env   ## Lakebase Local and the site: http://127.0.0.1:8080 (PORT=8081 make run)
	@$(PY) manage.py up

test: env   ## all tests but the slow ones, in minutes, on up to four processes
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not slow and not soak"

test-all: test   ## then the slow ones, those in a browser, PostgreSQL 16, the core of Django's own tests on our engine with tokens and pool
	@$(PY) -m tests.browser && $(PY) -m pytest -n 2 --dist loadfile -m "slow and not soak" && $(PY) scripts/test_postgres.py 16 && $(PY) -m tests.django_suite.run --mode lakebase --core

test-django: env   ## Django's own tests on our engine, with tokens and without, some minutes each
	@$(PY) -m tests.django_suite.run

test-postgres: env   ## the tests of the shop's SQL on PostgreSQL 16, 17 and 18 (VERSIONS="16 18": on these)
	@$(PY) scripts/test_postgres.py $(VERSIONS)

lint: env   ## style, types, missing migrations
	@sh scripts/lint.sh

bench: env   ## measure everything, at full size: the five below, one after the other
	@$(PY) -m bench

bench-connection: env   ## measure connections, wakes and branches
	@$(PY) -m bench.connection

bench-local: env   ## measure points in time, large branches, many clients, wakes, memory; parts: make bench-local PARTS=history
	@$(PY) -m bench.local $(PARTS)

bench-data: env   ## measure audit, imports, seed, orders and dashboard; parts by name: make bench-data PARTS=ordering
	@$(PY) -m bench.data $(PARTS)

bench-pages: env   ## measure every page among a million orders; make bench-pages PART=1000: a rehearsal in a thousandth
	@$(PY) -m bench.pages $(PART)

bench-search: env   ## measure the search of products among 100,000, and on labelled questions
	@$(PY) -m bench.search

test-soak: env   ## the longest tests, of memory and of Lakebase Local's history under load and kills, some minutes
	@$(PY) -m pytest -n 2 -m soak tests

soak: env   ## half an hour of clients, branches, snapshots, sleep and kill -9 on Lakebase Local; MINUTES=2 make soak: a rehearsal
	@$(PY) -m bench.soak

fuzz: env   ## 10,000 examples for each property-based test
	@HYPOTHESIS_PROFILE=fuzz $(PY) -m pytest -m fuzz tests

screenshots: env   ## take the pictures in docs/images anew, in a browser, of a shop of its own
	@$(PY) -m scripts.screenshots

clean:   ## remove what was made here: data, environment, caches
	@sh scripts/clean.sh
