# codegrey: `make run` and `make test` are all that a fresh machine needs (Python 3.11 or later with venv, and make).

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
VENV ?= .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
ARTICLES ?= data/articles
DATASET ?= dataset
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
PYTEST_FLAGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_PROGRESS_BAR := off

.PHONY: help run serve dataset test check lint types floors tests wheel evaluate build docs clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: dataset serve ## install, build the graph from data/articles and serve it on http://127.0.0.1:8000

dataset: $(VENV)/.installed ## build the graph from data/articles into ./dataset
	$(BIN)/codegrey build $(ARTICLES) --out $(DATASET) --jobs $(JOBS) || [ $$? -eq 1 ] # 1: findings, shown above

serve: $(VENV)/.installed ## serve ./dataset as it is
	$(BIN)/codegrey serve --dataset $(DATASET) --host $(HOST) --port $(PORT)

test: $(VENV)/.dev ## install what the tests need and run them
	$(BIN)/python -m pytest -q $(PYTEST_FLAGS)

check: lint types floors wheel tests ## all that CI runs: format, lint, types, import floors, wheel, tests

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

floors: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

tests: test

wheel: $(VENV)/.dev
	PYTHON=$(abspath $(BIN))/python .ci/try-wheel

evaluate: $(VENV)/.installed ## precision and recall of the extraction on the annotated articles
	$(BIN)/codegrey evaluate --jobs $(JOBS)

build: $(VENV)/.dev ## build the wheel and the source distribution into ./dist
	rm -rf dist
	$(BIN)/python -m build --outdir dist

docs: $(VENV)/.installed ## write the pages of docs/ that are generated
	$(BIN)/python -m codegrey.cli.reference docs/cli.md
	$(BIN)/python docs/ontology_page.py

clean: ## remove everything that make made
	rm -rf $(VENV) $(DATASET) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "codegrey needs Python 3.11 or later; name one: make PYTHON=/path/to/python3 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "installing codegrey and what it needs into $(VENV): a minute or two"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "installing codegrey, what it needs and what its tests need into $(VENV): a minute or two"
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed
