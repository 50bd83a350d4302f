# A study of exercises: from the runner and models/exercises.yaml to tables, figures and a chapter.
#
#     snakemake --snakefile exercises.smk --cores 2 --configfile config/exercises.yaml
#
# `make study CONFIG=config/exercises.yaml` does the same.
from pathlib import Path
import shlex

from study import exercises, trials
from study.results import from_snakemake
from study.workflow import prepare_jobs, results_folder, shipped

prepare_jobs()
RESULTS = results_folder(from_snakemake(config.pop("results", "results")))
STUDY = exercises.check(dict(config), workflow.configfiles[0])
FOLDER = str(RESULTS / STUDY.name)
CASES = {case.case: case for case in exercises.cases(STUDY)}
BOOK = str(STUDY.path)
RUNNERS = f"{FOLDER}/runners"
PEOPLE = [name for name in trials.expanded(STUDY) if trials.is_person(name)]
BUILT_FROM = shipped(
    "models/parameters/energetics.yaml",
    "models/parameters/exercise.yaml",
    "models/parameters/lai_uhlrich_2022.csv",
    "models/parameters/muscle_model.yaml",
    "models/parameters/passive.yaml",
    "models/parameters/paths.yaml",
    "models/parameters/spatial.yaml",
)
MOTION = [
    *("motion.sto", "controls.sto", "derivatives.sto", "ground_forces.mot"),
    *("ground_forces.xml", "supports.sto", "exercise.json"),
]
MEASURED = [
    *("certificate.json", "exercise.csv", "exercise_outcomes.json", "positions.csv"),
]
PUBLISHED = shipped("analysis/exercises_published.yaml")
STYLE = shipped("analysis/figures/figures.yaml")
# What running runs stand beside: nothing, or a study's folder.
RUNNING = exercises.files_beside(STUDY)
BESIDE = f"--running {shlex.quote(str(STUDY.beside))}" if STUDY.beside else ""
PICTURES = [
    *("exercises_postures", "exercises_activation", "exercises_stimulus"),
    *("exercises_joint", "exercises_by_hand", "exercises_chain"),
]


def runner_of(wildcards):
    """Folder of the runner of a case."""
    return f"{RUNNERS}/{CASES[wildcards.case].runner}"


def book_of(wildcards):
    """The file of exercises of a case's runner."""
    return exercises.own_book(STUDY, CASES[wildcards.case].runner, FOLDER)


wildcard_constraints:
    case="|".join(sorted(CASES, key=len, reverse=True)),
    person="|".join(PEOPLE) or "none",


rule all:
    default_target: True
    input:
        f"{FOLDER}/exercises.csv",
        f"{FOLDER}/exercises_published.csv",
        f"{FOLDER}/exercises_by_hand.csv",
        f"{FOLDER}/exercises_chain.csv",
        f"{FOLDER}/exercises.html",
        f"{FOLDER}/report.html",


rule runner:
    input:
        BUILT_FROM,
    output:
        multiext(f"{RUNNERS}/{exercises.RUNNER}/runner", ".osim", ".json"),
        paths=f"{RUNNERS}/{exercises.RUNNER}/paths.csv",
    log:
        f"{FOLDER}/logs/runner.log",
    benchmark:
        f"{FOLDER}/benchmarks/runner.tsv"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        runner=exercises.RUNNER,
        folder=subpath(output.paths, parent=True),
    shell:
        "python -m models.build --runner {params.runner} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule person:
    input:
        BUILT_FROM,
        shipped("models/parameters/contact.yaml", "models/parameters/people.yaml"),
        book=BOOK,
    output:
        multiext(f"{RUNNERS}/{{person}}/runner", ".osim", ".json"),
        paths=f"{RUNNERS}/{{person}}/paths.csv",
        person=f"{RUNNERS}/{{person}}/person.json",
        book=f"{RUNNERS}/{{person}}/exercises.yaml",
    log:
        f"{FOLDER}/logs/runners/{{person}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/runners/{{person}}.tsv"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        number=lambda wildcards: trials.number(wildcards.person),
        folder=subpath(output.paths, parent=True),
    shell:
        "python -m models.people --person {params.number} --exercises {input.book:q}"
        " --out {params.folder:q} > {log:q} 2>&1"


rule case:
    input:
        lambda wildcards: multiext(f"{runner_of(wildcards)}/runner", ".osim", ".json"),
        shipped(
            "models/muscle_groups.yaml",
            "models/parameters/energetics.yaml",
            "models/parameters/lai_uhlrich_2022.csv",
        ),
        book=book_of,
    output:
        multiext(f"{FOLDER}/{{case}}/runner", ".osim", ".json"),
        case=f"{FOLDER}/{{case}}/case.json",
    log:
        f"{FOLDER}/logs/{{case}}/case.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/case.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        text=lambda wildcards: exercises.case_text(CASES[wildcards.case]),
        options=lambda wildcards: shlex.join(
            exercises.strength(STUDY, CASES[wildcards.case], FOLDER)
        ),
        runner=lambda wildcards: runner_of(wildcards),
        folder=subpath(output.case, parent=True),
    shell:
        "python -m models.strength --runner {params.runner:q} {params.options}"
        " --out {params.folder:q} > {log:q} 2>&1"
        " && printf '%s' {params.text:q} > {output.case:q}"


rule exercise:
    input:
        f"{FOLDER}/{{case}}/runner.json",
        book=book_of,
        case=f"{FOLDER}/{{case}}/case.json",
    output:
        [f"{FOLDER}/{{case}}/{file}" for file in MOTION],
        solver=f"{FOLDER}/{{case}}/solver.json",
    log:
        f"{FOLDER}/logs/{{case}}/exercise.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/exercise.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        folder=subpath(output.solver, parent=True),
    shell:
        "python -m simulations.exercise --case {params.folder:q} --exercises {input.book:q}"
        " > {log:q} 2>&1"


rule measure:
    input:
        [f"{FOLDER}/{{case}}/{file}" for file in MOTION],
        multiext(f"{FOLDER}/{{case}}/runner", ".osim", ".json"),
        shipped("analysis/socket.yaml"),
        f"{FOLDER}/{{case}}/solver.json",
        book=book_of,
        case=f"{FOLDER}/{{case}}/case.json",
    output:
        [f"{FOLDER}/{{case}}/{file}" for file in MEASURED],
    log:
        f"{FOLDER}/logs/{{case}}/measure.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/measure.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        folder=subpath(input.case, parent=True),
    shell:
        "python -m analysis.exercise --case {params.folder:q} --exercises {input.book:q}"
        " > {log:q} 2>&1"


rule study:
    input:
        config=workflow.configfiles[0],
        book=BOOK,
    output:
        cases=f"{FOLDER}/cases.csv",
        config=f"{FOLDER}/config.yaml",
    log:
        f"{FOLDER}/logs/study.log",
    benchmark:
        f"{FOLDER}/benchmarks/study.tsv"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=FOLDER,
    shell:
        "python -m study.exercises --config {input.config:q} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule tables:
    input:
        [f"{FOLDER}/{case}/{file}" for case in CASES for file in MEASURED],
        [f"{FOLDER}/{case}/case.json" for case in CASES],
        f"{FOLDER}/cases.csv",
        published=PUBLISHED,
    output:
        f"{FOLDER}/exercises.csv",
        f"{FOLDER}/exercises_published.csv",
        f"{FOLDER}/exercises_by_hand.csv",
    log:
        f"{FOLDER}/logs/tables.log",
    benchmark:
        f"{FOLDER}/benchmarks/tables.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        folder=FOLDER,
    shell:
        "python -m analysis.exercises --study {params.folder:q} > {log:q} 2>&1"


rule chain:
    input:
        RUNNING,
        table=f"{FOLDER}/exercises.csv",
    output:
        f"{FOLDER}/exercises_chain.csv",
        f"{FOLDER}/exercises_chain.json",
    log:
        f"{FOLDER}/logs/chain.log",
    benchmark:
        f"{FOLDER}/benchmarks/chain.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        folder=FOLDER,
        running=BESIDE,
    shell:
        "python -m analysis.exercise_chain --study {params.folder:q} {params.running}"
        " > {log:q} 2>&1"


rule figures:
    input:
        [
            f"{FOLDER}/{case}/{file}"
            for case in CASES
            for file in ["exercise.csv", "positions.csv"]
        ],
        STYLE,
        RUNNING,
        f"{FOLDER}/exercises.csv",
        f"{FOLDER}/exercises_by_hand.csv",
        f"{FOLDER}/exercises_chain.csv",
        book=BOOK,
    output:
        expand(
            f"{FOLDER}/figures/{{name}}.{{kind}}",
            name=PICTURES,
            kind=["png", "svg", "pdf", "csv", "txt"],
        ),
    log:
        f"{FOLDER}/logs/figures.log",
    benchmark:
        f"{FOLDER}/benchmarks/figures.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        folder=FOLDER,
        running=BESIDE,
    shell:
        "python -m analysis.figures.exercises --study {params.folder:q} {params.running}"
        " --exercises {input.book:q} > {log:q} 2>&1"


rule report:
    input:
        expand(
            f"{FOLDER}/figures/{{name}}.{{kind}}", name=PICTURES, kind=["svg", "txt"]
        ),
        shipped(
            "analysis/report/exercises.html.j2",
            "analysis/report/exercises_page.html.j2",
            "analysis/report/report.css",
        ),
        f"{FOLDER}/config.yaml",
        f"{FOLDER}/exercises.csv",
        f"{FOLDER}/exercises_published.csv",
        f"{FOLDER}/exercises_by_hand.csv",
        f"{FOLDER}/exercises_chain.csv",
        f"{FOLDER}/exercises_chain.json",
    output:
        f"{FOLDER}/report.html",
        f"{FOLDER}/report.json",
        f"{FOLDER}/exercises.html",
    log:
        f"{FOLDER}/logs/report.log",
    benchmark:
        f"{FOLDER}/benchmarks/report.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        folder=FOLDER,
    shell:
        "python -m analysis.report.exercises --study {params.folder:q} > {log:q} 2>&1"
