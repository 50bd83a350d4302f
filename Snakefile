# The whole study: from a runner model and config/*.yaml to outcomes, tables and figures.
#
#     snakemake --cores 2 --configfile config/study.yaml [--config results=FOLDER again=1]
#
# again=1 solves again what older code solved.
# `make study` does the same. Each stage's rules stand beside its code.
import sys
from pathlib import Path

from formats.case import MOTION_FILES as MOTION_FILE_OF
from formats.solved_again import PATTERN as AGAIN_AS
from study.workflow import layout, one_of, prepare_jobs, results_folder, shipped
from study.requests import Requests, kept
from study.results import from_snakemake
from study.trials import number as person_number

prepare_jobs()
CHECKOUT = Path(workflow.basedir)
RESULTS = results_folder(from_snakemake(config.pop("results", "results")))
AGAIN = bool(config.pop("again", False))
LAYOUT = layout(
    config, workflow.configfiles, CHECKOUT / "config" / "study.yaml", RESULTS
)
FOLDER = str(LAYOUT.folder)
STUDY = LAYOUT.study
ASKED = Requests(LAYOUT, AGAIN)
if workflow.is_main_process:
    sys.stderr.writelines(f"{line}\n" for line in ASKED.told())
# Input functions that have a step run again unless what is stored was made for what is asked.
as_asked = ASKED.compared(workflow)
MOTION_FILES = list(MOTION_FILE_OF.values())
GROUPS = shipped("models/muscle_groups.yaml")
# What a study's keys may name is checked against these.
NAMED = shipped(
    "simulations/objectives.yaml",
    "simulations/calibrated.yaml",
    "config/claims.yaml",
    "config/claims_v2.yaml",
)
# What a solve writes, then what is opened of it to measure a case (analysis.replayed.case).
MOTION = [*MOTION_FILES, "ground_forces.xml"]
MEASURED = LAYOUT.of_case(
    "case.json", "runner.osim", "runner.json", "solver.json", *MOTION_FILES
)


report: "analysis/report/workflow.rst"


wildcard_constraints:
    runner=one_of(LAYOUT.runners),
    trial=one_of(LAYOUT.trials),
    case=LAYOUT.pattern(LAYOUT.cases),
    reference=one_of(LAYOUT.references),
    how=AGAIN_AS,
    draw="[1-9][0-9]*",


localrules:
    all,
    study,
    case,
    rule_copy,


include: "models/models.smk"
include: "simulations/simulations.smk"
include: "analysis/analysis.smk"


# What a study is run for; its record (rule provenance) is written when all of it is there.
TARGETS = [
    f"{FOLDER}/outcomes.csv",
    f"{FOLDER}/claims.json",
    f"{FOLDER}/dynamometer.csv",
    *expand(f"{FOLDER}/figures/{{figure}}.png", figure=FIGURES),
    f"{FOLDER}/animation/running.gif",
    f"{FOLDER}/report.html",
    *expand(f"{FOLDER}/{{case}}/spread.csv", case=LAYOUT.differentiated),
    *([f"{FOLDER}/people.csv"] if LAYOUT.people else []),
    *([f"{FOLDER}/mechanisms.csv"] if LAYOUT.mechanisms else []),
    *([f"{FOLDER}/lewis.json"] if "spatial" in LAYOUT.runners else []),
]


rule all:
    default_target: True
    input:
        TARGETS,
        f"{FOLDER}/ro-crate-metadata.json",


rule study:
    input:
        as_asked(f"{FOLDER}/config.yaml", lambda _: ASKED.config()),
        as_asked(f"{FOLDER}/cases.csv", lambda _: ASKED.cases()),
        groups=GROUPS,
        named=ancient(NAMED),
    output:
        config=f"{FOLDER}/config.yaml",
        cases=f"{FOLDER}/cases.csv",
    log:
        f"{FOLDER}/logs/study.log",
    benchmark:
        f"{FOLDER}/benchmarks/study.tsv"
    conda:
        "environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        config=LAYOUT.config(),
        results=subpath(output.config, ancestor=2),
    shell:
        "printf '%s' {params.config:q}"
        " | python -m study.cases --config - --results {params.results:q} > {log:q} 2>&1"


rule case:
    input:
        as_asked(f"{FOLDER}/{{case}}/case.json", lambda w: ASKED.case(w.case)),
        # The case's own keys are what it depends on, not the file that lists all of them.
        config=ancient(f"{FOLDER}/config.yaml"),
        groups=ancient(GROUPS),
        named=ancient(NAMED),
    output:
        f"{FOLDER}/{{case}}/case.json",
    log:
        f"{FOLDER}/logs/{{case}}/case.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/case.tsv"
    conda:
        "environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        row=lambda wildcards: ASKED.case(wildcards.case),
        results=subpath(output[0], ancestor=3),
    shell:
        "python -m study.cases --config {input.config:q} --results {params.results:q}"
        " --case {wildcards.case:q} > {log:q} 2>&1"
