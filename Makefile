# The commands of the project; "make" alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# What is compiled once need not be compiled again by each of the hundreds of processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
STAMP := $(VENV)/.installed
WORKERS ?= 2
SIZE ?= 100000

# Every step of the tests has a data folder of its own, in memory where there is room, removed when it ends.
OWN_DATA = unset DATABASE_URL DEBUG SITE_URL SECRET_KEY ALLOWED_HOSTS EMAIL_URL PORT; \
	DATA_DIR=$$($(BIN)/python -m tests.scratch); export DATA_DIR; trap 'rm -rf "$$DATA_DIR"' EXIT
REPORTS := $(VENV)/reports
PYTEST := $(BIN)/python -m pytest -q -rfE --ignore=tests/benchmarks
PARALLEL := -n $(WORKERS) --dist loadgroup
ON_POSTGRES := $(BIN)/python -m tests.postgres_server
BENCH := $(BIN)/python -m pytest -q -s -m "" -o python_files="bench_*.py test_*.py"
ASKING := pages growth counts crowd

.PHONY: help install run bundle test lint test-sqlite test-postgres test-rest test-long bench lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(STAMP) ## the virtual environment with all that running and testing needs

$(RUNTIME): requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "python3 is missing (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "The venv module is missing (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing the pinned dependencies (about half a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(STAMP): requirements-dev.txt $(RUNTIME)
	@echo "Installing what testing needs besides ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

bundle: $(RUNTIME) ## dist/rectify-<version>-<platform>.tar.gz: all that a machine without a network needs
	@$(BIN)/python deploy/bundle/make_bundle.py $(BUNDLE)

run: $(RUNTIME) ## migrations, the demo when the database is empty, then the server on http://127.0.0.1:$PORT (8000)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py shell --no-imports -c 'from django.contrib.auth import get_user_model as user; raise SystemExit(0 if user().objects.exists() else 3)' \
		|| { test $$? -eq 3 && $(BIN)/python manage.py demo; }
	@exec $(BIN)/python manage.py serve

test: install ## static checks, the tests on SQLite, on PostgreSQL what asks it, a smoke in the browser
	@rm -rf $(REPORTS)
	@$(MAKE) lint
	@$(MAKE) test-sqlite
	@$(MAKE) test-postgres
	@$(BIN)/python -m tests.left_out SQLite=$(REPORTS)/sqlite.xml PostgreSQL=$(REPORTS)/postgres.xml

lint: install ## ruff, mypy, import table, missing migrations, deployment checks
	@echo "== ruff";            $(BIN)/ruff check .; $(BIN)/ruff format --check .
	@echo "== mypy";            $(OWN_DATA); $(BIN)/mypy
	@echo "== import table";    $(BIN)/lint-imports --no-logo
	@echo "== migrations";      $(OWN_DATA); $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "== deployment";      $(OWN_DATA); export SITE_URL=https://zhenggai.example.gov.cn DEBUG=0; \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

test-sqlite: install ## the tests on SQLite, the main journey in a browser too
	@echo "== tests on SQLite"; $(OWN_DATA); \
		$(PYTEST) $(PARALLEL) -m "not long and not ci" --junitxml=$(REPORTS)/sqlite.xml

test-postgres: install ## the tests on a throw-away PostgreSQL
	@echo "== tests on PostgreSQL (those that ask it what SQLite may answer otherwise)"; $(OWN_DATA); \
		$(ON_POSTGRES) $(PYTEST) $(PARALLEL) -m "not browser and not long and not ci and not once and not sqlite" \
		--junitxml=$(REPORTS)/postgres.xml || { status=$$?; test $$status -eq 77 || exit $$status; }

test-rest: install ## after make test, what it left to .ci/run: all journeys in a browser, all on PostgreSQL
	@echo "== the rest on SQLite"; $(OWN_DATA); \
		$(PYTEST) $(PARALLEL) -m "ci and not long" --junitxml=$(REPORTS)/rest-sqlite.xml
	@echo "== the rest on PostgreSQL"; $(OWN_DATA); \
		$(ON_POSTGRES) $(PYTEST) $(PARALLEL) -m "(ci or once) and not browser and not long and not sqlite" \
		--junitxml=$(REPORTS)/rest-postgres.xml || { status=$$?; test $$status -eq 77 || exit $$status; }
	@$(BIN)/python -m tests.left_out --to-the-last SQLite=$(REPORTS)/sqlite.xml \
		SQLite=$(REPORTS)/rest-sqlite.xml PostgreSQL=$(REPORTS)/postgres.xml PostgreSQL=$(REPORTS)/rest-postgres.xml

test-long: install ## the long ones: races, mutants, fault injection, on both databases
	@echo "== long tests on SQLite"; $(OWN_DATA); $(PYTEST) -m long
	@echo "== long tests on PostgreSQL"; $(OWN_DATA); \
		$(ON_POSTGRES) $(PYTEST) -m "(long or sqlite) and not browser" || { status=$$?; test $$status -eq 77 || exit $$status; }

bench: install ## measurements, printed as ratios, on both databases; SIZE=1000000 for a million items on SQLite
	@$(OWN_DATA); export SIZE=$(SIZE); $(BENCH) tests/benchmarks
	@test $(SIZE) -gt 100000 || { $(OWN_DATA); export SIZE=$(SIZE) DURABLE=1; \
		$(ON_POSTGRES) $(BENCH) $(ASKING:%=tests/benchmarks/bench_%.py) || { status=$$?; test $$status -eq 77 || exit $$status; }; }

lock: ## write the lock files anew from pyproject.toml (newest versions that it allows)
	@tool=$$(mktemp -d); trap 'rm -rf "$$tool"' EXIT; $(PYTHON) -m venv $$tool; $$tool/bin/pip install --quiet uv; \
		compile="$$tool/bin/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml"; \
		$$compile -o requirements.txt; $$compile --extra test -c requirements.txt -o requirements-dev.txt

clean: ## remove the environment and all caches, not the data in var/
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find rectify tests -name __pycache__ -type d -exec rm -rf {} +
