# make run   installs what is missing, makes a database with the sample when there is none, serves on loopback
# make test  installs what is missing, then every rule and every ordinary test, on both databases and in Chromium

BIN := .venv/bin
.DEFAULT_GOAL := run
.PHONY: run test test-long bench fix constraints

run:
	@bash .ci/install run
	@test -n "$$GISGRID_DATABASE_URL" || test -e "$${GISGRID_HOME:-.}/data/gisgrid.sqlite" || $(BIN)/gisgrid init --sample
	@$(BIN)/gisgrid serve

test:
	@bash .ci/install test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2

test-long:
	@bash .ci/install test
	$(BIN)/python -m pytest -m "" --hypothesis-profile long

bench:
	@bash .ci/install bench
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.check_ins
	$(BIN)/python -m tests.benchmarks.coverage_area
	$(BIN)/python -m tests.benchmarks.coverage_month
	$(BIN)/python -m tests.benchmarks.viewer

fix:
	@bash .ci/install test
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

# The newest versions that the ranges of pyproject.toml allow, tried in a venv of their own.
constraints:
	@bash .ci/constraints
