# Two commands: `make demo` opens the dashboard, `make test` is the whole gate. Nothing is needed but Python 3.11+ and make.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt hatch_build.py $(wildcard dashboard/components/viewer/frontend/*.*) $(wildcard dashboard/components/viewer/frontend/src/*)

.PHONY: demo test install-dev chromium postgresql lint types laws pytest picture samples clean

# Opens the dashboard with the sample cases in its worklist.
demo: $(VENV)/.demo
	$(BIN)/attending serve --host $(HOST) --port $(PORT)

# Lint, types, laws and all tests, with what they need.
test: install-dev chromium postgresql lint types laws pytest

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/.dev: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@ $(VENV)/.demo

install-dev: $(VENV)/.dev

# Debian's Chromium, where we may install it; the browser tests say loudly what is missing where we may not.
chromium:
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	fi

# Debian's PostgreSQL likewise, its programs alone: the tests start servers of their own, and no cluster is made or started.
postgresql: NO_CLUSTER := /etc/postgresql-common/createcluster.d/attending.conf
postgresql:
	@if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		mkdir -p "$$(dirname $(NO_CLUSTER))" && echo "create_main_cluster = false" > $(NO_CLUSTER); \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null; \
		rm -f $(NO_CLUSTER); \
	fi

lint: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install-dev
	$(BIN)/mypy

laws: install-dev
	$(BIN)/lint-imports

pytest: install-dev
	$(BIN)/pytest -n 2 -m "not browser"
	$(BIN)/pytest -n 1 -m browser

# The README's picture of the Review page, taken by the browser test.
picture: install-dev chromium
	ATTENDING_UPDATE_PICTURE=1 $(BIN)/pytest tests/browser/test_pages.py

# The synthetic cases, anew from their seed.
samples: install-dev
	$(BIN)/python -m sample_data

clean:
	rm -rf $(VENV) dist build dashboard/components/viewer/static dashboard/components/viewer/frontend/node_modules
