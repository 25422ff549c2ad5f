# Needs GNU make and Python 3.11, 3.12 or 3.13 with venv and pip. Everything else goes into .venv.

.DEFAULT_GOAL := help
.SUFFIXES:

# Which Python makes .venv; empty: the first that fits of python3, python3.13, python3.12, python3.11.
PYTHON ?=
# Handed on to the program behind the target: make report ARGS="--help"
ARGS ?=

# Nothing of an environment that happens to be active may reach into .venv.
unexport PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONWARNINGS VIRTUAL_ENV
unexport PIP_PREFIX PIP_REQUIREMENT PIP_TARGET
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The pins hold for the packages and for what builds this one (the second name is newer pip's).
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
# The kernel of .venv goes before one of the same name in the home folder.
export JUPYTER_PREFER_ENV_PATH := 1

BIN := .venv/bin
# Written last, and only when the set-up succeeded. Holds the folder: a moved .venv does not work.
READY := .venv/.ready

# JupyterLab opens without asking about news and without looking for a newer version of itself.
LAB_SETTINGS := share/jupyter/lab/settings
QUIET_LAB := {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}

SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
VERSION := import sys; print("%d.%d" % sys.version_info[:2])

# Says "rebuild" unless .venv is complete, works, lies where it was made, and has the Python asked for.
STALE := $(shell \
	if test "$$(cat $(READY) 2>&1)" = "$$(pwd -P)" && found=$$($(BIN)/python -I -c '$(VERSION)' 2>&1) \
	&& { test -z "$(PYTHON)" || test "$$("$(PYTHON)" -I -c '$(VERSION)' 2>&1)" = "$$found"; }; \
	then :; else echo rebuild; fi)

.PHONY: help report lab check test reference bench setup clean

help: ## Show this list (the default)
	@echo 'How strong is the evidence? Usage: make TARGET [ARGS="..."] [PYTHON=python3.12]'
	@echo
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

report: $(READY) ## Write the report into reports/, running what changed (ARGS="--force": all)
	@$(BIN)/evidence run $(ARGS)

lab: $(READY) ## Open the notebooks in JupyterLab
	@venv="$$PWD/.venv" && cd notebooks && PATH="$$venv/bin:$$PATH" "$$venv/bin/python" -m jupyterlab $(ARGS)

check: $(READY) ## Check the data folders and list every problem found
	@$(BIN)/evidence check $(ARGS)

test: $(READY) ## Check style, types and architecture, then run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -n logical --maxprocesses 8 --dist loadgroup $(ARGS)

reference: $(READY) ## Run R again and show where it differs from the kept results
	$(BIN)/python tests/reference/compare.py $(ARGS)

bench: $(READY) ## Time the engine beside R and other Python packages
	$(BIN)/python -m tests.benchmarks.run $(ARGS)

setup: $(READY) ## Install what is needed into .venv (the others do it by themselves)
	@echo "Everything is set up in .venv."

clean: ## Remove .venv and caches; reports/ stays
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name .git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +

rebuild: # no file has this name, so what depends on it is made anew

$(READY): pyproject.toml constraints.txt $(STALE)
	@if test -n "$(PYTHON)"; then set -- "$(PYTHON)"; else set -- python3 python3.13 python3.12 python3.11; fi; \
	first=$$1; python=; \
	for name; do \
	    if "$$name" -c '$(SUPPORTED)' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if test -z "$$python"; then \
	    found=`"$$first" -c '$(VERSION)' 2>/dev/null` && is="is Python $$found" || is="does not run"; \
	    printf '%s\n' \
	        "Python 3.11, 3.12 or 3.13 is needed, and \"$$first\" $$is. To install one:" \
	        "" \
	        "  Debian, Ubuntu:   sudo apt install python3 python3-venv" \
	        "  Fedora:           sudo dnf install python3.13" \
	        "  macOS, Homebrew:  brew install python@3.13" \
	        "" \
	        "Then run make again, or name the Python to use: make PYTHON=python3.13 report" \
	        "With conda, none of this is needed: conda env create -f environment.yml" >&2; \
	    exit 1; \
	fi; \
	version=`"$$python" -c '$(VERSION)'`; \
	no_venv() { \
	    printf '%s\n' \
	        "\"$$python\" (Python $$version) cannot make a virtual environment: its venv module is missing" \
	        "or incomplete. To install it:" \
	        "" \
	        "  Debian, Ubuntu:   sudo apt install python3-venv   (or python$$version-venv)" \
	        "  Fedora:           sudo dnf install python3 python3-pip" \
	        "  macOS, Homebrew:  brew install python@3.13" \
	        "" \
	        "Then run make again, or name another Python: make PYTHON=python3.13 report" >&2; \
	    exit 1; \
	}; \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || no_venv; \
	rm -f $(READY); \
	if test -n "$(STALE)"; then \
	    echo "Setting up .venv with Python $$version (once, about a minute) ..."; \
	    "$$python" -m venv --clear .venv || no_venv; \
	else \
	    echo "Bringing .venv up to date ..."; \
	fi; \
	if ! $(BIN)/python -m pip install --quiet -e '.[test]' >.venv/setup.log 2>&1; then \
	    tail -n 30 .venv/setup.log >&2; \
	    echo "The set-up did not succeed; the reason is above. Run make again to try once more." >&2; \
	    exit 1; \
	fi; \
	mkdir -p .venv/$(LAB_SETTINGS) && echo '$(QUIET_LAB)' >.venv/$(LAB_SETTINGS)/overrides.json; \
	pwd -P >$(READY)
