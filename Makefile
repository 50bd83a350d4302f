# Each goal sets itself up: a virtual environment with the exact versions of requirements.lock.
#
#   make study [CONFIG=config/study.yaml] [CORES=2] [RESULTS=results]   runs, tables and figures
#     (a study of more than two hours asks first on a terminal; YES=1 does not ask; PROFILE=profiles/slurm: on a cluster)
#   make example                          a measured runner to try out: examples/own_runner.yaml
#   make convergence [CONFIG=..]          its extreme doses again: finer mesh, start elsewhere
#   make reference [STUDY=study]          its small results to results/reference and its verdicts
#                                         to README.md, to be committed
#   make test                                                           all tests
#   make lint                                                           style and types
#   make benchmark                                                      this engine beside Moco
#   make verify [STUDY=results/study]     computes results again from stored motion
#   make soak                             kills, starves and doubles a small study: docs/soak.md
#   make clean                                                          removes what make installed

PYTHON ?= python3
CONFIG ?= config/study.yaml
CORES ?= 2
RESULTS ?= results
STUDY ?= study

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest -q

# Linear algebra here is of small matrices: a second thread makes it slower.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

# The model of the example's runner is not kept here: it derives from Rajagopal 2015.
EXAMPLE := examples/predicted_runner/model.osim

.PHONY: study example convergence reference verify soak test lint benchmark clean
.DEFAULT_GOAL := study

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON): no such program; say which Python with PYTHON=/path/to/python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("error: $(PYTHON) is Python %d.%d; 3.11, 3.12 or 3.13 is needed, say which with PYTHON=python3.12" % v)'
	@echo "setting up $(VENV), once; this takes a few minutes"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

study: $(STAMP) $(if $(filter %examples/own_runner.yaml,$(CONFIG)),$(EXAMPLE))
	@$(BIN)/python -m config.launch --config "$(CONFIG)" --cores "$(CORES)" --results "$(RESULTS)" $(if $(YES),--yes) $(if $(PROFILE),--profile "$(PROFILE)")

verify: $(STAMP)
	@$(BIN)/python -m analysis.verify --study "$(if $(findstring /,$(STUDY)),$(STUDY),$(RESULTS)/$(STUDY))"

soak: $(STAMP)
	$(BIN)/python -m benchmarks.soak --out docs/soak.md

example: $(EXAMPLE)
	@echo "the example is ready: make study CONFIG=examples/own_runner.yaml"

$(EXAMPLE): $(STAMP)
	@$(BIN)/python -m models.build --runner spatial --out "$(RESULTS)/example_runner"
	@cp "$(RESULTS)/example_runner/runner.osim" $@

convergence: $(STAMP)
	@$(BIN)/python -m config.launch --config "$(CONFIG)" --cores "$(CORES)" --results "$(RESULTS)" --convergence

reference: $(STAMP)
	@$(BIN)/python -m analysis.report.reference --study "$(RESULTS)/$(STUDY)" --out results/reference --readme README.md

# OpenSim and CasADi cannot share a process, hence three; all run, whichever fails.
test: $(STAMP)
	@failed=0; \
	$(PYTEST) tests/models tests/analysis || failed=1; \
	$(PYTEST) tests/simulations || failed=1; \
	$(PYTEST) tests/workflow || failed=1; \
	exit $$failed

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile models simulations analysis
	$(BIN)/snakemake --lint --configfile config/study.yaml

benchmark: $(STAMP)
	$(BIN)/python -m benchmarks.against_moco
	$(BIN)/python -m benchmarks.against_moco_inverse

clean:
	rm -f $(EXAMPLE)
	rm -rf $(VENV) .snakemake *.egg-info build .pytest_cache .hypothesis .mypy_cache .ruff_cache
