# Everything a person does here. `make help` lists it; CI runs the same.
.DEFAULT_GOAL := help
.PHONY: help setup install run test test-all lint format bench faults screens messages lock third-party clean
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
# Whatever the shell says: thousands of files compiled anew are half of what a process costs to start.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/bytecode
PYTHON ?= python3
VENV := .venv/bin
BOOTSTRAP = @command -v $(PYTHON) >/dev/null || { echo "Otklik needs Python 3.11 or later; install the package python3." >&2; exit 1; }; \
	exec $(PYTHON) -m scripts.bootstrap

help: ## List what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

setup: ## Environment, packages, front end and catalogues (make run does this too)
	$(BOOTSTRAP) base

install: ## As setup, with every module compiled: for a service that may write nothing here
	$(BOOTSTRAP) install

run: ## Start the desk with a demo company on http://127.0.0.1:8000
	$(BOOTSTRAP) run

setup-tests:
	$(BOOTSTRAP) tests

test: setup-tests ## All tests on SQLite; data tests on PostgreSQL too; Redis, Chromium, mail servers
	@$(VENV)/python -m scripts.run_tests

test-all: setup-tests ## All tests on SQLite and all of them on PostgreSQL
	@$(VENV)/python -m scripts.run_tests --all

lint: setup-tests ## Style, types, floors, licences, catalogues
	@$(VENV)/python -m scripts.lint

format: setup-tests ## Put code and templates in form
	@$(VENV)/ruff check --fix-only --quiet . ; $(VENV)/ruff format --quiet . ; $(VENV)/djade --target-version 5.2 $$(git ls-files '*.html')

bench: setup-tests ## Measure with 10,000 tickets on both databases (SIZE=1m, DATABASE=sqlite|postgresql)
	@$(VENV)/python -m bench $(if $(SIZE),--size $(SIZE))

faults: setup-tests ## Kill a working desk more than a hundred times and account for every message
	@$(VENV)/python -m tests.faults $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED)) $(if $(DATABASE),--database $(DATABASE))

screens: setup-tests ## Take screenshots of every screen
	@$(VENV)/python -m scripts.screens

messages: setup-tests ## Gather strings into the catalogues and compile them
	@$(VENV)/python -m scripts.messages extract && $(VENV)/python -m scripts.messages compile

lock: setup-tests ## Resolve requirements/*.in and package.json anew
	@$(VENV)/python -m scripts.lock

third-party: setup-tests ## Write THIRD_PARTY.md: the libraries and their licences
	@$(VENV)/python -m scripts.licences write

clean: ## Remove everything that was made here, except var
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache node_modules otklik/ui/dist
