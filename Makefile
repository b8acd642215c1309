# Everything that one does with Peil day by day. Needs make (3.81 or newer) and a python3 (3.8 or newer);
# `make setup` finds or fetches the Pythons that Peil itself runs on.

PYTHON ?= python3
UV ?= uv
# Words for pytest or the bench, such as ARGS="-k radar -x".
ARGS ?=

APP = .venv/bin
RASA = RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=2 .venv-rasa/bin/python -m rasa
LOCK = $(UV) pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-annotate

.PHONY: help setup run test lint check bench desk-bench widget-report nlu lock clean

help: ## Say what there is (this list).
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## Make both environments from the lock files; nothing to do takes a moment.
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || { \
	  echo "Setup needs a Python 3.8 or newer that starts; '$(PYTHON)' is none: install one, or run 'make $(MAKECMDGOALS) PYTHON=/path/to/python3'." >&2; exit 1; }
	@$(PYTHON) deploy/setup.py

run: setup ## Start Peil here and print the address to open; Ctrl-C stops it.
	@$(APP)/peil run

# A Telegram that we did not write, for the tests that want one (locks/emulator.txt says more). Without it they
# are skipped, but never in CI.
.emulator/lock.txt: locks/emulator.txt | setup
	@rm -rf .emulator
	@$(APP)/python -m pip install --quiet --disable-pip-version-check --no-input --target .emulator --no-deps \
	  --require-hashes --ignore-requires-python --no-build-isolation -r locks/emulator.txt \
	  && cp locks/emulator.txt $@ || echo "The emulator of Telegram could not be installed; its tests are left out."

# React, for the test of our recipe for it (locks/react.txt says more), in the same way.
.react/lock.txt: locks/react.txt | setup
	@rm -rf .react
	@$(APP)/python -m pip install --quiet --disable-pip-version-check --no-input --target .react --no-deps \
	  --require-hashes -r locks/react.txt \
	  && cp locks/react.txt $@ || echo "React could not be installed; its test is left out."

test: setup .emulator/lock.txt .react/lock.txt ## Run all tests, on a dialogue model trained if need be (ARGS="-k radar" for some).
	@$(APP)/python -m bot.dialogue_model
	$(APP)/python -m pytest $(ARGS)

# Rasa prints a page of other packages' deprecations: shown only if something is wrong.
lint: setup ## What looks at files only: format, lint, types, definitions, texts, Rasa's data.
	$(APP)/ruff check .
	$(APP)/ruff format --check .
	$(APP)/mypy
	$(APP)/peil definitions check
	$(APP)/peil definitions pages --check
	$(APP)/peil texts check
	@echo rasa data validate --fail-on-warnings
	@said=$$($(RASA) data validate --fail-on-warnings 2>&1) || { echo "$$said"; exit 1; }

check: lint ## The quick checks: all of lint, and the unit tests.
	$(APP)/python -m pytest -q tests/unit

bench: setup ## Measure Peil beside an ordinary Rasa bot (ARGS="--rounds 1 --without-textbook" is quick).
	@$(APP)/python -m benchmarks $(ARGS)

desk-bench: setup ## Measure the consultants' desk with 10,000 assessments on PostgreSQL and 5,000 on SQLite (some 5 minutes).
	@$(APP)/python -m benchmarks.desk $(ARGS)

widget-report: setup ## Measure the chat on somebody's page: size, requests, speed, layout shift, accessibility (some 3 minutes).
	@$(APP)/python -m benchmarks.widget $(ARGS)

# What Rasa says meanwhile is shown only if something is wrong. The exam is what nobody has trained on.
nlu: setup ## Measure how side talk is told from answers: cross-validation and exam (some 20 minutes).
	@mkdir -p results/nlu
	@echo rasa test nlu --cross-validation --folds 5
	@said=$$($(RASA) test nlu --cross-validation --folds 5 --runs 1 --nlu data/nlu --config config.yml \
	  --domain domain.yml --no-plot --out results/nlu 2>&1) || { echo "$$said"; exit 1; }
	@$(APP)/peil understand intents benchmarks/own_words/exam/intents.jsonl --json > results/nlu/exam.json
	@$(APP)/python -m benchmarks.own_words.side_talk_table results/nlu/intent_report.json results/nlu/exam.json

lock: ## Resolve the lock files anew (needs uv).
	@command -v $(UV) >/dev/null || { echo "Locking needs uv, and '$(UV)' was not found." >&2; exit 1; }
	$(LOCK) --python-version 3.11 --group dev pyproject.toml -o locks/app.txt
	$(LOCK) --python-version 3.10 --group pyproject.toml:rasa -o locks/rasa.txt

clean: ## Remove what can be made again: environments, trained models, caches (never your data in var/).
	rm -rf .venv .venv-rasa .emulator .react .rasa results .pytest_cache .mypy_cache .ruff_cache .hypothesis models/.training-*
	rm -f models/dialogue-*.tar.gz
	find actions benchmarks bot deploy tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
