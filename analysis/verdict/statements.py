"""What a verdict's numbers say, in words: for the terminal, the figures, the report and the tables.

Each function takes `one`, an endpoint's entry of claims.json, and `found`, the same or that of one
of its readings. Numbers are told in `unit(one)`; effects are per -10 % strength by the first
edition of the rule, of a contrast by the second; a range runs from the lowest dose to the highest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.figures.words import words
from analysis.verdict.endpoints import NO_EFFECT
from formats.verdicts import (
    ClaimVerdict,
    EndpointVerdict,
    OverRange,
    ReadingVerdict,
    Steepest,
    VariantEffect,
)

READABLE = {"m": (1000.0, "mm"), "1": (1.0, "")}
"""Units that are told otherwise than they are kept: factor, and words."""
OF_NORMAL = "% of the 100 % run"
"""Unit of an endpoint whose smallest effect is given in per cent (formats.claims)."""


def unit(one: EndpointVerdict) -> tuple[float, str]:
    """Factor into the unit in which an endpoint is told, and that unit (may be empty)."""
    kept = one.get("unit") or ""
    return READABLE.get(kept, (1.0, kept))


def number(value: float | None, digits: int = 3) -> str:
    """Significant digits with sign (a zero has none), or a dash."""
    if value is None:
        return "-"
    return f"{value:+.{digits}g}" if value else "0"


def readings(one: EndpointVerdict) -> Iterator[tuple[str, ReadingVerdict]]:
    """An endpoint's readings of the iliopsoas tendon in words, "" where it has but one."""
    several = one.get("readings")
    yield from several.items() if several else [("", one)]


def label(one: EndpointVerdict, reading: str) -> str:
    """An endpoint's name with its reading; its unit, where it is told in one, stands elsewhere."""
    name = str(one["label"])
    if name == str(one["endpoint"]).replace("_", " "):  # the rule gives it no name of its own
        name = words(one["endpoint"])
        name = name.partition(" (")[0] if one.get("unit") else name
    return f"{name} ({reading})" if reading else name


def with_unit(text: str, one: EndpointVerdict) -> str:
    """A number in words followed by the unit in which an endpoint is told."""
    return f"{text} {unit(one)[1]}".strip()


def interval(one: EndpointVerdict, ends: Sequence[float] | None, digits: int = 3) -> str:
    """ " [low, high]", or nothing where there is no spread."""
    if not ends:
        return ""
    low, high = (number(unit(one)[0] * end, digits) for end in ends)
    return f" [{low}, {high}]"


def size_of(found: ReadingVerdict | VariantEffect) -> float | None:
    """The mean effect, of whichever edition of the rule; None without a result."""
    size = found["effect"] if "effect" in found else found["effect_per_10_percent"]
    return None if size is None else float(size)


def cause(one: EndpointVerdict) -> str:
    """What an effect is of: "-10 % strength", or a contrast's strength, "60 % strength"."""
    return str(one.get("effect_of") or "-10 % strength")


def per(one: EndpointVerdict) -> str:
    """The cause after a size: "per -10 %", "at 60 % strength"."""
    return f"at {one['effect_of']}" if "effect_of" in one else "per -10 %"


def in_words(one: EndpointVerdict) -> str:
    """The cause after a size, in plain words."""
    if "effect_of" in one:
        return f"at {one['effect_of']}, against the runner's own 100 %"
    return "for every 10 % of strength lost, on average over the doses"


def claimed(one: EndpointVerdict) -> str:
    """The direction (rises, falls) in which the article has the effect go."""
    return str(one.get("claimed") or one["claimed_when_weaker"])


def effect(one: EndpointVerdict, found: ReadingVerdict, digits: int = 3) -> str:
    """The mean effect, e.g. "+0.761 [+0.684, +0.828] deg"; "no result"."""
    size = size_of(found)
    if size is None:
        return "no result"
    around = interval(one, found["interval"], digits)
    return with_unit(f"{number(unit(one)[0] * size, digits)}{around}", one)


def smallest_effect(one: EndpointVerdict) -> str:
    """The smallest effect with its unit, or a dash where none is stated."""
    size = one["smallest_effect"]
    return with_unit(f"{unit(one)[0] * size:g}", one) if size else "-"


def over_range(one: EndpointVerdict, found: ReadingVerdict, *, spread: bool = True) -> str:
    """An endpoint over all doses studied; empty without a result.

    E.g. "21.7 deg at 60 % strength, 14.7 at 140 %: -7.02 [-7.37, -6.63] deg (-32.3 %)"; without
    the intervals unless `spread`.
    """
    seen = found.get("over_range")
    if not seen:
        return ""
    factor, _ = unit(one)
    in_percent = one.get("unit") == OF_NORMAL
    digits = 4 if in_percent else 3  # of values about 100, a tenth
    ends = (seen["value_at_lowest"], seen["value_at_highest"])
    low, high = (f"{factor * value:.{digits}g}" for value in ends)
    low, high = (f"{low} %", f"{high} %") if in_percent else (with_unit(low, one), high)
    text = f"{low} at {seen['lowest_dose_percent']:g} % strength, "
    text += f"{high} at {seen['highest_dose_percent']:g} %: "
    around = interval(one, seen["difference_interval"]) if spread else ""
    text += with_unit(f"{number(factor * seen['difference'])}{around}", one)
    relative = seen["relative_change_percent"]
    if relative is not None and not in_percent:
        text += f" ({number(relative)} %)"
    return text + _fewer(one, seen)


def steepest(one: EndpointVerdict, found: ReadingVerdict, *, spread: bool = True) -> str:
    """An endpoint's steepest piece between neighbouring doses; empty without a result.

    E.g. "60 to 80 %: +1.77 [+1.71, +1.83] deg per -10 %, beyond the smallest effect"; without the
    interval unless `spread`.
    """
    seen = found.get("steepest")
    if not seen:
        return ""
    factor, _ = unit(one)
    around = interval(one, seen["interval"]) if spread else ""
    size = f"{number(factor * seen['effect_per_10_percent'])}{around}"
    size = f"{size} %" if one.get("unit") == OF_NORMAL else with_unit(size, one)
    text = f"{seen['from_dose_percent']:g} to {seen['to_dose_percent']:g} %: {size} per -10 %"
    if seen["beyond_smallest_effect"] is not None:
        beyond = seen["beyond_smallest_effect"]
        text += f", {'beyond' if beyond else 'within'} the smallest effect"
    return text + _fewer(one, seen)


def _fewer(one: EndpointVerdict, seen: OverRange | Steepest) -> str:
    used = one["variants_used"]
    return f" ({seen['variants']} of {used} variants)" if seen["variants"] < used else ""


def hidden_bend(found: ReadingVerdict) -> bool:
    """Whether the mean slope is within the smallest effect, but the steepest piece beyond it."""
    seen = found.get("steepest")
    return bool(seen and seen["beyond_smallest_effect"] and found["verdict"] == NO_EFFECT)


def bends(entry: ClaimVerdict) -> list[str]:
    """A sentence for each primary endpoint of a claim whose mean slope hides a steep piece."""
    told = []
    for one in entry["primary"]:
        for reading, found in readings(one):
            seen = found["steepest"]
            if seen and hidden_bend(found):
                size = number(unit(one)[0] * seen["effect_per_10_percent"])
                told.append(
                    f"{label(one, reading)}: the mean slope is within the smallest effect, but "
                    f"from {seen['from_dose_percent']:g} to {seen['to_dose_percent']:g} % strength "
                    f"the change is {with_unit(size, one)} per -10 %, beyond it"
                )
    return told


def beside(entry: ClaimVerdict) -> list[str]:
    """The secondary endpoints that move by more than a smallest effect over the doses studied."""
    told = []
    for one in entry["secondary"]:
        for reading, found in readings(one):
            seen = found.get("over_range")
            if seen and abs(seen["in_smallest_effects"] or 0.0) > 1.0:
                told.append(f"{label(one, reading)}: {over_range(one, found)}")
    return told


def people_moved(one: EndpointVerdict, found: ReadingVerdict) -> str:
    """In how many people an endpoint moves as claimed; empty by the first edition of the rule."""
    share = found.get("claimed_sign_percent")
    if share is None:
        return ""
    count = one["people_used"]
    return f"as claimed in {share:.0f} % of {count} {'person' if count == 1 else 'people'}"


def sources(one: EndpointVerdict) -> str:
    """What the spread is made of, e.g. "SD by body 0.4, by objective 0.1 mm"; empty if unknown."""
    known = {
        name: part["deviation"]
        for name, part in (one.get("components") or {}).items()
        if part["deviation"] is not None
    }
    factor, _ = unit(one)
    told = [f"by {name} {factor * deviation:.2g}" for name, deviation in known.items()]
    return with_unit(f"SD {', '.join(told)}", one) if told else ""


def power(one: EndpointVerdict) -> str:
    """What effect beyond its limit the people at hand, and 24, could show; empty if unknown."""
    seen = one.get("power")
    if not seen:
        return ""
    factor, _ = unit(one)
    sizes = [
        f"{with_unit(f'{factor * s:.2g}', one)} ({n} people)"
        for n, s in seen["detectable"].items()
        if s is not None
    ]
    return f"{seen['power_percent']:g} % power for effects beyond a limit by {', '.join(sizes)}"


def short(one: EndpointVerdict, found: ReadingVerdict) -> tuple[str, str, str]:
    """In few signs: an effect, the values at the ends of the doses, and which doses these are.

    E.g. ("−3.6 mm", "175 to 181 mm", "at 40 to 140 %"); "no result" and empty without.
    """
    size, (factor, name) = size_of(found), unit(one)
    name = "%" if name == OF_NORMAL else name
    effect = "no result" if size is None else f"{_two(factor * size, sign=True)} {name}".strip()
    seen = found.get("over_range")
    if not seen:
        return effect, "", ""
    # As many decimals as tell the difference.
    places = max(0, -_magnitude(factor * seen["difference"]))
    values = (seen["value_at_lowest"], seen["value_at_highest"])
    ends = [f"{factor * value:.{min(places, 3)}f}" for value in values]
    doses = [f"{seen['lowest_dose_percent']:g}", f"{seen['highest_dose_percent']:g}"]
    told = f"{' to '.join(ends)} {name}".strip()
    return effect, told.replace("-", "\N{MINUS SIGN}"), f"at {' to '.join(doses)} %"


def _magnitude(value: float) -> int:
    """Power of ten of the first digit of a number; 0 of 0."""
    return int(f"{value:e}".partition("e")[2]) if value else 0


def _two(value: float, *, sign: bool = False) -> str:
    """Two significant digits without an exponent, the minus a real one."""
    places = max(0, 1 - _magnitude(value))
    return f"{value:{'+' if sign and value else ''}.{places}f}".replace("-", "\N{MINUS SIGN}")
