# Everything that a newcomer needs: `make demo` and `make test`. Python 3.11 or newer is all that must be there.
PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || echo 2)
DATA ?= ../shared/data
FUZZ_SECONDS ?= 60
VENV := .venv
BIN := $(VENV)/bin
# One thread per job: as many jobs run as there are cores, and the bytes do not depend on how many.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS := 1
export MPLBACKEND := Agg
export PYTHONUNBUFFERED := 1

.PHONY: help bench demo panels test test-slow fuzz test-cluster slurm calibrate lint real full paper clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lfpbold needs Python 3.11 or newer; give one by PYTHON=…")'
	@echo "Installing lfpbold and its pinned dependencies into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/installed ## simulate raw recordings and analyse them: results/report.html
	@test -f demo/config.yaml || $(BIN)/lfpbold simulate demo --preset demo
	@$(BIN)/lfpbold check demo/config.yaml
	@$(BIN)/snakemake --cores $(CORES) --configfile demo/config.yaml
	@$(BIN)/lfpbold headline results

panels: $(VENV)/installed ## hold docs/panels.md against the figures of the demo
	@LFPBOLD_PANELS_OF=demo:results $(BIN)/python -m pytest -q tests/workflow/test_panels.py

test: $(VENV)/installed ## the tests that CI runs
	@$(BIN)/python -m pytest --numprocesses $(CORES) --dist loadscope

test-slow: $(VENV)/installed ## the tests that take minutes each
	@$(BIN)/python -m pytest -m slow

$(VENV)/slurm: $(VENV)/installed requirements-slurm.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-slurm.lock
	@touch $@

slurm: $(VENV)/slurm ## add what `snakemake --profile profiles/slurm` needs

test-cluster: $(VENV)/slurm ## the demo through a real Slurm on this machine (installed where it is missing: Debian, as root)
	@tests/cluster/install.sh
	@$(BIN)/python -m pytest -m cluster -s tests/cluster

fuzz: $(VENV)/installed ## mutated files of every format, FUZZ_SECONDS (60) for each reader: a sentence or a recording, nothing else
	@$(BIN)/python tests/fuzz/run.py --seconds $(FUZZ_SECONDS)

calibrate: $(VENV)/installed ## false positives and power of every p and interval, 1500 simulations each: docs/calibration.md (20 to 25 minutes)
	@$(BIN)/python -m pytest -m slow tests/unit

lint: $(VENV)/installed ## style, spelling, import contract, docstrings, types, snakemake --lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/snakefmt --check Snakefile workflow
	@$(BIN)/lint-imports
	@git ls-files | xargs $(BIN)/codespell
	@git ls-files 'src/*.py' | xargs $(BIN)/numpydoc lint
	@$(BIN)/mypy
	@test -f build/lint/config.yaml || $(BIN)/lfpbold simulate build/lint --preset tiny >/dev/null
	@$(BIN)/snakemake --lint --configfile build/lint/config.yaml

real: $(VENV)/installed ## analyse the real simultaneous rat recording in $(DATA)/rsHRF: real/results
	@$(BIN)/python examples/real/prepare.py $(DATA)/rsHRF/s1_suj5_525_preproc.mat real
	@$(BIN)/lfpbold check real/config.yaml
	@$(BIN)/snakemake --cores $(CORES) --configfile real/config.yaml --config results=real/results
	@$(BIN)/lfpbold headline real/results

full: $(VENV)/installed ## one scan of the study's size on a real atlas, raw to report: full/results (takes about a quarter of an hour)
	@test -f full/config.yaml || $(BIN)/lfpbold simulate full --preset full --atlas $(DATA)/zhang_rat_rsfmri
	@$(BIN)/snakemake --cores $(CORES) --configfile full/config.yaml --config results=full/results
	@$(BIN)/lfpbold headline full/results

paper: $(VENV)/installed ## simulated study tuned to the published correlations: paper/results/report.html (takes about half an hour)
	@test -f paper/config.yaml || $(BIN)/lfpbold simulate paper --preset paper
	@$(BIN)/snakemake --cores $(CORES) --configfile paper/config.yaml --config results=paper/results
	@$(BIN)/lfpbold headline paper/results

PEERS := build/peers
$(PEERS)/installed: benchmarks/maps/requirements.txt
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/maps/requirements.txt
	@touch $@

bench: $(VENV)/installed $(PEERS)/installed ## this package beside its peers at full size: build/bench (an hour; let nothing else run)
	@test -f full/config.yaml || $(BIN)/lfpbold simulate full --preset full
	@$(BIN)/python benchmarks/machine.py build/bench/machine.tsv
	@$(BIN)/python benchmarks/maps/compare.py build/bench/maps.tsv --peers $(PEERS)/bin/python --bold $$(find full/sub-01 -name '*_bold.nii.gz')
	@$(BIN)/python benchmarks/growth.py build/bench --figure docs/figures/performance_growth.png
	@$(BIN)/python benchmarks/whole.py full/config.yaml build/bench/whole

clean: ## remove what the commands above made, but not the environment
	rm -rf demo real full paper results .snakemake
