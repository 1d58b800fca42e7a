# Each target sets up what it needs, from an empty clone: Python 3.11 or newer, make, git and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check mutants bench docs clean

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

demo: $(VENV)/ready  ## a small contact centre on an embedded Redis
	$(BIN)/python examples/demo.py

test: check  ## every test, on fakeredis and on real servers
	$(BIN)/pytest

check: $(VENV)/ready  ## style, types, arrows
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports

mutants: $(VENV)/ready  ## small changes that the tests must notice; ARGS="--seed 2 --only lua --jobs 2"
	PYTHONPATH=tests $(BIN)/python -m mutation.run $(ARGS)

bench: $(VENV)/ready  ## speed, as ratios against the floor in the same run
	$(BIN)/python benchmarks/run.py

$(VENV)/docs-ready: $(VENV)/ready
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@

docs: $(VENV)/docs-ready  ## the documentation as a site, in site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist site
