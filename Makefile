# Two commands: `make demo` opens the dashboard, `make test` is the whole gate. Nothing is needed but Python 3.11+ and make.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt hatch_build.py $(wildcard dashboard/components/viewer/frontend/*.*) $(wildcard dashboard/components/viewer/frontend/src/*)

.PHONY: demo test fuzz install-dev chromium postgresql lint types laws pytest picture samples words sbom audit clean

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

# A browser test that fails is run once more, and the summary names it: Chromium shares its cores with server and models.
pytest: install-dev
	$(BIN)/pytest -n 2 -m "not browser"
	$(BIN)/pytest -n 1 -m browser --reruns 1

# Feeds every reader inputs grown under coverage, SECONDS each; what it finds is kept in tests/engine/io/found.
fuzz: SECONDS := 60
fuzz: install-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[fuzz]"
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# The README's picture of the Review page, taken by the browser test.
picture: install-dev chromium
	ATTENDING_UPDATE_PICTURE=1 $(BIN)/pytest tests/browser/test_pages.py

# The synthetic cases, anew from their seed.
samples: install-dev
	$(BIN)/python -m sample_data

# What is said, gathered from the sources into the catalogues, which are then compiled; translate what is left empty, and run it again.
words: LOCALES := engine/locales
words: install-dev
	@mkdir -p build
	@for domain in engine dashboard; do \
		PYTHONPATH=. $(BIN)/pybabel -q extract -F $(LOCALES)/$$domain.cfg --no-default-keywords -k tr -k trn:1,2 -k mark -k recorded -k _V:2 \
			--add-location=file --sort-by-file --width=120 --project=Attending -o build/$$domain.pot . && \
		$(BIN)/pybabel -q update -D $$domain -l zh_CN -i build/$$domain.pot -d $(LOCALES) --no-fuzzy-matching --ignore-obsolete \
			--ignore-pot-creation-date --width=120 || exit 1; \
	done
	@$(BIN)/python compile_words.py

# The software bill of materials (CycloneDX): Python packages and those in the viewer's bundle.
sbom: install-dev
	$(BIN)/python sbom.py dist/sbom.json

# Known weaknesses of the pinned packages, where a network allows to ask for them; not part of `make test`.
audit: install-dev
	@mkdir -p dist && rm -f dist/audit.json; \
	$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip --progress-spinner off \
		--format json --output dist/audit.json 2>$(VENV)/audit.log; status=$$?; \
	if [ -f dist/audit.json ]; then tail -n 1 $(VENV)/audit.log; exit $$status; fi; \
	echo "The list of known weaknesses cannot be reached from here: nothing was checked. Try again where a network allows." >&2; exit 2

clean:
	rm -rf $(VENV) dist build dashboard/components/viewer/static dashboard/components/viewer/frontend/node_modules
