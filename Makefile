# Every target makes what it needs, the virtual environment included.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
READY := $(VENV)/.ready
# a file's tests share servers, so that they stay in one process; `tests/conftest.py` says what
# comes first
SPREAD := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-long lint types bench quality dev fmt check clean

demo: $(READY)
	$(BIN)/offkey demo

test: $(READY)
	$(BIN)/pytest $(SPREAD) -m "not long"

test-long: $(READY)
	$(BIN)/pytest $(SPREAD)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

# REPOS="PATH PATH": clones to measure on; without any, one is made up
bench: $(READY) $(PEERS)/.ready
	OFFKEY_PEERS=$(PEERS) $(BIN)/python -m bench $(REPOS)

# other scanners, to measure against: one that cannot be installed here is left out
$(PEERS)/.ready:
	$(PYTHON) -m venv $(PEERS)
	-$(PEERS)/bin/python -m pip install --quiet kingfisher-bin==2.14.0
	-$(PEERS)/bin/python -m pip install --quiet credsweeper==1.19.5
	-$(PEERS)/bin/python -m pip install --quiet detect-secrets==1.5.0
	touch $@

quality: $(READY)
	$(BIN)/python -m bench.quality

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
	rm -rf $(VENV) $(PEERS) build dist
