# How they run: the reference runner follows the norm curves, then each case is found. A measured
# runner keeps the motion: each case's muscle forces are found.
#
# A solve that does not converge is a finding, not an error: its solver.json says so, and the rest
# goes on. What the solver leaves besides (motion, controls, ground forces) stands in the same folder.
HEADS = shipped("models/parameters/planar_muscles.csv")
OBJECTIVES = shipped("simulations/objectives.yaml", "simulations/calibrated.yaml")
NORMS = str(CHECKOUT / "analysis" / "norm_curves.csv")


rule reference:
    input:
        as_asked(
            f"{FOLDER}/reference/{{reference}}/request.json",
            lambda w: ASKED.reference(LAYOUT.references[w.reference]),
            solve=True,
        ),
        ancient(OBJECTIVES),
        lambda wildcards: (
            HEADS if LAYOUT.references[wildcards.reference].lifted_from else []
        ),
        runner=lambda wildcards: f"{LAYOUT.runner(LAYOUT.references[wildcards.reference].runner)}/runner.json",
        norms=NORMS,
        rungs=lambda wildcards: LAYOUT.rungs(LAYOUT.references[wildcards.reference]),
    output:
        expand(
            f"{FOLDER}/reference/{{{{reference}}}}/{{file}}",
            file=[*MOTION, "solution.npz"],
        ),
        solver=f"{FOLDER}/reference/{{reference}}/solver.json",
        request=f"{FOLDER}/reference/{{reference}}/request.json",
    log:
        f"{FOLDER}/logs/reference/{{reference}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/reference/{{reference}}.tsv"
    # What waits for it waits less when it does not wait itself.
    priority: 20
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        runner=subpath(input.runner, parent=True),
        options=lambda wildcards: LAYOUT.tracking(
            LAYOUT.references[wildcards.reference]
        ),
        request=lambda wildcards: ASKED.reference(
            LAYOUT.references[wildcards.reference]
        ),
        folder=subpath(output.solver, parent=True),
    shell:
        "python -m simulations.track --runner {params.runner:q} --norms {input.norms:q}"
        " {params.options} --threads {threads} --out {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


# Not part of a study: asked for by name, `snakemake results/study/calibration.yaml`.
rule calibration:
    input:
        OBJECTIVES,
        runner=f"{LAYOUT.runner('planar')}/runner.json",
        norms=str(CHECKOUT / "analysis" / "norms.csv"),
        curves=NORMS,
    output:
        f"{FOLDER}/calibration.yaml",
    log:
        f"{FOLDER}/logs/calibration.log",
    benchmark:
        f"{FOLDER}/benchmarks/calibration.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        runner=subpath(input.runner, parent=True),
    shell:
        "python -m simulations.calibrate --runner {params.runner:q} --norms {input.norms:q}"
        " --curves {input.curves:q} --out {output:q} 2>&1 | tee {log:q} >&2"


rule predict:
    input:
        as_asked(
            f"{FOLDER}/{{case}}/request.json",
            lambda w: ASKED.solve(w.case),
            solve=True,
        ),
        ancient(OBJECTIVES),
        f"{FOLDER}/{{case}}/case.json",
        f"{FOLDER}/{{case}}/runner.json",
        lambda wildcards: LAYOUT.needed(wildcards.case),
    output:
        LAYOUT.of_case(*MOTION, "solution.npz"),
        solver=f"{FOLDER}/{{case}}/solver.json",
        request=f"{FOLDER}/{{case}}/request.json",
    log:
        f"{FOLDER}/logs/{{case}}/predict.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/predict.tsv"
    wildcard_constraints:
        case=LAYOUT.pattern(LAYOUT.solved("predict")),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        tracking_weight=LAYOUT.study.tracking_weight,
        options=lambda wildcards: LAYOUT.options(wildcards.case),
        request=lambda wildcards: ASKED.solve(wildcards.case),
        folder=subpath(output.solver, parent=True),
    shell:
        "python -m simulations.predict --case {params.folder:q} {params.options}"
        " --tracking-weight {params.tracking_weight} --threads {threads} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule again:
    input:
        as_asked(
            f"{FOLDER}/{{case}}/{{how}}/request.json",
            lambda w: ASKED.solve_again(w.case, w.how),
            solve=True,
        ),
        ancient(OBJECTIVES),
        LAYOUT.of_case(
            "case.json", "runner.osim", "runner.json", "solver.json", "solution.npz"
        ),
        lambda wildcards: LAYOUT.needed(wildcards.case),
    output:
        expand(
            f"{FOLDER}/{{{{case}}}}/{{{{how}}}}/{{file}}",
            file=["case.json", "runner.osim", "runner.json", *MOTION, "solution.npz"],
        ),
        solver=f"{FOLDER}/{{case}}/{{how}}/solver.json",
        request=f"{FOLDER}/{{case}}/{{how}}/request.json",
    log:
        f"{FOLDER}/logs/{{case}}/again_{{how}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/again_{{how}}.tsv"
    priority: 10  # longer than a dose
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        options=lambda wildcards: LAYOUT.options(wildcards.case),
        case=subpath(output.solver, ancestor=2),
        request=lambda wildcards: ASKED.solve_again(wildcards.case, wildcards.how),
        folder=subpath(output.solver, parent=True),
    shell:
        "python -m simulations.again --case {params.case:q} {params.options}"
        " --how {wildcards.how} --out {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule sensitivity:
    input:
        LAYOUT.of_case("case.json", "runner.json", "solver.json", "solution.npz"),
        lambda wildcards: LAYOUT.needed(wildcards.case),
    output:
        f"{FOLDER}/{{case}}/sensitivities.csv",
    log:
        f"{FOLDER}/logs/{{case}}/sensitivity.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/sensitivity.tsv"
    wildcard_constraints:
        case=one_of(LAYOUT.differentiated),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        options=lambda wildcards: LAYOUT.options(wildcards.case),
        folder=subpath(output[0], parent=True),
    shell:
        "python -m simulations.sensitivity --case {params.folder:q} {params.options}"
        " 2>&1 | tee {log:q} >&2"


rule track:
    input:
        as_asked(
            f"{FOLDER}/{{case}}/request.json",
            lambda w: ASKED.solve(w.case),
            solve=True,
        ),
        ancient(OBJECTIVES),
        case=f"{FOLDER}/{{case}}/case.json",
        runner=f"{FOLDER}/{{case}}/runner.json",
        norms=NORMS,
        heads=lambda wildcards: (
            HEADS if LAYOUT.cases[wildcards.case].reference.lifted_from else []
        ),
        rungs=lambda wildcards: LAYOUT.rungs(LAYOUT.cases[wildcards.case].reference),
    output:
        LAYOUT.of_case(*MOTION, "solution.npz"),
        solver=f"{FOLDER}/{{case}}/solver.json",
        request=f"{FOLDER}/{{case}}/request.json",
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
        request=lambda wildcards: ASKED.solve(wildcards.case),
        folder=subpath(output.solver, parent=True),
    shell:
        "python -m simulations.track --runner {params.folder:q} --norms {input.norms:q}"
        " {params.options} --out {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule track_measured:
    input:
        as_asked(
            f"{FOLDER}/{{case}}/request.json",
            lambda w: ASKED.solve(w.case),
            solve=True,
        ),
        lambda wildcards: LAYOUT.trial(LAYOUT.cases[wildcards.case].runner),
        case=f"{FOLDER}/{{case}}/case.json",
        runner=f"{FOLDER}/{{case}}/runner.json",
    output:
        LAYOUT.of_case(*MOTION, "solution.npz", "tracked.json", "tracked.csv"),
        solver=f"{FOLDER}/{{case}}/solver.json",
        request=f"{FOLDER}/{{case}}/request.json",
    log:
        f"{FOLDER}/logs/{{case}}/track_measured.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/track_measured.tsv"
    wildcard_constraints:
        case=LAYOUT.pattern(LAYOUT.solved("track_measured")),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        options=lambda wildcards: LAYOUT.tracking_trial(wildcards.case),
        request=lambda wildcards: ASKED.solve(wildcards.case),
        folder=subpath(output.solver, parent=True),
    shell:
        "python -m simulations.track --runner {params.folder:q} {params.options}"
        " --threads {threads} --out {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule inverse:
    input:
        as_asked(
            f"{FOLDER}/{{case}}/request.json",
            lambda w: ASKED.solve(w.case),
            solve=True,
        ),
        ancient(OBJECTIVES),
        f"{FOLDER}/{{case}}/case.json",
        f"{FOLDER}/{{case}}/runner.json",
        lambda wildcards: LAYOUT.trial(LAYOUT.cases[wildcards.case].runner),
    output:
        LAYOUT.of_case(*MOTION, "inverse.json", "shares.csv"),
        solver=f"{FOLDER}/{{case}}/solver.json",
        request=f"{FOLDER}/{{case}}/request.json",
    log:
        f"{FOLDER}/logs/{{case}}/inverse.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/inverse.tsv"
    wildcard_constraints:
        case=LAYOUT.pattern(LAYOUT.solved("inverse")),
    conda:
        "../environment.yaml"
    threads: 3  # as many starts are solved at a time; Snakemake takes no more than it has
    resources:
        mem_mb=3000,
    params:
        trial=lambda wildcards: LAYOUT.trials[LAYOUT.cases[wildcards.case].runner],
        request=lambda wildcards: ASKED.solve(wildcards.case),
        folder=subpath(output.solver, parent=True),
    shell:
        "python -m simulations.inverse --case {params.folder:q} --trial {params.trial:q}"
        " --threads {threads} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"
