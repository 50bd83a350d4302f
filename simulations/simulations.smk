# How they run: the reference runner follows the norm curves, then each case is found.
#
# A solve that does not converge is a finding, not an error: its solver.json says so, and the rest
# goes on. What the solver leaves besides (motion, controls, ground forces) stands in the same folder.
NORMS = str(CHECKOUT / "analysis" / "norm_curves.csv")


rule reference:
    input:
        runner=lambda wildcards: f"{LAYOUT.runner(LAYOUT.references[wildcards.reference].runner)}/runner.json",
        norms=NORMS,
        rungs=lambda wildcards: LAYOUT.rungs(LAYOUT.references[wildcards.reference]),
    output:
        f"{FOLDER}/reference/{{reference}}/solver.json",
    log:
        f"{FOLDER}/logs/reference/{{reference}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/reference/{{reference}}.tsv"
    conda:
        "../environment.yaml"
    threads: lambda wildcards: LAYOUT.threads(LAYOUT.references[wildcards.reference])
    resources:
        mem_mb=3000,
    params:
        runner=subpath(input.runner, parent=True),
        options=lambda wildcards: LAYOUT.tracking(
            LAYOUT.references[wildcards.reference]
        ),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m simulations.track --runner {params.runner:q} --norms {input.norms:q}"
        " {params.options} --threads {threads} --out {params.folder:q} 2>&1 | tee {log:q} >&2"


if STUDY.problem == "predict":

    rule predict:
        input:
            f"{FOLDER}/{{case}}/case.json",
            f"{FOLDER}/{{case}}/runner.json",
            lambda wildcards: LAYOUT.needed(wildcards.case),
        output:
            f"{FOLDER}/{{case}}/solver.json",
        log:
            f"{FOLDER}/logs/{{case}}/predict.log",
        benchmark:
            f"{FOLDER}/benchmarks/{{case}}/predict.tsv"
        conda:
            "../environment.yaml"
        threads: lambda wildcards: LAYOUT.case_threads(wildcards.case)
        resources:
            mem_mb=3000,
        params:
            options=lambda wildcards: LAYOUT.options(wildcards.case),
            folder=subpath(output[0], parent=True),
        shell:
            "python -m simulations.predict --case {params.folder:q} {params.options}"
            " --threads {threads} 2>&1 | tee {log:q} >&2"

    rule again:
        input:
            f"{FOLDER}/{{case}}/solver.json",
            lambda wildcards: LAYOUT.needed(wildcards.case),
        output:
            f"{FOLDER}/{{case}}/{{how}}/solver.json",
        log:
            f"{FOLDER}/logs/{{case}}/again_{{how}}.log",
        benchmark:
            f"{FOLDER}/benchmarks/{{case}}/again_{{how}}.tsv"
        conda:
            "../environment.yaml"
        threads: 1
        resources:
            mem_mb=4000,
        params:
            options=lambda wildcards: LAYOUT.options(wildcards.case),
            case=subpath(output[0], ancestor=2),
            folder=subpath(output[0], parent=True),
        shell:
            "python -m simulations.again --case {params.case:q} {params.options}"
            " --how {wildcards.how} --out {params.folder:q} 2>&1 | tee {log:q} >&2"

else:

    rule track:
        input:
            case=f"{FOLDER}/{{case}}/case.json",
            runner=f"{FOLDER}/{{case}}/runner.json",
            norms=NORMS,
            rungs=lambda wildcards: LAYOUT.rungs(LAYOUT.cases[wildcards.case].reference),
        output:
            f"{FOLDER}/{{case}}/solver.json",
        log:
            f"{FOLDER}/logs/{{case}}/track.log",
        benchmark:
            f"{FOLDER}/benchmarks/{{case}}/track.tsv"
        conda:
            "../environment.yaml"
        threads: 1
        resources:
            mem_mb=3000,
        params:
            options=lambda wildcards: LAYOUT.tracking(
                LAYOUT.cases[wildcards.case].reference
            ),
            folder=subpath(output[0], parent=True),
        shell:
            "python -m simulations.track --runner {params.folder:q} --norms {input.norms:q}"
            " {params.options} --out {params.folder:q} 2>&1 | tee {log:q} >&2"
