# Tenor. `make up` starts the desk, `make test` proves it; everything else is a step of those.
SHELL := /bin/bash
.SHELLFLAGS := -ec
.DEFAULT_GOAL := up
PY := .venv/bin/python
UV := $(shell command -v uv 2>/dev/null || echo .venv-uv/bin/uv)
BASE_PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
  if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
  then command -v $$p; break; fi; done)
NATIVE := $(wildcard desk/native/*)
WEB_SOURCES := $(shell find webapp -type f -not -path '*/node_modules/*' -not -path '*/.next/*' -not -path '*/out/*' -not -name '*.tsbuildinfo' -not -name next-env.d.ts 2>/dev/null)
export NEXT_TELEMETRY_DISABLED := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
unexport PYTHONDONTWRITEBYTECODE # a start that compiles every module again takes twice as long

.PHONY: up setup local-llm web check fmt test test-faults train-fraud train-lstm train-rl train-rl-peers bench client requirements clean

up: export MAKE_UP_BEGAN := $(shell date +%s)
up: .venv/.core webapp/out/.built ## start the desk and print its address
	@export MAKE_UP_INSTALLED_MB=$$(du -sm .venv | cut -f1); exec .venv/bin/tenor up $(if $(PORT),--port $(PORT)) $(UP)

setup: .venv/.dev webapp/out/.built ## everything that tests and development need

.venv-uv/bin/uv:
	@test -n "$(BASE_PYTHON)" || { echo "Tenor needs Python 3.11 to 3.13 on PATH; install one and run make again." >&2; exit 1; }
	$(BASE_PYTHON) -m venv .venv-uv
	.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/bin/python: $(if $(filter .venv-uv/bin/uv,$(UV)),.venv-uv/bin/uv)
	@test -n "$(BASE_PYTHON)" || { echo "Tenor needs Python 3.11 to 3.13 on PATH; install one and run make again." >&2; exit 1; }
	@test -x $@ || $(UV) venv --quiet --python "$(BASE_PYTHON)" .venv
	@touch $@

# The development environment holds the product's too: once there, `make up` leaves it alone.
.venv/.core: requirements/core.txt pyproject.toml $(NATIVE) | .venv/bin/python
	@if [ -e .venv/.dev ]; then $(MAKE) --no-print-directory .venv/.dev; else \
	  $(UV) pip sync --quiet --python $(PY) --require-hashes requirements/core.txt && \
	  $(UV) pip install --quiet --python $(PY) --no-deps -e . ; fi
	@touch $@

.venv/.dev: requirements/dev.txt pyproject.toml $(NATIVE) | .venv/bin/python
	$(UV) pip sync --quiet --python $(PY) --require-hashes requirements/dev.txt
	$(UV) pip install --quiet --python $(PY) --no-deps -e .
	@touch .venv/.core $@

# Node from PATH when it is 20.9 or newer, else the Node wheel in an environment of its own.
webapp/out/.built: $(WEB_SOURCES) requirements/web.txt
	@UV="$(UV)" BASE_PYTHON="$(BASE_PYTHON)" infra/build_web.sh
	@touch $@

local-llm: .venv/.core ## what a model on this machine needs (docs/models.md)
	@[ -e .venv/.dev ] || $(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/local-llm.txt

web: webapp/out/.built ## build the web app

check: .venv/.dev webapp/out/.built ## format, lint, types, layers, prompts, stale vectors, budgets, dead code, web checks, stale client
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	.venv/bin/mypy --no-error-summary .
	.venv/bin/lint-imports --no-cache > /tmp/tenor-lint-imports.$$$$ || { cat /tmp/tenor-lint-imports.$$$$; exit 1; }
	$(PY) -m prompts.library > /dev/null
	$(PY) -m graphs.training --check > /dev/null
	$(PY) -m rag.knowledge.build --check > /dev/null
	$(PY) infra/checks/budgets.py
	$(PY) infra/checks/dead_code.py
	$(PY) infra/checks/lockfiles.py
	$(PY) infra/checks/openapi.py --check
	infra/web.sh run lint
	infra/web.sh run types
	infra/web.sh run test

fmt: .venv/.dev ## format everything
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	infra/web.sh run format

client: .venv/.dev ## write webapp/openapi.json and the client made from it
	$(PY) infra/checks/openapi.py
	infra/web.sh run client

test: setup ## set up what is missing, check, and run every test
	$(PY) infra/checks/browser.py
	$(PY) -m tests.neo4j.server
	$(MAKE) --no-print-directory check
	.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

test-faults: setup ## the fault suites in full: kill -9, full and read-only disks, hanging desks, fuzzed orders
	TENOR_FAULTS=full .venv/bin/pytest tests/faults

train-fraud: $(if $(filter .venv-uv/bin/uv,$(UV)),.venv-uv/bin/uv) ## learn the accounts' fraud score again, in an environment of its own with torch (5 GB)
	@test -x .venv-train/bin/python || $(UV) venv --quiet --python "$(BASE_PYTHON)" .venv-train
	$(UV) pip sync --quiet --python .venv-train/bin/python --require-hashes requirements/train-fraud.txt
	.venv-train/bin/python -m evals.fraud.learning

train-lstm: $(if $(filter .venv-uv/bin/uv,$(UV)),.venv-uv/bin/uv) ## learn the recurrent network's weights again, in the same environment; goes on where it was stopped
	@test -x .venv-train/bin/python || $(UV) venv --quiet --python "$(BASE_PYTHON)" .venv-train
	$(UV) pip sync --quiet --python .venv-train/bin/python --require-hashes requirements/train-fraud.txt
	.venv-train/bin/python -m evals.research.recurrent

train-rl: .venv/.core ## learn the policies again and judge them, in minutes and without another package; goes on where it was stopped
	OPENBLAS_NUM_THREADS=1 $(PY) -m evals.research.policies
	OPENBLAS_NUM_THREADS=1 $(PY) -m evals.research.executions

train-rl-peers: $(if $(filter .venv-uv/bin/uv,$(UV)),.venv-uv/bin/uv) ## the same tasks by stable-baselines3 and FinRL, in an environment of its own with torch (5 GB)
	@test -x .venv-train/bin/python || $(UV) venv --quiet --python "$(BASE_PYTHON)" .venv-train
	$(UV) pip sync --quiet --python .venv-train/bin/python --require-hashes requirements/train-rl.txt
	.venv-train/bin/python -m evals.research.reference

bench: setup ## every benchmark, with its ratios
	.venv/bin/tenor bench run all --json

requirements: ## resolve the lock files again
	$(UV) pip compile -q pyproject.toml --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -o requirements/core.txt
	$(UV) pip compile -q pyproject.toml --group dev --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -o requirements/dev.txt
	$(UV) pip compile -q --group local-llm --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -o requirements/local-llm.txt
	$(UV) pip compile -q --group train-fraud --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -o requirements/train-fraud.txt
	$(UV) pip compile -q --group train-rl --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -o requirements/train-rl.txt
	$(UV) pip compile -q --group web --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -o requirements/web.txt

clean: ## remove what was built here (never the data folder)
	rm -rf .venv .venv-uv .venv-web .venv-train webapp/node_modules webapp/.next webapp/out build *.egg-info
