# Every target makes what it needs, the virtual environment included.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-long lint types bench dev fmt check clean

demo: $(READY)
	$(BIN)/offkey demo

test: $(READY)
	$(BIN)/pytest -m "not long"

test-long: $(READY)
	$(BIN)/pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m bench.scan

fmt: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

dev: $(READY)

check: lint types test

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("offkey needs Python 3.11 or later; try: make PYTHON=python3.11 $(MAKECMDGOALS)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $(READY)

clean:
	rm -rf $(VENV) build dist
