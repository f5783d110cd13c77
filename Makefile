# make run    a simulated fleet with faults, the service and its page: nothing to configure
# make test   everything that can run here, three tests at a time; what cannot is one line that says why
# make check  format, lint, types, walls
# make bench  what a look and a fleet cost, ten minutes; make lock renews the pinned parts
# make bundle one file in dist/ that installs on a machine without internet
PYTHON ?= python3
PORT ?= 8080
WORKERS ?= 3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --build-deps-for editable

.PHONY: run test check bench lock bundle
.DELETE_ON_ERROR:

run: .venv/installed-to-run
	@PYTHON=$(PYTHON) .ci/preflight port $(PORT)
	@$(BIN)/camreach demo --port $(PORT)

# Most of a test is waiting, and whatever shares a server shares a file. The soak test takes its ten minutes
# beside the others.
test: .venv/installed-to-test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests tests/soak

check: .venv/installed-to-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/architecture

bench: .venv/installed-to-test
	@set -e; for each in picture_cost probe_cost fleet; do \
		echo "== benchmarks.$$each"; $(BIN)/python -m "benchmarks.$$each"; echo; \
	done

lock: .venv/installed-to-test
	$(PIP) install pip-tools
	$(COMPILE) --extra postgresql --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra dev --extra postgresql --constraint requirements.lock --output-file tests/requirements.lock pyproject.toml

bundle: .venv/installed-to-run
	@.ci/bundle $(BIN)/python dist

# A second start finds these newer than what they were made from, and does not run pip at all.
.venv/installed-to-run: requirements.lock pyproject.toml | .venv/bin/python
	@echo "camreach: installing what is needed to run (once, a minute or two)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.venv/installed-to-test: tests/requirements.lock .venv/installed-to-run
	@echo "camreach: installing what is needed to test"
	@$(PIP) install --require-hashes -r tests/requirements.lock
	@touch $@

.venv/bin/python:
	@PYTHON=$(PYTHON) .ci/preflight install
	@$(PYTHON) -m venv .venv
