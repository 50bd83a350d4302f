# How they run: the reference runner follows the norm curves, then each case is found. A measured
# runner keeps the motion: its trial is checked, then each case's muscle forces are found.
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
    wildcard_constraints:
        case=LAYOUT.pattern(LAYOUT.solved("predict")),
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
    wildcard_constraints:
        case=LAYOUT.pattern(LAYOUT.solved("track")),
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


rule trial:
    input:
        lambda wildcards: LAYOUT.trial(wildcards.trial),
    output:
        touch(f"{FOLDER}/runners/{{trial}}/trial.checked"),
    log:
        f"{FOLDER}/logs/runners/{{trial}}_trial.log",
    benchmark:
        f"{FOLDER}/benchmarks/runners/{{trial}}_trial.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        trial=lambda wildcards: LAYOUT.trials[wildcards.trial],
    shell:
        "python -m simulations.trial --trial {params.trial:q} --check 2>&1 | tee {log:q} >&2"


rule inverse:
    input:
        f"{FOLDER}/{{case}}/case.json",
        f"{FOLDER}/{{case}}/runner.json",
        lambda wildcards: LAYOUT.trial(LAYOUT.cases[wildcards.case].runner),
    output:
        f"{FOLDER}/{{case}}/solver.json",
    log:
        f"{FOLDER}/logs/{{case}}/inverse.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/inverse.tsv"
    wildcard_constraints:
        case=LAYOUT.pattern(LAYOUT.solved("inverse")),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        trial=lambda wildcards: LAYOUT.trials[LAYOUT.cases[wildcards.case].runner],
        folder=subpath(output[0], parent=True),
    shell:
        "python -m simulations.inverse --case {params.folder:q} --trial {params.trial:q}"
        " --threads {threads} 2>&1 | tee {log:q} >&2"
