"""The answer at a glance, and numbers in few signs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.text import Text

from analysis.figures import answer
from analysis.report import plain
from analysis.verdict import statements

ONE = {"unit": "m", "smallest_effect": 0.006, "endpoint": "ankle_com_m"}


def found(effect: float | None, low: float, high: float) -> dict[str, object]:
    ends = {"value_at_lowest": low, "value_at_highest": high, "difference": high - low}
    doses = {"lowest_dose_percent": 40.0, "highest_dose_percent": 140.0}
    return {"effect": effect, "interval": None, "over_range": ends | doses}


@pytest.mark.parametrize(
    ("effect", "ends", "told"),
    [
        (-0.00358, (0.17497, 0.18056), ("−3.6 mm", "175 to 181 mm")),
        (0.12, (0.1, 0.22), ("+120 mm", "100 to 220 mm")),
        (0.0, (0.1, 0.1), ("0.0 mm", "100 to 100 mm")),
        (-0.000002, (0.0001, 0.000104), ("−0.0020 mm", "0.100 to 0.104 mm")),
        (None, (0.1, 0.2), ("no result", "100 to 200 mm")),
    ],
)
def test_numbers_in_few_signs(
    effect: float | None, ends: tuple[float, float], told: tuple[str, str]
) -> None:
    assert statements.short(ONE, found(effect, *ends)) == (*told, "at 40 to 140 %")


def rows(*effects: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **{"claim": "landing", "claim_verdict": "inconclusive", "trusted": False},
            **{"endpoint": "a", "label": "an endpoint", "cause": "60 % strength"},
            "arm": "hip_flexors",
            "effect": effects,
            "effect_in_units": effects,
            "told_effect": [f"{one:+.1f} mm" for one in effects],
        }
    )


def test_a_bar_is_coloured_by_whether_it_matters_and_for_whom() -> None:
    assert [answer.colour(one) for one in (-2.0, -0.5, 0.5, 2.0)] == [
        *(answer.AGAINST, answer.SMALL, answer.SMALL, answer.FOR)
    ]


@pytest.mark.parametrize("effects", [(-2.1,), (0.3, 0.3), (-0.2, 0.7), (np.nan,)])
def test_the_answer_is_drawn_with_its_words(effects: tuple[float, ...]) -> None:
    page = answer.draw(rows(*effects))
    told = " ".join(text.get_text() for text in page.findobj(Text))
    plt.close(page)
    assert "Where the foot lands: inconclusive, not trusted" in told
    assert answer.spoken(rows(*effects)) in told
    assert "60 % strength" in answer.caption(rows(*effects))


def test_readings_that_differ_are_told_as_a_range() -> None:
    assert answer.spoken(rows(0.7, -0.2)) == "-0.2 to\n+0.7 mm"
    assert answer.spoken(rows(0.3, 0.3)) == "+0.3 mm"
    assert answer.spoken(rows(np.nan)) == "no result"


def endpoint(effect: float | None, claimed: str) -> dict[str, object]:
    return {
        **{**ONE, "label": "the landing", "claimed": claimed, "effect_of": "60 % strength"},
        **{"effect": effect, "interval": None},
    }


def test_the_lead_says_what_moved_and_which_way() -> None:
    """0.007 m of a smallest effect of 0.006 m is more than that, 0.005 m is less."""
    small, large = endpoint(0.005, "rises"), endpoint(-0.007, "rises")
    claims: Any = {
        "one": {"primary": [small, endpoint(None, "rises")]},
        "two": {"primary": [large]},
    }
    told = plain.changes(claims)
    assert told.startswith("With 60 % strength, 1 of 2 main quantities change as claimed and 1 the")
    assert told.endswith("matter: the landing −7.0 mm, against the claim.")
    claims["two"]["primary"] = [endpoint(0.007, "falls"), endpoint(0.006, "rises")]
    assert "against the claim; the landing +6.0 mm, as claimed." in plain.changes(claims)
    assert plain.changes({"one": claims["one"]}).endswith("matter: none.")
    claims["one"]["primary"] = [endpoint(None, "rises")]
    assert plain.changes({"one": claims["one"]}) == ""


def test_a_reason_is_told_once_if_all_endpoints_share_it() -> None:
    entry: Any = {"reason": "a: inconclusive (1 person); b: inconclusive (1 person)"}
    assert plain.why(entry) == "1 person"
    entry["reason"] = "a: inconclusive (1 person); b: inconclusive (interval wide)"
    assert plain.why(entry) == ""
