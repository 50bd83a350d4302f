# Who runs: the runner model, its strength in each case, its isometric hip torque.


rule runner:
    input:
        STUDY.base_model or [],
    output:
        osim=f"{FOLDER}/runners/{{runner}}/runner.osim",
        json=f"{FOLDER}/runners/{{runner}}/runner.json",
    log:
        f"{FOLDER}/logs/runners/{{runner}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/runners/{{runner}}.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        base=LAYOUT.base_model(),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.build --runner {wildcards.runner} {params.base}"
        " --out {params.folder:q} 2>&1 | tee {log:q} >&2"


rule own_runner:
    input:
        f"{FOLDER}/runners/{{trial}}/trial.checked",
        trial=lambda wildcards: LAYOUT.trial(wildcards.trial),
    output:
        osim=f"{FOLDER}/runners/{{trial}}/runner.osim",
        json=f"{FOLDER}/runners/{{trial}}/runner.json",
        intake=f"{FOLDER}/runners/{{trial}}/intake.json",
    log:
        f"{FOLDER}/logs/runners/{{trial}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/runners/{{trial}}.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        trial=lambda wildcards: LAYOUT.trials[wildcards.trial],
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.own --trial {params.trial:q} --out {params.folder:q}"
        " 2>&1 | tee {log:q} >&2"


rule draw:
    input:
        osim=f"{FOLDER}/runners/{{runner}}/runner.osim",
        json=f"{FOLDER}/runners/{{runner}}/runner.json",
    output:
        osim=f"{FOLDER}/runners/{{runner}}_draw{{draw}}/runner.osim",
        json=f"{FOLDER}/runners/{{runner}}_draw{{draw}}/runner.json",
        draw=f"{FOLDER}/runners/{{runner}}_draw{{draw}}/draw.json",
    log:
        f"{FOLDER}/logs/runners/{{runner}}_draw{{draw}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/runners/{{runner}}_draw{{draw}}.tsv"
    wildcard_constraints:
        runner=one_of([*LAYOUT.runners, *LAYOUT.trials]),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        runner=subpath(input.osim, parent=True),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.draw --runner {params.runner:q} --draw {wildcards.draw}"
        " --out {params.folder:q} 2>&1 | tee {log:q} >&2"


rule strength:
    input:
        lambda wildcards: multiext(
            f"{LAYOUT.case_runner(wildcards.case)}/runner",
            ".osim",
            ".json",
        ),
    output:
        osim=f"{FOLDER}/{{case}}/runner.osim",
        json=f"{FOLDER}/{{case}}/runner.json",
    log:
        f"{FOLDER}/logs/{{case}}/strength.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/strength.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        runner=subpath(input[0], parent=True),
        options=lambda wildcards: LAYOUT.strength(wildcards.case),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.strength --runner {params.runner:q} {params.options}"
        " --out {params.folder:q} 2>&1 | tee {log:q} >&2"


rule dynamometer:
    input:
        f"{LAYOUT.runner(next(iter(LAYOUT.cases.values())).runner)}/runner.osim",
    output:
        f"{FOLDER}/dynamometer.csv",
    log:
        f"{FOLDER}/logs/dynamometer.log",
    benchmark:
        f"{FOLDER}/benchmarks/dynamometer.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        runner=subpath(input[0], parent=True),
        arms=STUDY.arms,
        doses=STUDY.doses_percent,
    shell:
        "python -m models.dynamometer --runner {params.runner:q} --arms {params.arms}"
        " --doses {params.doses} --out {output:q} 2>&1 | tee {log:q} >&2"
