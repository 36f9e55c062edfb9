# Every target makes or updates .venv by itself, from Python >= 3.11 and make alone.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --quiet
# How many minutes `make soak` takes, and its seed; without one it draws and prints its own.
SOAK ?= 10
SEED ?=
# How many minutes `make mutation` takes for each room.
MINUTES ?= 10
# How many checks `make endurance` makes in one process.
CHECKS ?= 100000
# What `make test-oldest` and `make test-newest` try: core, torch or jax.
EXTRA ?= core
# The tag that `make dist` builds for; it must be v and the version.
TAG ?=
# Each worker by itself keeps to one core, and to neighbouring tests, which share what is made once for a module.
PARALLEL := -n auto --maxprocesses 4 --dist worksteal
# A file of tests that passed: they are left out. With it, those of the rooms run under coverage, which is held to a floor
# (pyproject.toml); the others would take twice as long, and most of that inside of the frameworks.
PASSED ?=
NEW = $(if $(PASSED),--passed=$(PASSED))
COVERED = $(if $(PASSED),--cov $(1))
PLAIN := --ignore=tests/frameworks --ignore=tests/browser
export OPENBLAS_NUM_THREADS ?= 1
# Where Python may keep no bytecode, each of some hundred processes that the tests start compiles all of gradcheck again, and each
# worker every file of tests.
unexport PYTHONDONTWRITEBYTECODE
CODE := $(wildcard gradcheck networks benchmarks docs/readme.py docs/gallery.py docs/screenshots.py docs/mathematics.py docs/tutorial.py docs/reference.py docs/catalogue.py docs/conf.py docs/manual.py _gradcheck_pytest.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test test-all test-pytest test-oldest test-newest test-types test-wheel soak endurance mutation records lint format bench opinfo ecosystem traps reports screenshots docs dist clean

help:
	@echo "make demo      train on handwritten digits, check every weight and bias, find a planted mistake"
	@echo "make test      the tests that need no framework"
	@echo "make test-all  all tests, with PyTorch and JAX, a browser, and the plugin with pytest 8.4 as well"
	@echo "make test-oldest   with the oldest versions that pyproject.toml allows; EXTRA=torch or EXTRA=jax: that one"
	@echo "make test-newest   with the newest ones, whatever is pinned; EXTRA as before"
	@echo "make test-types    what mypy and pyright see of the installed package"
	@echo "make test-wheel    the wheel in an empty environment: the demo, and the first example of README.md"
	@echo "make soak      random examples for $(SOAK) minutes; make soak SOAK=60 SEED=1 for an hour, from that seed"
	@echo "make endurance $(CHECKS) checks in one process: what grows? to reports/soak.md"
	@echo "make mutation  change the rooms that judge, one place at a time: do their tests fail? to reports/mutation.md"
	@echo "make records   what checks say and cost, written again beside the tests: look at the difference before a commit"
	@echo "make lint      ruff and mypy"
	@echo "make format    let ruff rewrite what it can"
	@echo "make bench     the speed, beside that of the peers, and how long one waits for a check"
	@echo "make opinfo    the operators of PyTorch, put to its own checker as well"
	@echo "make ecosystem layers, losses, solvers and derivatives of some twenty public packages, in an environment of its own"
	@echo "make traps     the hard cases of tests/traps, put to the peers as well"
	@echo "make reports   write the gallery in reports/ again"
	@echo "make screenshots   take the pictures of README.md again, with chromium"
	@echo "make docs      the manual, to build/manual/index.html: warnings are errors"
	@echo "make dist      the source and the wheel, to dist; TAG=v1.2.3: only if that is the version"
	@echo "make clean     remove .venv, the manual and the caches"

demo: $(VENV)/.core
	@$(RUN) -m gradcheck demo

test: $(VENV)/.test
	$(RUN) -m pytest $(PARALLEL) $(NEW) $(call COVERED,--cov-report= --cov-fail-under=0) $(PLAIN)

# First what is skipped where nothing else is installed.
test-all: $(VENV)/.test $(VENV)/.frameworks $(VENV)/.browser $(VENV)/.docs test-pytest
	$(RUN) -m pytest $(PARALLEL) $(NEW) $(call COVERED,--cov-append --cov-report=term:skip-covered) $(PLAIN)
	$(RUN) -m pytest $(PARALLEL) $(NEW) tests/frameworks tests/browser

# The oldest pytest that the plugin works with stands beside the newest, not in its place; so the path must be absolute.
test-pytest: $(VENV)/.test $(VENV)/.pytest-8.4
	PYTHONPATH=$(CURDIR)/$(VENV)/pytest-8.4 $(RUN) -m pytest -q $(PARALLEL) -c /dev/null --rootdir=. \
	  --import-mode=importlib -o pythonpath=$(CURDIR)/tests -W error tests/plugin

# Both ends of what pyproject.toml allows, each in an environment of its own. pytest 8 reads no [tool.pytest].
test-oldest test-newest: test-%: $(VENV)/.%-$(EXTRA)
	PYTHONPATH=$(CURDIR) $(VENV)/$*-$(EXTRA)/bin/python -m pytest -q $(PARALLEL) -c /dev/null --rootdir=. \
	  --import-mode=importlib -o pythonpath=$(CURDIR)/tests \
	  $(if $(filter core,$(EXTRA)),tests/measure tests/entries tests/judge tests/plugin,tests/frameworks/$(EXTRA))

# Not editable: a type checker sees what a user has.
test-types: $(VENV)/.types
	$(RUN) tests/consumer/check.py $(VENV)/types/bin/python

test-wheel: $(VENV)/.test
	$(RUN) tests/installed.py

# With the frameworks where they are installed.
soak: $(VENV)/.test
	$(RUN) tests/soak.py --minutes $(SOAK) $(if $(SEED),--seed $(SEED)) $(PARALLEL)

# Each of the rooms that judge, for so many minutes.
mutation: $(VENV)/.test
	$(RUN) tests/mutation.py --minutes $(MINUTES) --output reports/mutation.md

# What checks say and cost, for tests/*/record.json: where a change of them was decided.
records: $(VENV)/.test
	PYTHONPATH=$(CURDIR) $(RUN) tests/record.py

# 100,000 checks of every kind in one process, frameworks too where they are installed: an hour or two.
endurance: $(VENV)/.test
	PYTHONPATH=$(CURDIR) $(RUN) tests/endurance.py --checks $(CHECKS) --output reports/soak.md

lint: $(VENV)/.lint
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy $(CODE)

format: $(VENV)/.lint
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

bench: $(VENV)/.frameworks
	$(RUN) -m benchmarks speed --output reports/benchmarks.md
	$(RUN) -m benchmarks waiting --output reports/benchmarks.md
	$(RUN) -m benchmarks large --output reports/large.md
	$(RUN) -m benchmarks growth --output reports/growth.md

opinfo: $(VENV)/.frameworks
	$(RUN) -m benchmarks opinfo --output reports/opinfo.md

# In an environment of its own: what twenty packages ask of NumPy and PyTorch is not what the tests ask.
ecosystem: $(VENV)/.ecosystem
	PYTHONPATH=$(CURDIR) $(VENV)/ecosystem/bin/python -m benchmarks ecosystem --output reports/ecosystem.md

traps: $(VENV)/.frameworks
	$(RUN) -m benchmarks traps --output reports/traps.md

screenshots: $(VENV)/.browser
	$(RUN) docs/screenshots.py

docs: $(VENV)/.docs
	$(RUN) -m sphinx -q -W --keep-going -c docs . build/manual
	@echo "the manual: build/manual/index.html"

dist: $(VENV)/.release
	@test -z "$(TAG)" || test "$(TAG)" = "v$$($(RUN) -c 'import gradcheck; print(gradcheck.__version__)')" || { \
	  echo "the tag $(TAG) is not the version in gradcheck/__init__.py" >&2; exit 1; }
	rm -rf dist
	$(RUN) -m build --no-isolation
	$(RUN) -m twine check --strict dist/*

# What needs the peers is left as it was where they are not installed.
reports: $(VENV)/.core
	$(RUN) -m gradcheck demo --output reports
	@if $(RUN) -c 'import matplotlib' 2>/dev/null; then $(RUN) -m gradcheck explain --output reports; \
	  else echo "reports/explain.md stays as it is: it needs matplotlib"; fi
	@if test -e $(VENV)/.frameworks; then $(MAKE) traps; else echo "reports/traps.md stays as it is: make traps"; fi
	$(RUN) -m benchmarks faults --output reports/faults.md
	$(RUN) docs/gallery.py
	$(RUN) docs/readme.py
	$(RUN) docs/mathematics.py
	$(RUN) docs/readme.py $(wildcard docs/tutorial/*.md)
	@if $(RUN) -c 'import matplotlib' 2>/dev/null; then $(RUN) docs/tutorial.py; \
	  else echo "the pictures of docs/tutorial stay as they are: they need matplotlib"; fi
	$(RUN) docs/readme.py $(wildcard docs/howto/*.md)
	@if test -e $(VENV)/.frameworks; then \
	  $(RUN) docs/readme.py docs/frameworks.md && $(RUN) docs/reference.py && $(RUN) docs/catalogue.py; \
	  else echo "docs/frameworks.md, reference.md and causes.md stay as they are: they need the frameworks"; fi

clean:
	rm -rf build/manual dist $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache

# One stamp for each set of packages; a change of pyproject.toml outdates them all.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gradcheck needs Python 3.11 or newer; '$(PYTHON)' is not. Name another: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.core: $(VENV)/.python pyproject.toml
	@echo "installing gradcheck, editable, into $(VENV)"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.pytest-8.4: $(VENV)/.python pyproject.toml
	@echo "installing pytest 8.4 into $(VENV)/pytest-8.4"
	@$(PIP) install --upgrade --target $(VENV)/pytest-8.4 'pytest==8.4.*' pytest-xdist pytest-rerunfailures pytest-subtests
	@touch $@

# The packages that the tests need beside it are the newest that go with the oldest.
$(VENV)/.oldest-$(EXTRA) $(VENV)/.newest-$(EXTRA): $(VENV)/.%: $(VENV)/.python pyproject.toml
	@echo "installing $* into $(VENV)/$*"
	@$(PIP) install --upgrade uv
	@$(RUN) -m uv --quiet venv --clear --python $(RUN) $(VENV)/$*
	@$(RUN) -m uv --quiet pip install --python $(VENV)/$*/bin/python --editable '.$(if $(filter core,$(EXTRA)),,[$(EXTRA)])' \
	  $(if $(findstring oldest,$*),--resolution lowest-direct,--upgrade)
	@$(RUN) -m uv --quiet pip install --python $(VENV)/$*/bin/python pytest-xdist pytest-rerunfailures pytest-subtests
	@$(RUN) -m uv pip list --python $(VENV)/$*/bin/python
	@touch $@

$(VENV)/.types: $(VENV)/.core pyproject.toml $(shell find gradcheck networks -name '*.py')
	@echo "installing gradcheck and type checkers into $(VENV)/types"
	@$(PYTHON) -m venv --clear $(VENV)/types
	@$(VENV)/types/bin/python -m pip --disable-pip-version-check --quiet install . mypy 'pyright[nodejs]'
	@touch $@

$(VENV)/.ecosystem: $(VENV)/.python pyproject.toml
	@echo "installing the dependency group 'ecosystem' into $(VENV)/ecosystem: several gigabytes"
	@$(PYTHON) -m venv $(VENV)/ecosystem
	@$(VENV)/ecosystem/bin/python -m pip --disable-pip-version-check --quiet install --upgrade 'pip>=25.1'
	@$(VENV)/ecosystem/bin/python -m pip --disable-pip-version-check --quiet install --editable . --group ecosystem
	@touch $@

$(VENV)/.test $(VENV)/.lint $(VENV)/.frameworks $(VENV)/.browser $(VENV)/.docs $(VENV)/.release: $(VENV)/.%: $(VENV)/.core pyproject.toml
	@echo "installing the dependency group '$*' into $(VENV)"
	@$(PIP) install --group $*
	@touch $@
