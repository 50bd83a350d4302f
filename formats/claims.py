"""The claims and the rule that decides them: config/claims.yaml, checked, frozen by its hash."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from formats.checkout import CHECKOUT
from formats.errors import sentence
from formats.yaml import Keys, read

FILE = CHECKOUT / "config" / "claims.yaml"
FROZEN = FILE.with_name("claims.sha256")

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Percent = Annotated[float, Field(gt=0, le=100)]
Control = Literal["null", "negative", "step_rate", "cost_of_step_rate", "spring", "lewis"]
"""Controls that a rule may require of a claim (analysis.verdict.controls)."""
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
        """Smallest change per -10 % strength that matters, in `shown_unit`; None: not judged."""
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
    """One sentence of the article as endpoints, and what of it no simulation can test."""

    says: str
    primary: Annotated[tuple[Endpoint, ...], Field(min_length=1)]
    secondary: tuple[Endpoint, ...] = ()
    decomposition: tuple[Column, ...] = ()
    readings: Literal["one", "both"] = "one"
    controls: tuple[Control, ...]
    untestable: str

    @model_validator(mode="after")
    def _primaries_are_judged(self) -> Claim:
        for one in self.primary:
            if one.smallest is None:
                raise ValueError(f"{one.endpoint}: a primary endpoint needs a smallest effect")
        return self


class Primary(Keys):
    """The stratum whose verdict is a claim's headline."""

    problem: str
    arm: str
    side: str
    cadence: str
    habit_weight: float


class Decision(Keys):
    """The numbers of the rule (see `rule` in the file for their meaning)."""

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


class Claims(Keys):
    """All of config/claims.yaml."""

    claims: Annotated[dict[Column, Claim], Field(min_length=1)]
    rule: dict[str, str]
    decision: Decision

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
    """Whether a claims file is another than the one frozen in config/claims.sha256."""
    return sha256(path) != FROZEN.read_text().split()[0]
