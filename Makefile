# Each goal sets itself up: a virtual environment with the exact files of requirements.lock. While a study
# runs, its environment is not set up anew. Ctrl-C or `kill` ends all its steps; the same command goes on.
#
#   make study [CONFIG=config/study.yaml] [CORES=all] [RESULTS=results] runs, tables and figures
#     (a study of more than two hours asks first on a terminal; YES=1 does not ask; PROFILE=profiles/slurm: on a cluster;
#      AGAIN=1 solves again what older code solved)
#   make example                          a measured runner to try out: examples/own_runner.yaml
#   make convergence [CONFIG=..]          its extreme doses again: finer mesh, start elsewhere
#   make reference [STUDY=study]          its small results to results/reference and its verdicts
#                                         to README.md, to be committed
#   make test                                                           all tests
#   make lint                                                           style and types
#   make benchmark [DOCS=docs]            speed beside what is asked; renews the tables in DOCS
#   make benchmark-scaling [DOCS=..]      how time grows with mesh and muscles
#   make benchmark-moco                   this engine beside Moco
#   make verify [STUDY=results/study]     computes results again from stored motion
#   make open [STUDY=study]               opens a study's report in the browser
#   make docs                             builds the documentation: build/docs/index.html
#   make soak                             kills, starves and doubles a small study: docs/soak.md
#   make clean                                                          removes what make installed

PYTHON ?= python3
CONFIG ?= config/study.yaml
CORES ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
RESULTS ?= results
STUDY ?= study

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
PYTEST = $(HERE) pytest -q

# Linear algebra here is of small matrices: a second thread makes it slower.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# This checkout's code is run, and no yaml.py or numpy.py that lies in a working folder (formats/imports.py).
export PYTHONSAFEPATH := 1
HERE := PYTHONPATH="$(CURDIR)" $(BIN)/python -m
# Recipes take these from the environment, whatever signs they hold.
export CONFIG CORES RESULTS STUDY PROFILE DOCS
LAUNCH = $(HERE) hipdrive run --cores="$$CORES" --results="$$RESULTS"

# The model of the example's runner is not kept here: it derives from Rajagopal 2015.
EXAMPLE := examples/predicted_runner/model.osim

.PHONY: help study example convergence reference verify open docs soak test lint clean benchmark benchmark-scaling benchmark-moco
.DEFAULT_GOAL := help

# What stands at the top of this file.
help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON): no such program; say which Python with PYTHON=/path/to/python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("error: $(PYTHON) is Python %d.%d; 3.11, 3.12 or 3.13 is needed, say which with PYTHON=python3.12" % v)'
	@$(PYTHON) scripts/set_up.py

study: $(STAMP) $(if $(filter %examples/own_runner.yaml,$(CONFIG)),$(EXAMPLE))
	@exec env $(LAUNCH) $(if $(YES),--yes) $(if $(AGAIN),--again) $(if $(PROFILE),--profile="$$PROFILE") -- "$$CONFIG"

verify: $(STAMP)
	@$(HERE) hipdrive verify --results="$$RESULTS" -- "$$STUDY"

open: $(STAMP)
	@$(HERE) hipdrive open --results="$$RESULTS" -- "$$STUDY"

# Opens offline: build/docs/index.html.
docs: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(HERE) mkdocs build --strict
	@echo "documentation: build/docs/index.html"

soak: $(STAMP)
	$(HERE) benchmarks.soak --out docs/soak.md

example: $(EXAMPLE)
	@echo "the example is ready: make study CONFIG=examples/own_runner.yaml"

$(EXAMPLE): $(STAMP)
	@$(HERE) models.build --runner spatial --out="$$RESULTS/example_runner"
	@cp -- "$$RESULTS/example_runner/runner.osim" $@

convergence: $(STAMP)
	@exec env $(LAUNCH) --convergence -- "$$CONFIG"

reference: $(STAMP)
	@$(HERE) analysis.report.reference --study="$$RESULTS/$$STUDY" --out results/reference --readme README.md

# OpenSim and CasADi cannot share a process; five, side by side where there are cores; all run, whichever fails.
# In this order two at a time end together. STUDIES run one each.
STUDIES := $(patsubst %,tests/workflow/test_%.py,end_to_end own_study spatial_study)
TESTS := test-studies test-analysis test-workflow test-simulations test-models
.PHONY: $(TESTS)
test: $(STAMP)
	@$(MAKE) --no-print-directory --keep-going --jobs="$$CORES" $(TESTS)

test-studies: FOLDERS := $(STUDIES)
test-workflow: FOLDERS := tests/workflow tests/formats $(addprefix --ignore=,$(STUDIES))
test-analysis: FOLDERS := tests/analysis
test-simulations: FOLDERS := tests/simulations
test-models: FOLDERS := tests/models
$(TESTS): SHELL := bash
$(TESTS): $(STAMP)
	@set -o pipefail; env -u MAKEFLAGS -u MAKELEVEL PYTHONUNBUFFERED=1 $(PYTEST) $(FOLDERS) 2>&1 | while IFS= read -r line; do printf '%s\n' "$@: $$line"; done

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile models simulations analysis
	$(BIN)/snakemake --lint --configfile config/study.yaml

benchmark: $(STAMP)
	@$(HERE) benchmarks.speed_table $(if $(DOCS),--docs="$$DOCS")

benchmark-scaling: $(STAMP)
	@$(HERE) benchmarks.scaling $(if $(DOCS),--docs="$$DOCS")

benchmark-moco: $(STAMP)
	$(HERE) benchmarks.against_moco
	$(HERE) benchmarks.against_moco_inverse

clean:
	$(PYTHON) scripts/set_up.py --remove
	rm -f $(EXAMPLE)
	rm -rf .snakemake *.egg-info build .pytest_cache .hypothesis .mypy_cache .ruff_cache
