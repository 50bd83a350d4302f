# The whole study: from a runner model and config/*.yaml to outcomes, tables and figures.
#
#     snakemake --cores 2 --configfile config/study.yaml [--config results=FOLDER]
#
# `make study` does the same. Each stage's rules stand beside its code.
from pathlib import Path

from config.layout import layout, one_of, prepare_jobs
from config.results import from_snakemake

prepare_jobs()
CHECKOUT = Path(workflow.basedir)
RESULTS = from_snakemake(config.pop("results", "results"))
LAYOUT = layout(
    config, workflow.configfiles, CHECKOUT / "config" / "study.yaml", RESULTS
)
FOLDER = str(LAYOUT.folder)
STUDY = LAYOUT.study


wildcard_constraints:
    runner=one_of(LAYOUT.runners),
    trial=one_of(LAYOUT.trials),
    case=LAYOUT.pattern(LAYOUT.cases),
    reference=one_of(LAYOUT.references),
    how="fine|elsewhere",
    draw="[1-9][0-9]*",


localrules:
    all,
    study,
    case,


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
    *([f"{FOLDER}/lewis.json"] if "spatial" in LAYOUT.runners else []),
]


rule all:
    default_target: True
    input:
        TARGETS,
        f"{FOLDER}/ro-crate-metadata.json",


rule study:
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
        " | python -m config.cases --config - --results {params.results:q} > {log:q} 2>&1"


rule case:
    input:
        # The case's own keys are what it depends on (row), not the file that lists all of them.
        config=ancient(f"{FOLDER}/config.yaml"),
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
        row=lambda wildcards: LAYOUT.row(wildcards.case),
        results=subpath(output[0], ancestor=3),
    shell:
        "python -m config.cases --config {input.config:q} --results {params.results:q}"
        " --case {wildcards.case:q} > {log:q} 2>&1"
