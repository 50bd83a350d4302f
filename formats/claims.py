"""The claims and the rule that decides them: config/claims*.yaml, checked, frozen by their hashes.

Two editions of the rule: the first decides by a slope over all doses (`Decision`), the second by
contrasts between two strengths (`Contrasts`). A file's `decision` says which one it is of.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from formats.checkout import CHECKOUT
from formats.errors import sentence
from formats.yaml import Keys, read

FIRST = CHECKOUT / "config" / "claims.yaml"
FILE = FIRST.with_name("claims_v2.yaml")
FROZEN = {path: path.with_suffix(".sha256") for path in (FIRST, FILE)}
"""Each rule that was frozen before the runs it judges, with the file that holds its hash."""
COPY = "claims.yaml"
"""The rule that a study is judged by, in the study's folder."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Percent = Annotated[float, Field(gt=0, le=100)]
Control = Literal["null", "negative", "step_rate", "cost_of_step_rate", "spring", "speed", "lewis"]
"""Controls that a rule may require of a claim (analysis.verdict.controls)."""
Factor = Literal[
    "problem", "arm", "side", "cadence", "habit_weight", "speed_m_s", "strength_scales"
]
"""What may part a study's runs into strata: columns of cases.csv."""
Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Endpoint(Keys):
    """A column of outcomes.csv, how it is claimed to change when the flexors get stronger."""

    endpoint: Column
    label: str | None = None
    claimed: Literal["rises", "falls"]
    smallest_effect: Positive | None = None
    smallest_effect_percent: Positive | None = None
    smallest_effect_of: Column | None = None
    unit: str | None = None
    reason: str | None = None
    except_runners: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_smallest_effect(self) -> Endpoint:
        if self.smallest_effect is not None and self.smallest_effect_percent is not None:
            raise ValueError(f"{self.endpoint}: smallest_effect and smallest_effect_percent; one")
        if self.smallest_effect is not None and self.unit is None:
            raise ValueError(f"{self.endpoint}: smallest_effect needs its unit")
        if self.smallest_effect_of is not None and self.smallest_effect is None:
            raise ValueError(f"{self.endpoint}: smallest_effect_of needs a smallest_effect")
        return self

    @property
    def smallest(self) -> float | None:
        """Smallest change that matters, in `shown_unit`, per -10 % strength or over a contrast.

        None: not judged.
        """
        return self.smallest_effect_percent or self.smallest_effect

    @property
    def judged_column(self) -> str:
        """Column of outcomes.csv in whose unit the smallest effect is stated."""
        return self.smallest_effect_of or self.endpoint

    def smallest_at(self, level: float) -> float | None:
        """Smallest effect in the unit of `judged_column`; level: the 100 % run's value there."""
        if self.smallest_effect_percent is not None:
            return abs(level) * self.smallest_effect_percent / 100.0
        return self.smallest_effect

    @property
    def shown_unit(self) -> str | None:
        """Unit of the effect as told: per cent, or the smallest effect's; None: the column's."""
        return "% of the 100 % run" if self.smallest_effect_percent else self.unit

    @property
    def shown_name(self) -> str:
        """Its label, or the column's name in words."""
        return self.label or self.endpoint.replace("_", " ")


class Claim(Keys):
    """One sentence of the article as endpoints, and what of it no simulation can test.

    readings: of the iliopsoas tendon. one: as OpenSim has it; both: on pelvis or head; all: these
    and shared between them.
    """

    title: str | None = None
    says: str
    primary: Annotated[tuple[Endpoint, ...], Field(min_length=1)]
    secondary: tuple[Endpoint, ...] = ()
    decomposition: tuple[Column, ...] = ()
    readings: Literal["one", "both", "all"] = "one"
    controls: tuple[Control, ...]
    untestable: str

    @model_validator(mode="after")
    def _primaries_are_judged(self) -> Claim:
        for one in self.primary:
            if one.smallest is None:
                raise ValueError(f"{one.endpoint}: a primary endpoint needs a smallest effect")
        return self


class Primary(Keys):
    """The stratum whose verdict is a claim's headline; None: not a factor of the strata."""

    problem: str
    arm: str
    side: str
    cadence: str
    habit_weight: float
    speed_m_s: float | None = None
    strength_scales: str | None = None

    @property
    def stratum(self) -> dict[str, Any]:
        """Its factors with their values."""
        return self.model_dump(exclude_none=True)


class Decision(Keys):
    """The numbers of the first edition (see `rule` in the file for their meaning)."""

    interval_percent: Annotated[float, Field(gt=50, lt=100)]
    least_abs_rho: Annotated[float, Field(ge=0, le=1)]
    least_same_sign_percent: Percent
    least_variants: Annotated[int, Field(ge=2)]
    least_doses: Annotated[int, Field(ge=2)]
    dose_range_percent: tuple[Positive, Positive]
    resamples: Annotated[int, Field(ge=1000, le=1_000_000)]
    null_tolerance_percent: Percent
    spread: tuple[Literal["runner", "speed_m_s", "objective", "draw"], ...]
    strata: tuple[Literal["problem", "arm", "side", "cadence", "habit_weight"], ...]
    primary: Primary

    @property
    def alpha(self) -> float:
        """Error level, 0.05 for 95 %."""
        return 1.0 - self.interval_percent / 100.0

    @property
    def mesh_tolerance_percent(self) -> float:
        """What a finer mesh may move a primary endpoint by, per cent of its smallest effect."""
        return 100.0


class Contrast(Keys):
    """One strength against 100 %: a dose (%), or the dose that gives an isometric flexion torque.

    torque_nm_kg: of all muscles that flex the hip, Nm/kg at hip_flexion_deg. change: what it does
    to the muscles, which tells the direction in which the article claims an endpoint to move.
    """

    says: str
    dose_percent: Positive | None = None
    torque_nm_kg: Positive | None = None
    hip_flexion_deg: float | None = None
    change: Literal["weaker", "stronger"]

    @model_validator(mode="after")
    def _one_strength(self) -> Contrast:
        if (self.dose_percent is None) == (self.torque_nm_kg is None):
            raise ValueError("dose_percent and torque_nm_kg; one of the two is needed")
        if (self.torque_nm_kg is None) != (self.hip_flexion_deg is None):
            raise ValueError("torque_nm_kg and hip_flexion_deg belong together")
        if self.dose_percent == 100:
            raise ValueError("dose_percent: 100 is what it is compared with")
        return self

    def claimed(self, when_stronger: Literal["rises", "falls"]) -> Literal["rises", "falls"]:
        """How an endpoint is claimed to move in this contrast."""
        if self.change == "stronger":
            return when_stronger
        return "falls" if when_stronger == "rises" else "rises"

    @property
    def strength(self) -> str:
        """Its strength in words, e.g. "60 % strength"."""
        if self.dose_percent is not None:
            return f"{self.dose_percent:g} % strength"
        return f"{self.torque_nm_kg:g} Nm/kg at {self.hip_flexion_deg:g} deg"


class Contrasts(Keys):
    """The numbers of the second edition (see `rule` in the file for their meaning)."""

    contrasts: Annotated[dict[Column, Contrast], Field(min_length=1)]
    interval_percent: Annotated[float, Field(gt=50, lt=100)]
    least_same_sign_percent: Percent
    least_people: Annotated[int, Field(ge=2)]
    resamples: Annotated[int, Field(ge=1000, le=1_000_000)]
    power_percent: Annotated[float, Field(gt=50, lt=100)]
    null_tolerance_percent: Percent
    mesh_tolerance_percent: Percent
    people: tuple[Literal["runner", "draw"], ...]
    spread: tuple[Literal["runner", "objective", "draw"], ...]
    strata: tuple[Factor, ...]
    primary: Primary

    @property
    def alpha(self) -> float:
        """Error level, 0.05 for 95 %."""
        return 1.0 - self.interval_percent / 100.0


def _edition(content: Any) -> str:
    given = content if isinstance(content, dict) else getattr(content, "__dict__", {})
    return CONTRASTS if "contrasts" in given else SLOPE


SLOPE, CONTRASTS = "slope", "contrasts"
"""The two editions by what they decide by."""
Rule = Annotated[
    Annotated[Decision, Tag(SLOPE)] | Annotated[Contrasts, Tag(CONTRASTS)], Discriminator(_edition)
]


class Claims(Keys):
    """All of a claims file. question: what the study asks, for its texts."""

    question: str = "What does the strength of the hip flexors change in running?"
    claims: Annotated[dict[Column, Claim], Field(min_length=1)]
    rule: dict[str, str]
    decision: Rule

    def primaries(self) -> list[Endpoint]:
        """The primary endpoints of all claims, in the file's order."""
        return [endpoint for claim in self.claims.values() for endpoint in claim.primary]


def read_claims(path: Path = FILE) -> Claims:
    """The claims of a file. Raises ValueError with one line: file, place, what is wrong there."""
    content = read(path)
    if not isinstance(content, dict):
        raise ValueError(f"{path}: holds no claims; keys claims, rule and decision are needed")
    try:
        return Claims.model_validate(content)
    except ValidationError as error:
        raise ValueError(f"{path}: {sentence(error, Claims, content)}") from None


def sha256(path: Path = FILE) -> str:
    """Hash of a claims file, as `sha256sum` gives it."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def changed(path: Path = FILE) -> bool:
    """Whether a claims file is none of those whose hashes are frozen in config/*.sha256."""
    return sha256(path) not in {file.read_text().split()[0] for file in FROZEN.values()}


def name_of(path: Path) -> str:
    """What a rule is called: that of the frozen file with its hash, else its own name."""
    own = sha256(path)
    for file, frozen in FROZEN.items():
        if frozen.read_text().split()[0] == own:
            return f"config/{file.name}"
    return Path(path).name


def of_study(folder: Path) -> Path:
    """The rule that a study is judged by: its own copy; without one, of an older study, the first.

    The copy is written by study.claims from what the configuration names.
    """
    path = Path(folder) / COPY
    return path if path.is_file() else FIRST
