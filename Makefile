# Sets up .venv and runs what is asked for in it. PYTHON=... names the Python 3.11 to set it up with.

VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
PYTEST_ARGS ?=

.PHONY: help demo test check lint types layers venv build clean

help:
	@echo "make demo    train, deploy and roll back models of handwritten digits in PostgreSQL"
	@echo "make test    run all tests"
	@echo "make check   run the linters, the type checker and all tests"
	@echo "make venv    set up $(VENV), which all of these do by themselves"
	@echo "make build   build the wheel and the source distribution"
	@echo "make clean   remove what was built, and $(VENV)"

demo: $(READY)
	@$(BIN)/turnout demo

test: $(READY)
	$(BIN)/pytest $(PYTEST_ARGS)

check: lint types layers test

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

venv: $(READY)

# The interpreter is looked for in the recipe: a target that needs none must not complain about it.
$(READY): pyproject.toml constraints.txt setup.py $(wildcard src/turnout/*/*.c)
	@set -e; python="$(PYTHON)"; [ -n "$$python" ] || python="$$(sh tools/find-python)"; \
	echo "setting up $(VENV) with $$python, which takes a minute"; \
	"$$python" -m venv $(VENV)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pip install -qq --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev]'
	@touch $@

build: $(READY)
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .benchmarks
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
