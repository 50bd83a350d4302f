"""claims.json: each claim's verdict with all that stands beside it, as records; read and written.

Records of endpoints differ by the edition of the rule (formats.claims): the first tells an effect
per -10 % strength, the second that of a contrast; keys of one edition alone are `NotRequired`.
"""

from __future__ import annotations

from pathlib import Path
from typing import NotRequired, TypedDict, cast

from formats.files import write_json
from formats.untrusted import read_object

FILE = "claims.json"


class Factors(TypedDict, total=False):
    """What tells a stratum from the others: columns of cases.csv that its study has, a contrast."""

    problem: str
    arm: str
    side: str
    cadence: str
    habit_weight: float
    speed_m_s: float
    strength_scales: str
    contrast: str


class Spreading(TypedDict, total=False):
    """What tells a variant from the others of its stratum; dose_percent: of a contrast, there."""

    runner: str
    speed_m_s: float
    objective: str
    draw: int
    dose_percent: float


class VariantEffect(Spreading):
    """An endpoint's effect in one variant; doses: how many were certified."""

    effect_per_10_percent: NotRequired[float]
    effect: NotRequired[float]
    rho: float
    doses: int


class UnusedVariant(Spreading):
    """A variant without an effect, and why."""

    reason: str


class OverRange(TypedDict):
    """An endpoint at the lowest and the highest dose (%), in its unit; difference: high - low."""

    lowest_dose_percent: float
    highest_dose_percent: float
    value_at_lowest: float
    value_at_highest: float
    difference: float
    difference_interval: list[float] | None
    in_smallest_effects: float | None
    relative_change_percent: float | None
    relative_change_interval: list[float] | None
    variants: int


class Steepest(TypedDict):
    """The piece between neighbouring doses (%) on which an endpoint moves most."""

    from_dose_percent: float
    to_dose_percent: float
    effect_per_10_percent: float
    interval: list[float] | None
    in_smallest_effects: float | None
    beyond_smallest_effect: bool | None
    variants: int


class Component(TypedDict):
    """What one source adds to the spread of an effect: standard deviation, share of the variance.

    None where no two runs differ in that source alone.
    """

    deviation: float | None
    degrees_of_freedom: int
    share_percent: float | None


class Power(TypedDict):
    """What effect beyond its limit so many people (a number, as text) could show."""

    deviation: float
    power_percent: float
    detectable: dict[str, float | None]


class ReadingVerdict(TypedDict):
    """An endpoint's effect and verdict in one reading of the iliopsoas tendon."""

    effect_per_10_percent: NotRequired[float | None]
    effect: NotRequired[float | None]
    effect_of: NotRequired[str]
    interval: list[float] | None
    rho: float | None
    same_sign_percent: float | None
    claimed_sign_percent: NotRequired[float | None]
    verdict: str
    reason: str
    over_range: OverRange | None
    steepest: Steepest | None


class EndpointVerdict(ReadingVerdict):
    """An endpoint in a stratum: its first reading in full, the others in `readings`."""

    endpoint: str
    label: str
    unit: str | None
    claimed_when_stronger: str
    claimed_when_weaker: str
    claimed: NotRequired[str]
    smallest_effect: float | None
    smallest_effect_reason: NotRequired[str | None]
    variants_used: int
    people_used: NotRequired[int]
    p: float
    components: NotRequired[dict[str, Component] | None]
    power: NotRequired[Power | None]
    by_variant: list[VariantEffect]
    unused_variants: list[UnusedVariant]
    readings: NotRequired[dict[str, ReadingVerdict]]


class VerdictInStratum(TypedDict):
    """A claim in one stratum; p: before, p_holm: after the correction for the other claims."""

    verdict: str
    p: float
    reason: str
    depends_on_reading: bool
    primary: list[EndpointVerdict]
    secondary: list[EndpointVerdict]
    p_holm: NotRequired[float]


class LostCase(TypedDict):
    """A case that is not certified."""

    case: str
    reason: str


class Counts(TypedDict):
    """Cases and variants of a stratum; failed: the cases that are not certified."""

    cases: int
    certified: int
    variants: int
    failed: list[LostCase]


class StratumVerdict(VerdictInStratum):
    """A claim in one stratum, which is named."""

    stratum: Factors
    counts: Counts


class ContrastVerdict(VerdictInStratum):
    """A claim in one contrast of the headline's stratum; strength: in words."""

    says: str
    strength: str
    change: str


class HabitVerdict(TypedDict):
    """A claim's verdict at one habit weight."""

    habit_weight: float
    verdict: str


class HabitRange(TypedDict):
    """A claim at every habit weight, all else as in the headline, and which weights agree."""

    verdicts: list[HabitVerdict]
    holds_at: list[float]
    differs_at: list[float]


class PartRecord(TypedDict):
    """One quantity that a control judges, in words; passed: None where there is no value.

    runs: whose, where the control judges several runners or groups of runs (absent: one).
    """

    quantity: str
    value: str
    limit: str
    source: str
    passed: bool | None
    runs: NotRequired[str]


class ControlRecord(TypedDict):
    """How a control ended. required: whether the rule lists it for the claim (absent: it does)."""

    status: str
    detail: str
    parts: NotRequired[list[PartRecord]]
    required: NotRequired[bool]


class RuleRecord(TypedDict):
    """The file that judged, its hash, and whether it is none of the frozen ones."""

    file: str
    sha256: str
    changed: bool


class Title(TypedDict, total=False):
    """A claim's title, where the rule gives it one."""

    title: str


class EffectOfEdition(TypedDict, total=False):
    """Keys of an endpoint's effect, by the edition of the rule."""

    effect_per_10_percent: float | None
    effect: float | None
    effect_of: str
    claimed: str


class ByContrast(TypedDict, total=False):
    """The claim in each contrast of the rule (second edition)."""

    contrasts: dict[str, ContrastVerdict]


class Judged(Title, EffectOfEdition, ByContrast):
    """A claim's headline, that of its first primary endpoint, with the verdicts of all strata."""

    says: str
    verdict: str
    reason: str
    depends_on_reading: bool
    endpoint: str
    label: str
    unit: str | None
    claimed_when_stronger: str
    claimed_when_weaker: str
    interval: list[float] | None
    smallest_effect: float | None
    over_range: OverRange | None
    steepest: Steepest | None
    p_holm: float
    stratum: Factors
    is_primary_stratum: bool
    counts: Counts
    habit_range: HabitRange
    untestable: str
    decomposition: list[str]
    primary: list[EndpointVerdict]
    secondary: list[EndpointVerdict]
    strata: list[StratumVerdict]


class ClaimVerdict(Judged):
    """A claim in claims.json: its headline beside its controls, and the rule that judged it.

    controls_passed: None if some were not run and none failed.
    """

    controls: dict[str, ControlRecord]
    controls_passed: bool | None
    trusted: bool
    trust: str
    rule: RuleRecord


def read(path: Path) -> dict[str, ClaimVerdict]:
    """The claims of a claims.json by name. ValueError, one line, if it holds none."""
    found = read_object(path)
    for name, entry in found.items():
        if not isinstance(entry, dict) or "verdict" not in entry or "strata" not in entry:
            raise ValueError(f"{path}: claim {name} has no verdict with its strata")
    return cast(dict[str, ClaimVerdict], found)


def write(path: Path, claims: dict[str, ClaimVerdict]) -> None:
    """Write claims.json whole. NaN is refused."""
    write_json(path, claims)
