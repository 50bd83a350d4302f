"""Rows of the report's tables, as its template shows them."""

from __future__ import annotations

from typing import TypedDict


class CardLine(TypedDict):
    """A primary endpoint on a card: its name, its effect, and what that is of, in words."""

    label: str
    effect: str
    cause: str


class CardControl(TypedDict):
    """A control on a card, in words."""

    name: str
    status: str
    detail: str


class Card(TypedDict):
    """What the first screen says of a claim; kind: its verdict as a class of the style sheet."""

    id: str
    title: str
    verdict: str
    kind: str
    trusted: bool
    controls: list[CardControl]
    lines: list[CardLine]


class VerdictRow(TypedDict):
    """An endpoint of a claim's headline in one reading, in words; bend: a slope hides one."""

    rank: str
    label: str
    effect: str
    smallest: str
    claimed: str
    variants: int
    verdict: str
    over_range: str
    steepest: str
    bend: bool


class CheckHead(TypedDict):
    """A column of the table of certificates: a check with its limit and unit."""

    name: str
    words: str
    limit: str
    unit: str


class CheckCell(TypedDict):
    """A check's value in a case; passed: None where it was not made."""

    text: str
    passed: bool | None


class CheckRow(TypedDict):
    """The cells of a case."""

    case: str
    cells: list[CheckCell]


class CheckTable(TypedDict):
    """Every check of every case."""

    checks: list[CheckHead]
    rows: list[CheckRow]


class CaseRow(TypedDict):
    """How the solve of a case ended, in words."""

    case: str
    status: str
    reason: str
    iterations: str
    seconds: str


class NormRow(TypedDict):
    """A quantity of a 100 % run beside measured runners; good: within two SD of their mean."""

    run: str
    quantity: str
    value: str
    norm: str
    z: str
    good: bool
    source: str


Author = TypedDict("Author", {"name": str, "given-names": str, "family-names": str}, total=False)
Citation = TypedDict(
    "Citation",
    {
        "title": str,
        "version": str,
        "doi": str,
        "url": str,
        "repository-code": str,
        "authors": list[Author],
    },
    total=False,
)
"""What CITATION.cff says, of what is shown."""
