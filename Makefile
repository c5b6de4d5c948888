# make demo: set up, run the seeded demo day, say where the result is.   make test: set up, run the tests.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench torture audit lock clean

demo: .venv/ready
	$(BIN)/orderdesk demo demo

test: .venv/ready
	$(BIN)/python -m pytest

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: .venv/ready
	$(BIN)/python -m tests.bench.run

torture: .venv/ready
	$(BIN)/python -m tests.torture

# known faults of the pinned packages, of both locks; needs the network. --strict: what could not be asked for fails it
audit:
	$(PYTHON) -m venv .audit
	.audit/bin/python -m pip install --disable-pip-version-check --quiet pip-audit
	.audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock -r requirements-windows.lock

# exactly the versions and hashes of requirements.lock, then the project itself from this folder
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	touch $@

# after a change of dependencies in pyproject.toml: one lock to develop with anywhere, one that a Windows desk runs on
lock: .venv/ready
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv pip compile --universal --generate-hashes --extra dev --no-annotate --no-header \
		--python-version 3.11 -o requirements.lock pyproject.toml
	$(BIN)/python -m uv pip compile --python-platform windows --generate-hashes --no-annotate --no-header \
		--python-version 3.11 --constraint requirements.lock -o requirements-windows.lock pyproject.toml

clean:
	rm -rf .venv .audit .windows demo bench build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
