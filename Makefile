# What one does with this repository. Every target first installs what is missing: see scripts/bootstrap.py.

PYTHON ?= $(if $(filter Windows_NT,$(OS)),python,python3)
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)

.DEFAULT_GOAL := help
.PHONY: help demo test verify check format docs bench build clean pins ready

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: ready ## create a service, boot it, walk it over HTTP, and end it
	@$(BIN)/python -m scripts.demo

test: check ## everything: the checks, all tests, and then `make verify`
	$(BIN)/pytest -n auto --dist loadgroup
	@$(if $(filter Windows_NT,$(OS)),echo "newapi verify is for Linux and macOS",$(MAKE) verify)

# In CI nothing counts that an earlier run has found out.
verify: ARGS ?= --coverage pairs --tier full
verify: export PATH := $(PATH):$(CURDIR)/.tools/servers/bin
verify: ready ## services with every pair of answers, made and put to the proof; or what ARGS says
	$(BIN)/newapi verify $(if $(CI),--no-cache) $(ARGS)

check: ready ## what takes seconds: lint, format, types, imports, workflows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/basedpyright

format: ready ## put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: ready ## bring what pages say of the program and the template up to date
	@$(BIN)/python -m scripts.docs

bench: export PATH := $(PATH):$(CURDIR)/.tools/servers/bin
bench: ready ## measure creating, the whole space, verifying, and the service beside one on FastAPI
	$(BIN)/python benchmarks/create.py
	$(BIN)/python benchmarks/space.py
	$(BIN)/python benchmarks/verify.py
	$(BIN)/python benchmarks/service/run.py

build: ready ## make the sdist and the wheel in dist/
	rm -rf dist
	$(BIN)/uv build --build-constraints requirements/dev.txt

clean: ## remove all that was made here
	rm -rf .venv .tools .cache .pytest_cache .ruff_cache .import_linter_cache build demo dist

# Takes the newest versions of all tools; Dependabot does the same, one by one.
pins: ready
	@$(BIN)/python scripts/pins.py

ready:
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or newer is needed; name one: make PYTHON=python3.11 ...")'
	@$(PYTHON) scripts/bootstrap.py
