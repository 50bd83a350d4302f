# What it means: certificate, outcomes, tables, verdicts, figures, animation, report.
import shlex

# The rule that the study is judged by, and the hashes of those that are frozen.
CLAIMS = f"{FOLDER}/claims.yaml"
FROZEN = shipped("config/claims.sha256", "config/claims_v2.sha256")
SOCKET = shipped("analysis/socket.yaml")
SCORED = shipped("analysis/norms.csv")
VERDICTS = f"{FOLDER}/claims.json"
STRENGTH_NORMS = shipped("analysis/strength_norms.csv")
TIMING = shipped("analysis/muscle_timing.csv")
MEAN_CURVES = [NORMS, *SCORED]
# Each figure, with what it draws beside outcomes.csv: the verdicts or tables that are shipped, and
# the tables of each case.
FIGURES = {
    "answer": ([VERDICTS], []),
    "cup": (SOCKET, ["head"]),
    "demand": ([], []),
    "dose_effect_by_habit": ([VERDICTS], []),
    "dose_response": ([f"{FOLDER}/dynamometer.csv", *STRENGTH_NORMS], []),
    "gait_by_dose": (MEAN_CURVES, ["curves"]),
    "gluteal_activation": (TIMING, ["curves"]),
    "ground_force": (MEAN_CURVES, ["curves"]),
    "head_displacement": ([], ["head"]),
    "hip_force_direction": ([], ["curves"]),
    "muscle_timing": (TIMING, ["curves"]),
    "muscles_in_motion": ([], []),
    "norm_stick_figures": (MEAN_CURVES, ["positions"]),
    "norms_scorecard": (SCORED, []),
    "over_striding": ([], []),
    "socket_tornado": ([], ["robustness"]),
    "stick_figures": ([], ["positions"]),
    "strength": ([f"{FOLDER}/dynamometer.csv", *STRENGTH_NORMS], []),
    "verdict": ([VERDICTS], []),
}
SCENES = ["muscles_in_motion"]  # figures of the runner themselves

# What only a study of some kind has.
KEPT = LAYOUT.solved("inverse")
if KEPT:
    FIGURES |= dict.fromkeys(
        ["measured_activations", "measured_emg", "measured_moments"], ([], ["shares"])
    )
if len(KEPT) == len(LAYOUT.cases):  # the motion does not change, and there is no habit
    del FIGURES["over_striding"], FIGURES["dose_effect_by_habit"]
if all(case.dose_percent == 100 for case in LAYOUT.cases.values()):
    del FIGURES["dose_response"]
if LAYOUT.differentiated:
    FIGURES["sensitivity"] = (
        [
            *expand(f"{FOLDER}/{{case}}/sensitivities.csv", case=LAYOUT.differentiated),
            *expand(f"{FOLDER}/{{case}}/runner.json", case=LAYOUT.cases),
        ],
        [],
    )


rule rule_copy:
    input:
        as_asked(f"{FOLDER}/claims.request.json", lambda _: ASKED.rule()),
        FROZEN,
        rule=str(LAYOUT.rule),
    output:
        rule=CLAIMS,
        request=f"{FOLDER}/claims.request.json",
    log:
        f"{FOLDER}/logs/rule_copy.log",
    benchmark:
        f"{FOLDER}/benchmarks/rule_copy.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        request=ASKED.rule(),
    shell:
        "python -m study.claims {input.rule:q} --out {output.rule:q} > {log:q} 2>&1"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule agreement:
    input:
        f"{FOLDER}/{{case}}/outcomes.json",
        SCORED,
        SOCKET,
        CLAIMS,
        TIMING,
        expand(
            f"{FOLDER}/{{{{case}}}}/{{{{how}}}}/{{file}}",
            file=[
                "solver.json",
                "case.json",
                "runner.osim",
                "runner.json",
                *MOTION_FILES,
            ],
        ),
    output:
        f"{FOLDER}/{{case}}/agreement_{{how}}.json",
        f"{FOLDER}/{{case}}/{{how}}/curves.csv",
        f"{FOLDER}/{{case}}/{{how}}/energy_audit.csv",
        f"{FOLDER}/{{case}}/{{how}}/scorecard.csv",
        f"{FOLDER}/{{case}}/{{how}}/certificate.json",
        again=f"{FOLDER}/{{case}}/{{how}}/outcomes.json",
    log:
        f"{FOLDER}/logs/{{case}}/agreement_{{how}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/agreement_{{how}}.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        folder=subpath(output[0], parent=True),
        again=subpath(output.again, parent=True),
    shell:
        "(python -m analysis.outcomes --case {params.again:q}"
        " && python -m analysis.certify --case {params.again:q}"
        " && python -m analysis.agreement --case {params.folder:q} --again {params.again:q})"
        " 2>&1 | tee {log:q} >&2"


rule convergence:
    input:
        expand(
            f"{FOLDER}/{{case}}/agreement_{{how}}.json",
            case=LAYOUT.checkable,
            how=["fine", LAYOUT.starts_elsewhere[0]],
        ),
    output:
        f"{FOLDER}/convergence.csv",
    log:
        f"{FOLDER}/logs/convergence.log",
    benchmark:
        f"{FOLDER}/benchmarks/convergence.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "python -m analysis.convergence --study {params.folder:q} 2>&1 | tee {log:q} >&2"


rule replay:
    input:
        MEASURED,
        lambda wildcards: (
            LAYOUT.of_case("inverse.json") if LAYOUT.cases[wildcards.case].kept else []
        ),
        SCORED,
        SOCKET,
        TIMING,
    output:
        f"{FOLDER}/{{case}}/replay.npz",
        f"{FOLDER}/{{case}}/outcomes.json",
        LAYOUT.of_case("curves.csv", "energy_audit.csv", "scorecard.csv"),
        LAYOUT.of_case("head.json", "head.csv", "hip_loads.csv"),
        LAYOUT.of_case("two_way.json", "robustness.csv", "positions.csv"),
        LAYOUT.of_case("scene.json", "coordinates.mot"),
    log:
        f"{FOLDER}/logs/{{case}}/replay.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/replay.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "python -m analysis.replay --case {params.folder:q} 2>&1 | tee {log:q} >&2"


rule certify:
    input:
        as_asked(
            f"{FOLDER}/{{case}}/certify.request.json", lambda w: ASKED.certify(w.case)
        ),
        MEASURED,
        f"{FOLDER}/{{case}}/replay.npz",
        lambda wildcards: (
            LAYOUT.of_case("inverse.json") if LAYOUT.cases[wildcards.case].kept else []
        ),
        branch(
            lambda wildcards: LAYOUT.mesh_checked(wildcards.case),
            then=f"{FOLDER}/{{case}}/agreement_fine.json",
        ),
    output:
        certificate=f"{FOLDER}/{{case}}/certificate.json",
        request=f"{FOLDER}/{{case}}/certify.request.json",
    log:
        f"{FOLDER}/logs/{{case}}/certify.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/certify.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        request=lambda wildcards: ASKED.certify(wildcards.case),
        folder=subpath(output.certificate, parent=True),
    shell:
        "python -m analysis.certify --case {params.folder:q} 2>&1 | tee {log:q} >&2"
        " && printf '%s' {params.request:q} > {output.request:q}"


rule collect:
    input:
        f"{FOLDER}/cases.csv",
        expand(
            f"{FOLDER}/{{case}}/{{file}}.json",
            case=LAYOUT.cases,
            file=["solver", "certificate", "outcomes", "head", "two_way"],
        ),
    output:
        f"{FOLDER}/outcomes.csv",
    log:
        f"{FOLDER}/logs/collect.log",
    benchmark:
        f"{FOLDER}/benchmarks/collect.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "python -m analysis.collect --study {params.folder:q} 2>&1 | tee {log:q} >&2"


rule lewis:
    input:
        f"{FOLDER}/runners/spatial/runner.osim",
        f"{FOLDER}/runners/spatial/runner.json",
        rule=CLAIMS,
        style=str(LAYOUT.style),
    output:
        csv=f"{FOLDER}/lewis.csv",
        json=f"{FOLDER}/lewis.json",
        png=f"{FOLDER}/figures/lewis.png",
        svg=f"{FOLDER}/figures/lewis.svg",
        pdf=f"{FOLDER}/figures/lewis.pdf",
        drawn=f"{FOLDER}/figures/lewis.csv",
        caption=f"{FOLDER}/figures/lewis.txt",
    log:
        f"{FOLDER}/logs/lewis.log",
    benchmark:
        f"{FOLDER}/benchmarks/lewis.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        runner=subpath(input[0], parent=True),
        figures=subpath(output.png, parent=True),
    shell:
        "(python -m analysis.lewis --runner {params.runner:q} --out {output.csv:q}"
        " && python -m analysis.figures.lewis --table {output.csv:q} --out {params.figures:q}"
        " --style {input.style:q})"
        " 2>&1 | tee {log:q} >&2"


rule claims:
    input:
        f"{FOLDER}/cases.csv",
        f"{FOLDER}/outcomes.csv",
        FROZEN,
        f"{FOLDER}/dynamometer.csv",
        rule=CLAIMS,
        lewis=f"{FOLDER}/lewis.json" if "spatial" in LAYOUT.runners else [],
        second=expand(
            f"{FOLDER}/{{case}}/agreement_{{how}}.json",
            case=LAYOUT.null_controls,
            how=LAYOUT.starts_elsewhere,
        ),
    output:
        f"{FOLDER}/claims.json",
        f"{FOLDER}/verdict.csv",
    log:
        f"{FOLDER}/logs/claims.log",
    benchmark:
        f"{FOLDER}/benchmarks/claims.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "python -m analysis.claims --study {params.folder:q} --claims {input.rule:q}"
        " > {log:q} 2>&1"


rule people:
    input:
        f"{FOLDER}/cases.csv",
        f"{FOLDER}/outcomes.csv",
        f"{FOLDER}/dynamometer.csv",
        expand(f"{FOLDER}/runners/{{person}}/person.json", person=LAYOUT.people),
    output:
        f"{FOLDER}/people.csv",
    log:
        f"{FOLDER}/logs/people.log",
    benchmark:
        f"{FOLDER}/benchmarks/people.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "python -m analysis.people --study {params.folder:q} 2>&1 | tee {log:q} >&2"


rule mechanisms:
    input:
        f"{FOLDER}/cases.csv",
        f"{FOLDER}/outcomes.csv",
        CLAIMS,
        shipped("analysis/mechanisms.yaml"),
        expand(f"{FOLDER}/{{case}}/solver.json", case=LAYOUT.mechanisms),
    output:
        f"{FOLDER}/mechanisms.csv",
    log:
        f"{FOLDER}/logs/mechanisms.log",
    benchmark:
        f"{FOLDER}/benchmarks/mechanisms.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "python -m analysis.mechanisms --study {params.folder:q} 2>&1 | tee {log:q} >&2"


rule spread:
    input:
        f"{FOLDER}/cases.csv",
        f"{FOLDER}/outcomes.csv",
        f"{FOLDER}/{{case}}/sensitivities.csv",
        lambda wildcards: [
            f"{FOLDER}/runners/{drawn.runner}_draw{drawn.draw}/draw.json"
            for drawn in map(LAYOUT.cases.get, LAYOUT.drawn_around(wildcards.case))
        ],
        widths=shipped("models/parameters/draws.yaml"),
    output:
        f"{FOLDER}/{{case}}/spread.csv",
        f"{FOLDER}/{{case}}/spread_draws.csv",
    log:
        f"{FOLDER}/logs/{{case}}/spread.log",
    benchmark:
        f"{FOLDER}/benchmarks/{{case}}/spread.tsv"
    wildcard_constraints:
        case=one_of(LAYOUT.differentiated),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=subpath(output[0], ancestor=2),
    shell:
        "python -m analysis.spread --study {params.folder:q} --case {wildcards.case:q}"
        " --widths {input.widths:q} 2>&1 | tee {log:q} >&2"


rule figure:
    input:
        f"{FOLDER}/cases.csv",
        f"{FOLDER}/outcomes.csv",
        CLAIMS,  # who lacks an endpoint, and how little may fill an axis
        lambda wildcards: FIGURES[wildcards.figure][0],
        lambda wildcards: expand(
            f"{FOLDER}/{{case}}/{{table}}.csv",
            case=KEPT if "shares" in FIGURES[wildcards.figure][1] else LAYOUT.cases,
            table=FIGURES[wildcards.figure][1],
        ),
        branch(
            lambda wildcards: wildcards.figure in SCENES,
            then=expand(f"{FOLDER}/{{case}}/scene.json", case=LAYOUT.cases),
        ),
        style=str(LAYOUT.style),
    output:
        png=f"{FOLDER}/figures/{{figure}}.png",
        svg=report(
            f"{FOLDER}/figures/{{figure}}.svg",
            caption="report/workflow_figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        pdf=f"{FOLDER}/figures/{{figure}}.pdf",
        csv=f"{FOLDER}/figures/{{figure}}.csv",
        caption=f"{FOLDER}/figures/{{figure}}.txt",
        more=directory(f"{FOLDER}/figures/more/{{figure}}"),
    log:
        f"{FOLDER}/logs/figures/{{figure}}.log",
    benchmark:
        f"{FOLDER}/benchmarks/figures/{{figure}}.tsv"
    wildcard_constraints:
        figure=one_of(FIGURES),
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        folder=subpath(output.png, ancestor=2),
    shell:
        "python -m analysis.figures.{wildcards.figure} --study {params.folder:q}"
        " --style {input.style:q} 2>&1 | tee {log:q} >&2"


rule animation:
    input:
        f"{FOLDER}/cases.csv",
        f"{FOLDER}/outcomes.csv",
        expand(
            f"{FOLDER}/{{case}}/{{file}}",
            case=LAYOUT.cases,
            file=["scene.json", "positions.csv"],
        ),
        MEAN_CURVES,
        style=str(LAYOUT.style),
    output:
        f"{FOLDER}/animation/running.mp4",
        f"{FOLDER}/animation/running.gif",
        multiext(f"{FOLDER}/animation/beside_runners", ".mp4", ".gif"),
    log:
        f"{FOLDER}/logs/animation.log",
    benchmark:
        f"{FOLDER}/benchmarks/animation.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        folder=subpath(output[0], ancestor=2),
    shell:
        "python -m analysis.animation --study {params.folder:q} --style {input.style:q}"
        " 2>&1 | tee {log:q} >&2"


# What the chapter on the exercises shows (analysis.report.exercise_chapter.CHAPTER): of that study where
# it stands beside this one, else what the checkout keeps of it, else there is none.
CHAPTER = [
    *("exercises.csv", "exercises_published.csv", "exercises_by_hand.csv"),
    "exercises_chain.json",
    *("figures/exercises_chain.svg", "figures/exercises_chain.txt"),
    *("figures/exercises_stimulus.svg", "figures/exercises_stimulus.txt"),
]
EXERCISES = next(
    (
        folder
        for folder in (
            RESULTS / "exercises",
            CHECKOUT / "results" / "reference" / "exercises",
        )
        if all((folder / name).is_file() for name in CHAPTER)
    ),
    None,
)


rule report:
    input:
        [str(EXERCISES / name) for name in CHAPTER] if EXERCISES else [],
        shipped("CITATION.cff", "config/claims.yaml"),
        f"{FOLDER}/config.yaml",
        f"{FOLDER}/cases.csv",
        f"{FOLDER}/outcomes.csv",
        f"{FOLDER}/dynamometer.csv",
        VERDICTS,
        f"{FOLDER}/animation/running.mp4",
        f"{FOLDER}/animation/beside_runners.mp4",
        expand(
            f"{FOLDER}/figures/{{figure}}.{{kind}}",
            figure=FIGURES,
            kind=["svg", "txt"],
        ),
        (
            multiext(f"{FOLDER}/figures/lewis", ".svg", ".txt")
            if "spatial" in LAYOUT.runners
            else []
        ),
        expand(
            f"{FOLDER}/{{case}}/{{file}}",
            case=LAYOUT.cases,
            file=[
                "case.json",
                "certificate.json",
                "scene.json",
                "solver.json",
            ],
        ),
        SCORED,
        SOCKET,
        CLAIMS,
        FROZEN,
        STRENGTH_NORMS,
        shipped(
            "analysis/report/exercises_chapter.html.j2",
            "analysis/report/report.css",
            "analysis/report/report.html.j2",
            "analysis/report/viewer.js",
            "analysis/report/viewer_curves.js",
            "analysis/report/viewer_gl.js",
            "analysis/report/viewer_pose.js",
        ),
    output:
        f"{FOLDER}/report.html",
        f"{FOLDER}/report.json",
    log:
        f"{FOLDER}/logs/report.log",
    benchmark:
        f"{FOLDER}/benchmarks/report.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        folder=subpath(output[0], parent=True),
        exercises=f"--exercises {shlex.quote(str(EXERCISES))}" if EXERCISES else "",
    shell:
        "python -m analysis.report.build --study {params.folder:q} {params.exercises}"
        " > {log:q} 2>&1"


rule provenance:
    input:
        lambda wildcards: TARGETS,
    output:
        f"{FOLDER}/ro-crate-metadata.json",
    log:
        f"{FOLDER}/logs/provenance.log",
    benchmark:
        f"{FOLDER}/benchmarks/provenance.tsv"
    conda:
        "../environment.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "python -m analysis.provenance --study {params.folder:q} 2>&1 | tee {log:q} >&2"
