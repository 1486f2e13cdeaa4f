# Two commands carry the project: `make report` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PYTHONNOUSERSITE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help report test simulate bench check faults scaleout audit format methods dictionary docs words screenshots ui run \
  lock clean

help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Both files decide what is installed; the stamp makes the second call immediate.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 14) else "Python 3.11 to 3.14 is needed, this is %d.%d. Name another one: make PYTHON=python3.12 report" % v)'
	@echo "Installing the locked packages into $(VENV) (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary=:all: --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

report: $(STAMP) ## figures in, report out: build/report/index.html and index.de.html
	@$(BIN)/mo run

test: $(STAMP) ## the whole test suite
	@$(BIN)/python -m pytest

simulate: $(STAMP) ## the simulations that the test suite leaves out: how often each leading test errs
	@$(BIN)/python -m pytest -m slow

bench: $(STAMP) ## measure against what people would use instead, and write docs/benchmarks.md (half an hour, asks the network)
	@$(BIN)/python -m benchmarks

check: $(STAMP) ## lint, format, types, and broken files for the readers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyrefly check
	@$(BIN)/python -m tests.fuzz.readers --seconds 3

faults: $(STAMP) ## runs that are killed, stopped, and short of disk: what the next run makes of them (minutes)
	@$(BIN)/python -m tests.faults

# Past one machine: an environment of its own, so that a laptop never pays for it.
SCALEOUT := .venv-scaleout
$(SCALEOUT)/.installed: deploy/requirements.lock pyproject.toml
	@echo "Installing the locked packages of the workers into $(SCALEOUT) (once, about a minute)"
	@test -x $(SCALEOUT)/bin/python || $(PYTHON) -m venv $(SCALEOUT)
	@$(SCALEOUT)/bin/python -m pip install --quiet --require-hashes --only-binary=:all: --no-deps -r deploy/requirements.lock
	@$(SCALEOUT)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

scaleout: $(SCALEOUT)/.installed ## PostgreSQL, Redis and two workers of its own: the same tables, also after kills (minutes)
	@$(SCALEOUT)/bin/python -m tests.scaleout

# Not locked and not beside what is audited: its own dependencies must not hide or change a version here.
audit: $(STAMP) ## known weaknesses of the locked packages (asks the network)
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install --quiet pip-audit; }
	@$(VENV)/audit/bin/pip-audit --require-hashes --disable-pip -r requirements.lock

format: $(STAMP) ## rewrite the code in the house format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

methods: $(STAMP) ## write docs/methods.md from the declared comparisons
	@$(BIN)/python -m pipeline.analysis.methods

dictionary: $(STAMP) ## write docs/dictionary.md from the contracts
	@$(BIN)/python -m pipeline.site.dictionary

docs: $(STAMP) ## the docs site, links checked: build/site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo build/site/index.html

words: $(STAMP) ## what the catalogues of the other language lack
	@$(BIN)/python -m pipeline.language.messages

screenshots: $(STAMP) ## take the pictures of docs/images anew, with the Chromium of the machine (minutes)
	@$(BIN)/python -m tests.ui.screenshots

ui: $(STAMP) ## the Dagster UI on 127.0.0.1
	@$(BIN)/mo ui

# The lock holds versions and hashes for every supported Python on Linux and macOS, and no address of an index.
lock: $(STAMP) ## renew requirements.lock and deploy/requirements.lock from pyproject.toml
	@printf 'duckdb==1.5.5\n' > $(VENV)/constraints.txt
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --extra ui --extra docs --extra dev --upgrade \
	  --constraints $(VENV)/constraints.txt --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --only-binary :all: \
	  --quiet --output-file requirements.lock
# What the workers' lock shares with the first has its versions; hatchling is what builds the package itself.
	@printf 'hatchling\n' > $(VENV)/build.txt
	@$(BIN)/uv pip compile pyproject.toml $(VENV)/build.txt --universal --python-version 3.11 --extra ui --extra scaleout \
	  --upgrade --constraints requirements.lock --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --no-header \
	  --only-binary :all: --quiet --output-file deploy/requirements.lock

clean: ## remove everything generated, keep the environment
	@rm -rf build .dagster
