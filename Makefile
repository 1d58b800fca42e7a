# Each target sets up what it needs, from an empty clone: Python 3.11 or newer, make, git and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# half of their time tests wait for processes
JOBS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)

.PHONY: demo demo-web test check check-style check-types check-types-again check-arrows faults mutants soak bench bench-agree bench-quick scale bench-docs docs clean

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

demo: $(VENV)/ready  ## a small contact centre on an embedded Redis
	$(BIN)/python examples/demo.py

demo-web: $(VENV)/ready  ## the same with its page, and contacts that arrive until it is stopped; PORT=0: any free port
	$(BIN)/python examples/demo_web.py

# reordered, files with few tests would come last, and these take longest
test: check  ## every test, on fakeredis and on real servers
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/ready  ## style, types, arrows, side by side
	$(MAKE) --no-print-directory --jobs check-style check-types check-types-again check-arrows

check-style:
	$(BIN)/ruff check .

check-types:
	$(BIN)/mypy

check-types-again:
	$(BIN)/basedpyright

check-arrows:
	$(BIN)/lint-imports

faults: $(VENV)/ready  ## what must survive every fault, in 15 minutes; ARGS="--seed 7" draws other ones
	$(BIN)/pytest tests/faults -m '' $(ARGS)

mutants: $(VENV)/ready  ## small changes that the tests must notice; ARGS="--seed 2 --only lua --jobs 2"
	PYTHONPATH=tests $(BIN)/python -m mutation.run $(ARGS)

soak: $(VENV)/ready  ## 20,000 random transitions, each checked; ARGS="--steps 100000 --seed 7 --kind redis-server"
	PYTHONPATH=tests $(BIN)/python -m soak.run $(ARGS)

$(VENV)/bench-ready: $(VENV)/ready benchmarks/node/package-lock.json
	$(BIN)/pip install --quiet --editable '.[bench]'
	if command -v npm >/dev/null; then npm ci --no-fund --no-audit --prefix benchmarks/node; fi
	mkdir -p .benchmarks
	touch $@

bench: $(VENV)/bench-ready  ## speed, beside other queues and the floor, in 20 minutes; ARGS="--only work --rounds 3"
	if test -e .benchmarks/bench.json; then mv .benchmarks/bench.json .benchmarks/bench-before.json; fi
	$(BIN)/python -m benchmarks run --json .benchmarks/bench.json $(ARGS)

bench-agree: $(VENV)/bench-ready  ## whether the last two runs of `make bench` say the same within their spread
	$(BIN)/python -m benchmarks agree .benchmarks/bench-before.json .benchmarks/bench.json $(ARGS)

bench-quick: $(VENV)/bench-ready  ## the same, much smaller, in 3 minutes
	$(BIN)/python -m benchmarks run --size quick --json .benchmarks/bench-quick.json $(ARGS)

scale: $(VENV)/bench-ready  ## a million contacts, and 10,000 agents cut off; ARGS="--contacts 100000"
	$(BIN)/python -m benchmarks scale --json .benchmarks/scale.json $(ARGS)

bench-docs: $(VENV)/bench-ready  ## docs/performance.md, from the last `make bench` and `make scale` if there were any
	$(BIN)/python -m benchmarks docs $(wildcard .benchmarks/bench.json) \
	  $(addprefix --before ,$(wildcard .benchmarks/bench-before.json)) \
	  $(addprefix --scale ,$(wildcard .benchmarks/scale.json))

$(VENV)/docs-ready: $(VENV)/ready
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@

docs: $(VENV)/docs-ready  ## the documentation as a site, in site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist site
