# Two commands: `make run` and `make test`. All of the set-up is in setup/prepare.py, which needs nothing but Python.
# Python 3.11 to 3.13: python3 if it is one of them, else the first that is found. `make PYTHON=... run` chooses another.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$p && break; done)
PREPARE = $(if $(PYTHON),$(PYTHON) setup/prepare.py,@echo "Explorer needs Python 3.11, 3.12 or 3.13: apt-get install python3" >&2; exit 3;)

.PHONY: run test bench soak check clean
.DEFAULT_GOAL := run

run: ## set up what is missing, then open the window (without a display: the tour)
	$(PREPARE) run

test: ## the same set-up with the test tools, then lint, types and the whole suite
	$(PREPARE) test

bench: ## measure; one JSON object a line
	$(PREPARE) bench

soak: ## the long runs
	$(PREPARE) soak

check: ## lint and types only
	$(PREPARE) check

clean: ## remove the virtual environment and everything that was made
	rm -rf .venv build dist tour bench.jsonl .mypy_cache .ruff_cache .pytest_cache .hypothesis assets/i18n/*/LC_MESSAGES
