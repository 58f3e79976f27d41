# Everything runs in .venv/, which sets itself up when it is missing, stale, or was moved.

.PHONY: help setup demo test check docs world screens format lock clean
PY := .venv/bin/python

help:
	@echo "make demo     decide the example orders (writes build/decisions.csv), then show the claims about the gap"
	@echo "make test     run all tests"
	@echo "make check    lint, formatting, types, then all tests"
	@echo "make docs     write docs/law, docs/machines.md, docs/questions.md, the trials of the scenarios and the blocks of README.md anew"
	@echo "make world    write the world's stored claims, docs/world and its pictures anew (some minutes)"
	@echo "make screens  draw docs/screens.md and its pictures anew"
	@echo "make format   put the code into the house's format"
	@echo "make lock     write requirements.lock anew from pyproject.toml"
	@echo "make clean    remove .venv/, build/ and all caches"

setup:
	@sh scripts/setup.sh

# decide exits with what it found: 0 none needs a license, 10 some do, 11 only exceptions, 20 facts are missing.
demo: setup
	@mkdir -p build
	@.venv/bin/headgate decide examples/orders.csv -o build/decisions.csv; code=$$?; \
	case $$code in \
	    0|10|11|20) echo "Decisions are in build/decisions.csv (decide ended with $$code, see its exit codes)." ;; \
	    *) echo "make demo: headgate decide failed with exit code $$code" >&2; exit $$code ;; \
	esac
	@echo
	@.venv/bin/headgate world claims

test: setup
	@$(PY) -m pytest -q -n auto --dist worksteal

check: setup
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(MAKE) --no-print-directory test

docs: setup
	@$(PY) scripts/pages.py
	@$(PY) scripts/trials.py
	@$(PY) scripts/machines.py
	@$(PY) scripts/questions.py
	@$(PY) scripts/readme.py

# What follows from the stored posterior: some minutes.
world: setup
	@$(PY) scripts/usable.py
	@$(PY) scripts/world_claims.py
	@$(PY) scripts/world.py
	@$(PY) scripts/readme.py

# What a person sees; pages of HTML need Chromium.
screens: setup
	@$(PY) scripts/screens.py

format: setup
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

lock:
	@sh scripts/lock.sh

clean:
	rm -rf .venv build .pytest_cache .ruff_cache .mypy_cache .hypothesis src/headgate.egg-info
	find src tests -name __pycache__ -prune -exec rm -rf {} +
