# What one does with this repository. Every target first installs what is missing: see scripts/bootstrap.py.

PYTHON ?= $(if $(filter Windows_NT,$(OS)),python,python3)
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)

.DEFAULT_GOAL := help
.PHONY: help demo test check format docs bench build pins clean ready

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: ready ## create a service, boot it, walk it over HTTP, and end it
	@$(BIN)/python -m scripts.demo

test: check ## everything: the checks, all tests, and generated services that boot
	$(BIN)/pytest -n auto --dist loadgroup

check: ready ## what takes seconds: lint, format, types, imports, workflows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/basedpyright

format: ready ## put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: ready ## bring what pages say of the program and the template up to date
	@$(BIN)/python -m scripts.docs

bench: ready ## measure creating a service, beside plain Copier
	$(BIN)/python benchmarks/create.py

build: ready ## make the sdist and the wheel in dist/
	rm -rf dist
	$(BIN)/uv build --build-constraints requirements/dev.txt

pins: ready ## take the newest versions of the tools into requirements/
	@$(BIN)/python scripts/pins.py

clean: ## remove all that was made here
	rm -rf .venv .tools .cache .pytest_cache .ruff_cache .import_linter_cache build demo dist

ready:
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or newer is needed; name one: make PYTHON=python3.11 ...")'
	@$(PYTHON) scripts/bootstrap.py
