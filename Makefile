# Two commands are enough on a fresh machine: make demo, make test.
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
# Two stages of one environment: what the demo needs, and what the tests need beside it.
INSTALLED = $(VENV)/installed
READY = $(VENV)/ready
PICTURE = build/demo.svg
MODELS = boundgen/catalogue/*.bounds boundgen/catalogue/published/*.bounds

.PHONY: demo test slow bounds layout lint bench coverage simulate fu-table derived gallery docs system clean

demo: $(INSTALLED)
	@mkdir -p $(dir $(PICTURE))
	@$(BIN)/python -c 'import matplotlib.pyplot' # fonts are listed once
	@echo 'Does a news story about an immigrant move people through their feelings? Bounds from the model:'
	@echo '> boundgen derive mediation_mmr delta1'
	@set -e; start=$$(date +%s); \
	derived=$$($(BIN)/boundgen derive mediation_mmr delta1); \
	echo "$$derived" | sed 1,2d; echo; echo 'At the 265 people of the experiment:'; \
	echo '> boundgen evaluate mediation_mmr framing --plot $(PICTURE)'; \
	found=$$($(BIN)/boundgen evaluate mediation_mmr framing --plot $(PICTURE)); \
	echo "$$found" | sed -n 6,12p; echo; \
	echo "Both took $$(( $$(date +%s) - start )) s. The picture: $(abspath $(PICTURE))"
	@echo 'Next, a starter model for a file of your own: . $(BIN)/activate; boundgen init DATA.csv'

# Two processes on two cores: threads of linear algebra would only wait for each other. Each takes files that stand
# together, so that what a file prepares is prepared once, and helps the other in the end.
test slow: export OPENBLAS_NUM_THREADS = 1
test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not slow"

# What needs a browser is run by .ci/page. Laws are tried with more examples than in make test.
slow: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m slow --ignore=tests/page/test_browser.py
	HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not slow" tests/laws tests/questions

# The published bounds of the catalogue, each side a test by the plugin that boundgen brings.
bounds: $(READY)
	$(BIN)/python -m pytest -n 2 -q -m boundgen boundgen/catalogue

# The model files of the catalogue in their layout; what holds their text (make gallery) comes after it.
layout: $(READY)
	$(BIN)/boundgen format $(MODELS)

lint: $(READY)
	$(BIN)/pip install -q -e '.[lint]'
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/boundgen format --check $(MODELS)
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python tests/benchmarks/run.py
	$(BIN)/python tests/benchmarks/evaluators.py
	$(BIN)/python tests/benchmarks/enumeration.py

# The evaluator modules of the catalogue, and those that the package for R brings.
derived: $(READY)
	$(BIN)/boundgen generate --all -o derived
	BOUNDGEN=$(BIN)/boundgen r/boundgen/tools/modules

# Coverage of the intervals at known populations, in full; status 1 where a goal is missed.
coverage: $(READY)
	$(BIN)/python tests/benchmarks/coverage.py

# Coverage and bias of the companion methods at known populations, in full; status 1 where a goal is missed.
simulate: $(READY)
	@status=0; for study in tests/benchmarks/simulate_*.py; do $(BIN)/python $$study || status=1; done; exit $$status

# The design of Table 1 of Fu (2023), beside the numbers that he prints.
fu-table: $(READY)
	$(BIN)/python tests/benchmarks/fu_table.py

gallery: $(READY)
	$(BIN)/boundgen gallery -o docs/gallery.md

# A warning, such as a link that leads nowhere, is an error.
docs: $(READY)
	$(BIN)/pip install -q -e '.[docs]'
	rm -rf docs/api
	$(BIN)/sphinx-build -q -W --keep-going -b html -c docs . docs/_build/html

# What pip cannot install, for the tests: for the engine cdd, a compiler and the cdd library; and
# R (with igraph, which reads what is written for causaloptim) and Node.js, without which the tests skip what is in
# these languages.
system:
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  for package in gcc libc6-dev python3-dev libgmp-dev libcdd-dev; do \
	    dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; \
	  done; \
	  command -v Rscript >/dev/null || languages="r-base-core"; \
	  dpkg -s r-cran-igraph >/dev/null 2>&1 || languages="$$languages r-cran-igraph"; \
	  command -v node >/dev/null || languages="$$languages nodejs"; \
	  if [ -n "$$missing$$languages" ]; then \
	    apt-get update -q || true; export DEBIAN_FRONTEND=noninteractive; \
	    [ -z "$$missing" ] || apt-get install -q -y $$missing || true; \
	    [ -z "$$languages" ] || apt-get install -q -y --no-install-recommends $$languages || true; \
	  fi; \
	elif command -v brew >/dev/null; then \
	  brew list cddlib >/dev/null 2>&1 || brew install cddlib gmp || true; \
	fi

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "boundgen needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	@echo 'Once, about a minute: boundgen, numpy, matplotlib and what these need (400 MB) into $(VENV)'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
	{ apt-get update -q; DEBIAN_FRONTEND=noninteractive apt-get install -q -y python3-venv; }
	@$(PYTHON) -m venv $(VENV) || { echo 'No virtual environment could be made; on Debian: apt-get install python3-venv'; exit 1; }
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[pictures]'
	@touch $(INSTALLED)

$(READY): $(INSTALLED) | system
	$(BIN)/pip install -q --upgrade pip
	$(BIN)/pip install -q -e '.[test]'
	@if command -v brew >/dev/null; then export CFLAGS="-I$$(brew --prefix)/include" LDFLAGS="-L$$(brew --prefix)/lib"; fi; \
	$(BIN)/pip install -q 'pycddlib>=3.0.1' || echo "The engine cdd could not be built; the engine ppl works without it."
	@touch $(READY)

clean:
	rm -rf $(VENV) build dist docs/_build docs/api *.egg-info
