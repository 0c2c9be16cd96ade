# Everything a contributor types. `make` alone lists it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell $(p) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(p))))
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check install --constraint constraints.txt
WORKERS ?= 2
N ?= 1000 10000 100000
MINUTES ?= 10

.PHONY: help demo venv test check proof soak bench format tables pictures transcripts clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime  ## open the sample plan on its board, in a folder of its own
	@$(BIN)/planner demo

venv: $(VENV)/.dev  ## make .venv with planner and everything its tests need

test: $(VENV)/.dev  ## run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

check: $(VENV)/.dev  ## all that must be clean before a commit: style, types, tables of the manual, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/tables.py --check
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

proof: $(VENV)/.dev  ## laws, faults and races at full count: one line a claim, `claim: N of N`
	@PLANNER_PROOF=full $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m proof

soak: $(VENV)/.dev  ## everything writes at once for MINUTES=10, to one vault, to two clones, on two screens; no write may be lost
	@$(BIN)/python -m tests.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m tests.soak.clones --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m tests.soak.screens --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

bench: $(VENV)/.dev  ## time planner, git and installed peers: make bench N="1000 10000" ARGS=--json
	@$(BIN)/python -m tests.bench $(N) $(ARGS)

format: $(VENV)/.dev  ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

tables: $(VENV)/.dev  ## write the tables of the manual anew from the code
	@$(BIN)/python tests/tables.py --write

transcripts: $(VENV)/.dev  ## write the output in README and transcripts anew
	@PLANNER_TRANSCRIPTS=write $(BIN)/python -m pytest tests/test_transcripts.py

pictures: $(VENV)/.dev  ## draw the pictures of the screen anew
	@PLANNER_PICTURES=write $(BIN)/python -m pytest tests/tui

clean:  ## remove .venv and everything that was built
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find planner tui tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "planner needs Python 3.11 or newer; name one with make PYTHON=…" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "is the venv module installed? (on Debian: python3-venv)" >&2; exit 1; }

# The build backend comes from constraints.txt too, so that two machines build the same.
$(VENV)/.runtime: pyproject.toml constraints.txt | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo "installing planner and the libraries it uses"
	@$(PIP) hatchling editables
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "installing the tools of the tests"
	@$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@
