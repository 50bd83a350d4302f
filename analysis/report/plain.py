"""What the numbers mean, in plain words, for who has never seen the project."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.figures.study import PERSON
from analysis.verdict import statements
from analysis.verdict.answer import paragraph
from analysis.verdict.endpoints import INCONCLUSIVE
from analysis.verdict.statements import unit
from analysis.verdict.trust import control_name, trust
from formats.verdicts import ClaimVerdict, EndpointVerdict, ReadingVerdict

VERDICTS = {
    "supported": "The simulation agrees with this.",
    "contradicted": "The simulation shows the opposite.",
    "real but small": "The simulation moves, surely and in most people the same way, but by less "
    "than the smallest effect stated beforehand.",
    "no meaningful effect": "In the simulation, the mean change is less than the smallest effect "
    "stated beforehand.",
    "inconclusive": "This study cannot tell.",
}
CONTROLS = {
    "null": "nothing changed: the 100 % run solved again from another start",
    "negative": "something unrelated weakened: the muscles that bend the toes",
    "step_rate": "quicker and slower steps must change landing as in measured runners",
    "cost_of_step_rate": "the runner's own step rate must be the cheapest, as in measured runners",
    "speed": "faster running must change steps and forces as in measured runners",
    "spring": "a rubber band between the feet must cheapen running as in measured runners",
    "lewis": "weak muscles in prone hip extension must raise the force on the front of the hip",
}
METHOD = {
    "predict": "A model of bones, joints, muscles and tendons (OpenSim; Rajagopal 2015 unless the "
    "configuration names another) runs by itself: nothing but its speed is prescribed. A computer "
    "searches for the stride that costs least, in energy and effort and in deviating from the "
    "runner's own habit, while the laws of motion hold exactly. Then the muscles in question are "
    "made weaker or stronger, and the search is repeated. All else stays the same, so what changes "
    "is due to strength.",
    "track": "A model of bones, joints, muscles and tendons (OpenSim; Rajagopal 2015 unless the "
    "configuration names another) follows the mean motion of measured runners as closely as the "
    "laws of motion and its muscles let it. Then the muscles in question are made weaker or "
    "stronger, and it follows the same motion again.",
    "track_measured": "The model of a measured runner stands on contact spheres of its own and "
    "follows the measured motion as closely as the laws of motion and its muscles let it; nothing "
    "holds the pelvis, and the ground force is an outcome. Then the muscles in question are made "
    "weaker or stronger, and it follows the same motion again.",
    "inverse": "The motion and the ground force of a measured runner are kept as they are, at "
    "every strength. A computer searches for the least activations with which the muscles of the "
    "runner's own model give the joint moments of that motion. Then the muscles in question are "
    "made weaker or stronger, and the search is repeated: what moves is what the muscles do and "
    "what the hip carries. The landing cannot move, so a measured runner says nothing about it.",
}
"""How it was done, by `problem`."""
CHECKS = {
    "acceleration": "OpenSim computes the same accelerations",
    "ground_force": "OpenSim computes the same ground force",
    "tendon_equilibrium": "muscle and tendon are in balance",
    "pelvis_force": "no unexplained force on the pelvis",
    "pelvis_moment": "no unexplained moment on the pelvis",
    "joint_moment": "muscle paths give the same joint moments as the model's own",
    "forward_speed": "the runner moves at the stated speed",
    "active_bounds": "no limit of the search holds the result",
    "energy_balance": "energy is neither made nor lost",
    "collocation": "the motion obeys its equations between the nodes",
    "stride_closes": "the stride ends as it began",
    "mesh_doubling": "a mesh twice as fine says the same",
}
CLAIMS = {
    "landing": "Where the foot lands",
    "reciprocal": "What the glutes do",
    "centring": "Where the ball of the hip sits",
}
READING = (
    "The verdict on centring depends on how the tendon of the iliopsoas is read where it crosses "
    "the front of the hip. OpenSim lets it press on the pelvis; in the body it presses on the "
    "femoral head and pushes it backward. How the load is shared is not known here, so both "
    "readings are computed and shown, and neither may be quoted alone."
)
SHARED = (
    " A third, the best estimate, shares the load by how far the hip is bent: measured is when the "
    "tendon steadies the head, how much of it lies there is assumed."
)
"""After READING, where the rule asks for the shared tendon too."""
ONE_RUNNER = (
    "One generic runner (or the models named below), not a group of people. A simulation gives the "
    "same answer each time, so its spread comes from varying the model, the objective and the "
    "speed, not from sampling runners."
)
PEOPLE = (
    "People drawn from published tables of body size, proportions and strength, not measured ones: "
    "each is one model scaled, and they all run by the same objective."
)
LIMITS = (
    "Muscles have a fixed strength: the model shows what is demanded of them, not how they would "
    "grow with training, tire, or be inhibited by pain.",
    "What a runner minimises is an assumption (energy, effort, and keeping to their habit). "
    "Results are shown over several of these where the study has them.",
    "The hip is a ball joint while running; how the head moves in the socket is computed "
    "afterwards, from the force, and feels its assumed geometry and stiffness.",
    "A prediction is not an experiment. Where it speaks against the article, it says that this "
    "mechanism does not follow from these mechanics; where it speaks for it, that it could.",
)


NO_VERDICT = (
    "a verdict compares strengths, and this study has certified runs at 100 % strength only, or "
    "was not judged"
)


UNROUNDED = 6
"""Digits of what `typeset` is to round: of 1.0499 as 1.05 it would make 1.1."""


def typeset(text: str) -> str:
    """A statement with a real minus before its negative numbers, and these to two digits."""
    return minus(re.sub(r"(?<![\w.])\d+\.\d+(?![\w.]*\d)", _two_digits, text))


def minus(text: str) -> str:
    """A statement with a real minus before its negative numbers, its digits as they are."""
    return re.sub(r"(?<!\w)-(?=[\d.])", "−", text)


def _two_digits(found: re.Match[str]) -> str:
    """A number with a decimal point to two significant digits; 0.030 stays a number, no 3e-02."""
    value = float(found[0])
    if value == 0.0 or value >= 100:
        return f"{value:.0f}"
    digits = 1 - int(np.floor(np.log10(value)))
    return f"{round(value, digits):.{max(digits, 0)}f}"


def lead(claims: Mapping[str, ClaimVerdict], outcomes: pd.DataFrame) -> str:
    """The answer: what moved, verdicts counted, whether to trust them, runs certified."""
    certified = int((outcomes["status"] == "certified").sum())
    runs = f"{certified} of {len(outcomes)} runs are certified in OpenSim."
    if not claims:
        return f"No claim is judged: {NO_VERDICT}. {runs}"
    counts = Counter(entry["verdict"] for entry in claims.values())
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.most_common())
    held = [name for name, entry in claims.items() if trust(entry).trusted]
    text = f"Of {len(claims)} claims: {told}. "
    if len(claims) > 1 and len(counts) == 1:
        text = f"All {len(claims)} claims: {next(iter(counts))}. "
    unsure = [entry for entry in claims.values() if entry["verdict"] == INCONCLUSIVE]
    reasons = [reason for reason in dict.fromkeys(map(why, unsure)) if reason]
    if reasons:
        text += f"Why inconclusive: {'; '.join(reasons)}. "
    if len(held) == len(claims):
        text += "All verdicts are trusted: every control passed. "
    else:
        names = ", ".join(CLAIMS.get(name, name).lower() for name in held)
        some = f"Trusted: {names} alone; of the others" if names else "None is trusted: of each"
        text += f"{some}, a control failed or was not run. "
    return " ".join(part for part in (changes(claims), text + runs) if part)


def changes(claims: Mapping[str, ClaimVerdict]) -> str:
    """Which of the primary endpoints go as claimed and which against it, and which matter.

    Each by its first reading; empty without a result.
    """
    ways = Counter[bool]()
    beyond: list[str] = []
    causes: list[str] = []
    for entry in claims.values():
        for one in entry["primary"]:
            _, found = next(statements.readings(one))
            size = statements.size_of(found)
            if not size:
                continue
            as_claimed = (size > 0) == (statements.claimed(one) == "rises")
            ways[as_claimed] += 1
            causes.append(typeset(statements.cause(one)))
            if one["smallest_effect"] and abs(size) >= one["smallest_effect"]:
                told = f"{statements.label(one, '')} {statements.short(one, found)[0]}"
                beyond.append(f"{told}, {'as claimed' if as_claimed else 'against the claim'}")
    if not causes:
        return ""
    named = "; ".join(beyond) or "none"
    return (
        f"With {causes[0]}, {ways[True]} of {len(causes)} main quantities change as claimed and "
        f"{ways[False]} the other way. By more than the smallest change that would matter: {named}."
    )


def why(entry: ClaimVerdict) -> str:
    """Why a claim is inconclusive, if all its endpoints share the reason; else empty."""
    reasons = {part.partition(": ")[2] for part in str(entry["reason"]).split("; ")}
    shared = reasons.pop().removeprefix(INCONCLUSIVE).strip() if len(reasons) == 1 else ""
    return shared.removeprefix("(").removesuffix(")")


def number(value: float | None, digits: int = 3) -> str:
    """A number with its sign, or a dash."""
    if value is None or pd.isna(value):
        return "–"
    return typeset(statements.number(value, digits))


def moved(one: EndpointVerdict, found: ReadingVerdict) -> str:
    """What strength does to an endpoint, what over the whole range, and on its steepest piece."""
    effect = statements.size_of(found)
    if effect is None:
        return f"no result ({found['reason']})"
    direction = "does not move"
    if effect:
        direction = "rises" if effect > 0 else "falls"
    factor, _ = unit(one)
    size = statements.with_unit(f"{abs(effect) * factor:.3g}", one)
    text = direction
    if effect:
        text += f" by {size} {statements.in_words(one)}"
    if one["smallest_effect"]:
        small = abs(effect) < one["smallest_effect"]
        text += f"; that is {'less' if small else 'more'} than the smallest effect, "
        text += statements.smallest_effect(one)
    expected = statements.claimed(one)
    if effect and direction != expected:
        text += f"; the article would have it {expected.removesuffix('s')}"
    seen = statements.over_range(one, found)
    text += f". Over all doses studied: {seen}" if seen else ""
    steep = statements.steepest(one, found)
    text += f". Steepest from {steep}" if steep else ""
    return typeset(text)


def answer(entry: ClaimVerdict) -> str:
    """A claim's verdict in one or two sentences, and what its mean slope hides."""
    text = VERDICTS.get(entry["verdict"], entry["verdict"])
    if entry["verdict"] == "inconclusive" and "contrasts" not in entry:
        variants = entry["counts"]["variants"]
        if variants < 2:
            text += " It has a single variant of the runner, hence no spread: one point without "
            text += "spread is no verdict, whatever its value."
        else:
            text += f" The reason: {entry['reason']}."
    whole = paragraph(entry)
    if whole:
        text += f" {typeset(whole)}"
    bends = statements.bends(entry)
    if bends:
        text += f" But not everywhere: {typeset('; '.join(bends))}."
    return text


def habit(entry: ClaimVerdict) -> str:
    """Over which habit weights a verdict holds."""
    found = entry["habit_range"]
    held = ", ".join(f"{w:g}" for w in found["holds_at"])
    if len(found["verdicts"]) == 1:
        return f"only {held} was tried"
    if not found["differs_at"]:
        return f"the same verdict at every one tried ({held})"
    other = "; ".join(
        f"{v['verdict']} at {v['habit_weight']:g}"
        for v in found["verdicts"]
        if v["habit_weight"] in found["differs_at"]
    )
    return f"this verdict at {held}, but {other}"


def trust_points(
    claims: Mapping[str, ClaimVerdict], outcomes: pd.DataFrame, norms: list[str]
) -> list[tuple[str, str]]:
    """How far to trust the study: pairs of `good`, `bad` or `note`, and a sentence each."""
    points: list[tuple[str, str]] = []
    failed = int((outcomes["status"] != "certified").sum())
    text = f"{len(outcomes) - failed} of {len(outcomes)} runs are certified: replayed in OpenSim, "
    text += "they obey the laws of motion within the limits listed below."
    if failed:
        text += f" {failed} failed and are left out of every result; they are listed with reasons."
    points.append(("bad" if failed else "good", text))
    believed = [("note" if word.startswith("no ") else _believable(word), word) for word in norms]
    first = next(iter(claims.values()), None)
    if first is None:
        return [*points, ("bad", f"No claim is judged: {NO_VERDICT}."), *believed]
    rule = first["rule"]
    if rule["changed"]:
        points.append(
            (
                "bad",
                "The claims file was CHANGED: it is not the rule that was frozen before the runs. "
                "The verdicts below follow the changed file.",
            )
        )
    else:
        points.append(
            ("good", "The rule that decides was written before the runs and has not been changed.")
        )
    variants = first["counts"]["variants"]
    if "contrasts" in first:
        used = first["primary"][0]["people_used"]
        counted = f"Effects are means over {used} {'person' if used == 1 else 'people'} who count."
        points.append(("bad" if used < 2 else "good", counted))
    elif variants < 2:
        text = "There is one variant of the runner only. One point without spread is no verdict: "
        text += "the study shows tendencies, and decides nothing."
        points.append(("bad", text))
    else:
        points.append(("good", f"Effects are averages over {variants} variants of the runner."))
    points += _controls(claims)
    points += believed
    points += [("note", text) for text in dict.fromkeys(map(reading, claims.values())) if text]
    predicted = (outcomes["problem"] == "predict").any()
    if predicted and len(first["habit_range"]["verdicts"]) == 1:
        points.append(
            (
                "bad",
                "One habit weight only: whether the effects depend on how free the motion is "
                "cannot be seen here.",
            )
        )
    return points


def reading(entry: ClaimVerdict) -> str:
    """How the tendon is read, where a claim asks for more than one reading; else empty."""
    named = entry["primary"][0].get("readings") or {}
    if not named:
        return ""
    return READING + (SHARED if len(named) > 2 else "")


def limits(outcomes: pd.DataFrame) -> list[str]:
    """What the study cannot show, by who ran."""
    runners = outcomes.get("runner", pd.Series(dtype=str)).astype(str)
    people = runners.str.fullmatch(PERSON.pattern)
    if runners.empty:
        return [ONE_RUNNER, *LIMITS]
    first = [PEOPLE] if people.all() else [ONE_RUNNER] if not people.any() else [ONE_RUNNER, PEOPLE]
    return [*first, *LIMITS]


def subject(first: ClaimVerdict | None, arms: list[str]) -> str:
    """Whose claims are judged, and what was changed, before "This study ..".

    arms: those whose strength the study changes. The link to the article is the template's.
    """
    named = " and ".join(arm.replace("_", " ") for arm in arms) or "nothing"
    text = "This study turned each claim into numbers, changed the strength of the muscles in "
    text += f"question ({named}) in a simulated runner, and looked at what the numbers did. "
    if first is not None and first["rule"]["changed"]:
        return f"The claims are those of {first['rule']['file']}. {text}"
    return text + "A result against the article counts as much as one for it."


def methods(outcomes: pd.DataFrame) -> list[str]:
    """How the runs of a study were found: a paragraph for each `problem` among them."""
    problems = set(outcomes["problem"])
    return [text for problem, text in METHOD.items() if problem in problems]


def _believable(word: str) -> str:
    return "bad" if "not believable" in word or "not certified" in word else "good"


def _controls(claims: Mapping[str, ClaimVerdict]) -> list[tuple[str, str]]:
    """A point for each claim: trusted or not, and by which of its controls."""
    return [
        (
            "good" if trust(entry).trusted else "bad",
            f"{CLAIMS.get(name, name)} ({name}): the verdict is {trust(entry).words}.",
        )
        for name, entry in claims.items()
    ]


def control(name: str) -> str:
    """A control's name and what it asks."""
    told = CONTROLS.get(name)
    return f"{control_name(name)}: {told}" if told else control_name(name)
