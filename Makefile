# What people type. `make help` lists it.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
UV = 0.13.9

# Names that scripts may rely on; an exported variable of the same name wins.
PORT ?= 8000
SERVER ?= runserver
export PORT SERVER

# Where a package index stands behind a proxy, only the system knows whom to trust.
UV_SYSTEM_CERTS ?= true
export UV_SYSTEM_CERTS

.DEFAULT_GOAL := help
.PHONY: help setup run test proof check bench demo rehearsal docker \
	lint format types layers migrations templates deploy-check requirements

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.dev-installed node_modules/.installed  ## Install everything a developer needs

run: $(VENV)/.installed node_modules/.installed  ## Start Relay (PORT=8000, SERVER=gunicorn)
	@$(BIN)/python -m crm.run

test: setup  ## Run every test, those in the browser too
	@$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest $(if $(ARGS),-n auto $(ARGS),-n auto --dist worksteal -m "not script")

proof: setup  ## Races and hostile input in full size, every guard taken out once (hours)
	RELAY_PROOF_EXAMPLES=12 RELAY_PROOF_WORLDS=400 RELAY_PROOF_ROUNDS=4 $(BIN)/python -m pytest \
		-q -p no:randomly -n auto tests/access/test_schema.py \
		tests/access/test_stored_scripts_browser.py tests/people/test_reach_around_records.py
	RELAY_PROOF_LEADS=1000 $(BIN)/python -m pytest -q -p no:randomly --durations=5 \
		tests/conversion/test_races.py tests/conversion/test_atomicity.py tests/test_scripts.py
	$(BIN)/python scripts/mutants.py

check: lint types layers templates deploy-check test  ## All that CI checks

demo: $(VENV)/.installed  ## Make the demo company anew, in the embedded database
	rm -rf "$${RELAY_DATA_DIR:-.data}/database"
	$(BIN)/python manage.py migrate --verbosity 0
	RELAY_DEMO=true $(BIN)/python manage.py seed_demo

bench: $(VENV)/.dev-installed node_modules/.installed  ## Measure speed, beside the limit (ARGS=)
	@$(BIN)/python -m scripts.bench $(ARGS)

rehearsal: $(VENV)/.dev-installed  ## Rehearse the whole job on 10,000 leads (ARGS=)
	@$(BIN)/python -m scripts.rehearsal $(ARGS)

docker:  ## Start everything in containers
	docker compose up --build

lint: $(VENV)/.dev-installed  ## Look for mistakes and untidiness
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/.dev-installed  ## Tidy up code and templates
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	git ls-files -z -- 'templates/*.html' | xargs -0r $(BIN)/djade

types: $(VENV)/.dev-installed  ## Check types
	$(BIN)/mypy

layers: $(VENV)/.dev-installed  ## Check that dependencies point one way
	$(BIN)/lint-imports --no-cache

migrations: $(VENV)/.dev-installed  ## Check that migrations are complete and safe
	$(BIN)/python -m pytest -q tests/test_migrations.py

templates: $(VENV)/.dev-installed  ## Check templates
	git ls-files -z -- 'templates/*.html' | xargs -0r $(BIN)/djade --check

deploy-check: setup  ## Check the settings of production
	RELAY_DEBUG=false RELAY_HTTPS=true RELAY_SECRET_KEY=$$($(BIN)/python -c \
		'import secrets; print(secrets.token_urlsafe(50))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

requirements: $(BIN)/uv  ## Pin the newest versions that fit the .in files
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--custom-compile-command "make requirements" -o requirements.txt requirements.in
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--custom-compile-command "make requirements" -o requirements-dev.txt requirements-dev.in

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Relay needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)

# uv is faster; pip knows every way in which a package index can be configured.
define install
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r $< \
		|| $(BIN)/python -m pip install --quiet -r $<
	@touch $@
endef

$(VENV)/.installed: requirements.txt | $(BIN)/uv
	$(install)

$(VENV)/.dev-installed: requirements-dev.txt | $(BIN)/uv
	$(install)

node_modules/.installed: package-lock.json scripts/install_frontend.py | $(BIN)/python
	$(BIN)/python scripts/install_frontend.py
	@touch $@
