"""Every column of a real outcomes.csv is defined, with its unit; what is not is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import columns
from analysis.figures.words import LABELS
from formats.claims import read_claims

CHECKOUT = Path(__file__).parents[2]
OUTCOMES = CHECKOUT / "results" / "reference" / "outcomes.csv"


def test_every_column_of_the_reference_is_defined() -> None:
    found = columns.check(OUTCOMES)
    assert found == len(pd.read_csv(OUTCOMES, nrows=0).columns)


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("ankle_com_cm", 1.0, "ankle_com_cm"),
        ("ankle_com_m", "far", "ankle_com_m"),
        ("iterations", 3.5, "iterations"),
        ("norms_passed", "perhaps", "norms_passed"),
    ],
)
def test_what_is_not_defined_is_refused(
    column: str, values: object, said: str, tmp_path: Path
) -> None:
    table = pd.read_csv(OUTCOMES).head(3)
    table[column] = values
    table.to_csv(tmp_path / "outcomes.csv", index=False)
    with pytest.raises(ValueError, match=said) as caught:
        columns.check(tmp_path / "outcomes.csv")
    assert str(caught.value).startswith(f"{tmp_path / 'outcomes.csv'}: ")
    assert "\n" not in str(caught.value)


def test_units_are_those_at_the_ends_of_names() -> None:
    ends = {"_deg": "deg", "_mm": "mm", "_mpa": "MPa", "_nm_kg": "Nm/kg", "_bw": "BW", "_kg": None}
    ends |= {"_j_kg_m": "J/kg/m", "_bw_s": None, "_n_s": "N s", "_mm2": "mm2"}
    for name, column in columns.columns().items():
        plain = name.removesuffix("_tendon_on_head").removesuffix("_tendon_shared")
        longest = max((e for e in ends if plain.endswith(e)), key=len, default="")
        if ends.get(longest):
            assert column.unit == ends[longest], name
        assert column.definition and column.kind in columns.KINDS
        assert "{" not in column.definition + column.name


def test_claims_name_defined_columns() -> None:
    for endpoint in read_claims().primaries():
        assert endpoint.endpoint in columns.columns()


def test_the_page_is_current() -> None:
    page = CHECKOUT / "docs" / "columns.md"
    assert page.read_text() == columns.markdown(), (
        "python -m analysis.columns --write docs/columns.md"
    )


def test_labels_of_figures_name_defined_columns() -> None:
    assert not set(LABELS) - set(columns.columns())
