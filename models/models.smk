# Who runs: the runner model, its strength in each case, its isometric hip torque.


# The tables of models/parameters that each step opens.
MUSCLES = shipped(
    "models/parameters/lai_uhlrich_2022.csv", "models/parameters/planar_muscles.csv"
)
ENERGETICS = shipped("models/parameters/energetics.yaml")
# What a measured trial is checked against.
TRIAL_LIMITS = shipped(
    "models/parameters/moment_limits.csv", "models/parameters/muscle_model.yaml"
)
BUILT_FROM = [
    *ENERGETICS,
    *shipped(
        "models/parameters/contact.yaml",
        "models/parameters/lai_uhlrich_2022.csv",
        "models/parameters/muscle_model.yaml",
        "models/parameters/passive.yaml",
        "models/parameters/paths.yaml",
    ),
]
BUILT = {
    "planar": shipped(
        "models/parameters/planar.yaml", "models/parameters/planar_muscles.csv"
    ),
    "spatial": shipped("models/parameters/spatial.yaml"),
}


rule runner:
    input:
        as_asked(
            f"{FOLDER}/runners/{{runner}}/request.json",
            lambda w: ASKED.runner(w.runner),
        ),
        STUDY.base_model or [],
        BUILT_FROM,
        lambda wildcards: BUILT[wildcards.runner],
    output:
        osim=f"{FOLDER}/runners/{{runner}}/runner.osim",
        json=f"{FOLDER}/runners/{{runner}}/runner.json",
        paths=f"{FOLDER}/runners/{{runner}}/paths.csv",
        request=f"{FOLDER}/runners/{{runner}}/request.json",
    log:
        f"{FOLDER}/logs/runners/{{runner}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/runners/{{runner}}.tsv"
    wildcard_constraints:
        runner=one_of(BUILT),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        base=LAYOUT.base_model(),
        request=lambda wildcards: ASKED.runner(wildcards.runner),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.build --runner {wildcards.runner} {params.base}"
        " --out {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule person:
    input:
        as_asked(
            f"{FOLDER}/runners/{{person}}/request.json",
            lambda w: ASKED.runner(w.person),
        ),
        STUDY.base_model or [],
        BUILT_FROM,
        BUILT["spatial"],
        shipped("models/parameters/people.yaml"),
    output:
        osim=f"{FOLDER}/runners/{{person}}/runner.osim",
        json=f"{FOLDER}/runners/{{person}}/runner.json",
        paths=f"{FOLDER}/runners/{{person}}/paths.csv",
        person=f"{FOLDER}/runners/{{person}}/person.json",
        request=f"{FOLDER}/runners/{{person}}/request.json",
    log:
        f"{FOLDER}/logs/runners/{{person}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/runners/{{person}}.tsv"
    wildcard_constraints:
        person=one_of(LAYOUT.people),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        number=lambda wildcards: person_number(wildcards.person),
        base=LAYOUT.base_model(),
        request=lambda wildcards: ASKED.runner(wildcards.person),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.people --person {params.number} {params.base}"
        " --out {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule trial:
    input:
        lambda wildcards: LAYOUT.trial(wildcards.trial),
        TRIAL_LIMITS,
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
        "python -m models.check {params.trial:q} --brief 2>&1 | tee {log:q} >&2"


rule own_runner:
    input:
        as_asked(
            f"{FOLDER}/runners/{{trial}}/request.json", lambda w: ASKED.runner(w.trial)
        ),
        f"{FOLDER}/runners/{{trial}}/trial.checked",
        GROUPS,
        MUSCLES,
        ENERGETICS,
        TRIAL_LIMITS,
        shipped(
            "models/parameters/muscle_model.yaml",
            "models/parameters/muscle_names.csv",
            "models/parameters/own.yaml",
        ),
        trial=lambda wildcards: LAYOUT.trial(wildcards.trial),
    output:
        osim=f"{FOLDER}/runners/{{trial}}/runner.osim",
        json=f"{FOLDER}/runners/{{trial}}/runner.json",
        paths=f"{FOLDER}/runners/{{trial}}/paths.csv",
        intake=f"{FOLDER}/runners/{{trial}}/intake.json",
        request=f"{FOLDER}/runners/{{trial}}/request.json",
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
        request=lambda wildcards: ASKED.runner(wildcards.trial),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.own --trial {params.trial:q} --out {params.folder:q}"
        " 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule contact_runner:
    input:
        shipped("models/parameters/contact.yaml", "models/parameters/spatial.yaml"),
        intake=f"{FOLDER}/runners/{{trial}}/intake.json",
        osim=f"{FOLDER}/runners/{{trial}}/runner.osim",
        json=f"{FOLDER}/runners/{{trial}}/runner.json",
    output:
        osim=f"{FOLDER}/runners/{{trial}}/contact/runner.osim",
        json=f"{FOLDER}/runners/{{trial}}/contact/runner.json",
    log:
        f"{FOLDER}/logs/runners/{{trial}}_contact.log",
    benchmark:
        f"{FOLDER}/benchmarks/runners/{{trial}}_contact.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        runner=subpath(input.osim, parent=True),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.add_contact --runner {params.runner:q} --out {params.folder:q}"
        " 2>&1 | tee {log:q} >&2"


rule draw:
    input:
        as_asked(
            f"{FOLDER}/runners/{{runner}}_draw{{draw}}/request.json",
            lambda w: ASKED.runner(w.runner, int(w.draw)),
        ),
        ENERGETICS,
        shipped("models/parameters/draws.yaml"),
        osim=f"{FOLDER}/runners/{{runner}}/runner.osim",
        json=f"{FOLDER}/runners/{{runner}}/runner.json",
    output:
        osim=f"{FOLDER}/runners/{{runner}}_draw{{draw}}/runner.osim",
        json=f"{FOLDER}/runners/{{runner}}_draw{{draw}}/runner.json",
        draw=f"{FOLDER}/runners/{{runner}}_draw{{draw}}/draw.json",
        request=f"{FOLDER}/runners/{{runner}}_draw{{draw}}/request.json",
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
        request=lambda wildcards: ASKED.runner(wildcards.runner, int(wildcards.draw)),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.draw --runner {params.runner:q} --draw {wildcards.draw}"
        " --out {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule strength:
    input:
        as_asked(
            f"{FOLDER}/{{case}}/strength.request.json",
            lambda w: ASKED.strength(w.case),
        ),
        GROUPS,
        MUSCLES,
        ENERGETICS,
        lambda wildcards: multiext(
            f"{LAYOUT.case_runner(wildcards.case)}/runner",
            ".osim",
            ".json",
        ),
    output:
        osim=f"{FOLDER}/{{case}}/runner.osim",
        json=f"{FOLDER}/{{case}}/runner.json",
        request=f"{FOLDER}/{{case}}/strength.request.json",
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
        runner=lambda wildcards: LAYOUT.case_runner(wildcards.case),
        options=lambda wildcards: LAYOUT.strength(wildcards.case),
        request=lambda wildcards: ASKED.strength(wildcards.case),
        folder=subpath(output.osim, parent=True),
    shell:
        "python -m models.strength --runner {params.runner:q} {params.options}"
        " --out {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule runner_dynamometer:
    input:
        as_asked(
            f"{FOLDER}/runners/{{runner}}/dynamometer.request.json",
            lambda w: ASKED.dynamometer(w.runner),
        ),
        GROUPS,
        MUSCLES,
        f"{FOLDER}/runners/{{runner}}/runner.json",
        osim=f"{FOLDER}/runners/{{runner}}/runner.osim",
    output:
        table=f"{FOLDER}/runners/{{runner}}/dynamometer.csv",
        request=f"{FOLDER}/runners/{{runner}}/dynamometer.request.json",
    log:
        f"{FOLDER}/logs/dynamometer/{{runner}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/dynamometer/{{runner}}.tsv"
    wildcard_constraints:
        runner=one_of([*LAYOUT.runners, *LAYOUT.trials]),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        runner=subpath(input.osim, parent=True),
        request=lambda wildcards: ASKED.dynamometer(wildcards.runner),
        arms=STUDY.arms,
        doses=STUDY.doses_percent,
    shell:
        "python -m models.dynamometer --runner {params.runner:q} --arms {params.arms}"
        " --doses {params.doses} --out {output.table:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule dynamometer:
    input:
        expand(
            f"{FOLDER}/runners/{{runner}}/dynamometer.csv",
            runner=LAYOUT.measured_torque,
        ),
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
        mem_mb=500,
    shell:
        "python -m models.dynamometer --join {input:q} --out {output:q} 2>&1 | tee {log:q} >&2"
