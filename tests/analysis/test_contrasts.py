"""The second edition of the rule: contrasts over people, what it says, and the numbers behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.claims import conclude
from analysis.figures.study import read_study
from analysis.verdict import verdict_table
from analysis.verdict.components import components
from analysis.verdict.contrasts import together
from analysis.verdict.endpoints import (
    CONTRADICTED,
    INCONCLUSIVE,
    NO_EFFECT,
    REAL_BUT_SMALL,
    SUPPORTED,
    Judgement,
)
from analysis.verdict.statistics import (
    SEED,
    against_smallest_effect,
    apart_from_zero,
    bca,
    detectable,
)
from analysis.verdict.variants import read_rows, torque_column
from analysis.verdict.verdicts import judge_study
from formats.claims import FILE, Claims, read_claims
from study.cases import baseline
from tests.analysis.synthetic_study import PLAIN, write

DOSES = (20.0, 40.0, 60.0, 80.0, 100.0, 117.0, 140.0)
# Level at 100 % of each primary column, and how it is claimed to change with strength.
LEVELS = {
    "ankle_com_m": (0.24, -1.0),
    "braking_impulse_bw_s_per_m": (0.01, -1.0),
    "glmax_activation_85_to_20_percent_mean": (0.08, 1.0),
    "thigh_extension_peak_deg": (24.0, 1.0),
    "rim_margin_min_deg": (20.0, 1.0),
    "rim_margin_min_deg_tendon_on_head": (30.0, 1.0),
    "rim_margin_min_deg_tendon_shared": (26.0, 1.0),
}
SMALLEST = {"ankle_com_m": 0.006, "braking_impulse_bw_s_per_m": 0.0005}
SMALLEST |= {"glmax_activation_85_to_20_percent_mean": 0.004, "thigh_extension_peak_deg": 2.0}


@pytest.fixture(scope="module")
def claims() -> Claims:
    rule = read_claims(FILE)
    decision = rule.decision.model_copy(update={"resamples": 2000})
    return rule.model_copy(update={"decision": decision})


def people(
    sizes: dict[str, float] | float,
    *,
    count: int = 8,
    noise: float = 0.05,
    seed: int = 0,
    **what: Any,
) -> pd.DataFrame:
    """Rows of so many people: 40 % less strength moves an endpoint by `sizes` smallest effects.

    In the direction claimed where positive, linearly in strength; noise: SD over people.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        plain = replace(PLAIN, runner=f"person_{number:02d}", habit_weight=0.0, **what)
        each = {
            name: (sizes if isinstance(sizes, float) else sizes.get(name, 0.0))
            + noise * rng.normal()
            for name in LEVELS
        }
        for dose in DOSES:
            case = replace(plain, dose_percent=dose) if dose != 100 else baseline(plain)
            row = {"case": case.case, **vars(case), "baseline": baseline(plain).case}
            row |= {"status": "certified", "reason": "", "norms_passed": True}
            for name, (level, sign) in LEVELS.items():
                change = each[name] * SMALLEST.get(name, 2.0) * (dose - 100.0) / 40.0
                row[name] = level + sign * change
            row["flexion_torque_60_nm_kg"] = 0.024 * dose
            rows.append(row)
    return pd.DataFrame(rows)


def verdicts(rows: pd.DataFrame, claims: Claims) -> dict[str, str]:
    return {name: entry["verdict"] for name, entry in judge_study(rows, claims).items()}


@pytest.mark.parametrize(
    ("size", "verdict"),
    [
        (2.0, SUPPORTED),
        (-2.0, CONTRADICTED),
        (0.5, REAL_BUT_SMALL),
        (-0.5, REAL_BUT_SMALL),
        (0.0, NO_EFFECT),
        (1.0, INCONCLUSIVE),
    ],
)
def test_each_word_is_said_where_it_is_true(size: float, verdict: str, claims: Claims) -> None:
    """By an effect of so many smallest effects in each of eight people, give or take 0.05."""
    noise = 0.4 if verdict in (NO_EFFECT, INCONCLUSIVE) else 0.05
    assert set(verdicts(people(size, noise=noise), claims).values()) == {verdict}


def test_a_contrast_is_the_change_to_its_own_strength(claims: Claims) -> None:
    found = judge_study(people(2.0, noise=0.0), claims)["landing"]
    assert found["stratum"]["contrast"] == "deficit"
    assert found["effect"] == pytest.approx(2 * 0.006)
    told = found["contrasts"]
    assert [one["verdict"] for one in told.values()] == [SUPPORTED, SUPPORTED, REAL_BUT_SMALL]
    first = {name: one["primary"][0] for name, one in told.items()}
    # 1.2 Nm/kg is at 50 % here, between the runs at 40 and 60 %.
    assert first["human_weak"]["by_variant"][0]["dose_percent"] == pytest.approx(50.0)
    assert first["human_weak"]["effect"] == pytest.approx(2.5 * 0.006)
    assert first["training"]["effect"] == pytest.approx(-2 * 0.006 * 17 / 40)
    assert (first["deficit"]["claimed"], first["training"]["claimed"]) == ("rises", "falls")
    assert first["training"]["claimed_sign_percent"] == 100.0


def test_a_sign_that_people_do_not_share_is_no_verdict(claims: Claims) -> None:
    """Six of eight move far as claimed, two the other way: the mean alone would say supported."""
    rows = people(6.0, noise=0.2)
    turned = rows["runner"].isin(["person_00", "person_01"])
    back = people(-0.5, noise=0.0)
    rows.loc[turned, list(LEVELS)] = back.loc[turned, list(LEVELS)]
    found = judge_study(rows, claims)["landing"]
    assert found["verdict"] == INCONCLUSIVE
    assert "same sign in 75 % of the people only" in found["reason"]


def test_variants_of_a_person_are_no_further_people(claims: Claims) -> None:
    """Three objectives of four people are four observations, too few; the objectives are told."""
    rows = pd.concat(
        [
            people(2.0, count=4, noise=0.0, objective=name)
            for name in ("metabolic_mix", "activation_squared", "activation_cubed")
        ]
    )
    found = judge_study(rows.reset_index(drop=True), claims)["landing"]
    assert found["verdict"] == INCONCLUSIVE
    assert "4 people with a result, at least 6 needed" in found["reason"]
    first = found["primary"][0]
    assert (first["people_used"], first["variants_used"]) == (4, 12)
    assert first["components"]["objective"] == {
        "deviation": pytest.approx(0.0, abs=1e-12),
        "degrees_of_freedom": 8,
        "share_percent": first["components"]["objective"]["share_percent"],
    }


def test_a_person_who_does_not_run_like_people_is_left_out_and_listed(claims: Claims) -> None:
    rows = people(2.0)
    rows.loc[rows["runner"] == "person_03", "norms_passed"] = False
    found = judge_study(rows, claims)["landing"]["primary"][0]
    assert found["people_used"] == 7
    (left_out,) = found["unused_variants"]
    assert (left_out["runner"], left_out["reason"]) == (
        "person_03",
        "their own 100 % run does not pass the scorecards",
    )


def test_a_lost_dose_loses_its_contrast_alone(claims: Claims) -> None:
    rows = people(2.0)
    rows.loc[(rows["runner"] == "person_01") & (rows["dose_percent"] == 60), "status"] = "failed"
    told = judge_study(rows, claims)["landing"]["contrasts"]
    reasons = {
        name: [one["reason"] for one in part["primary"][0]["unused_variants"]]
        for name, part in told.items()
    }
    assert reasons == {
        "deficit": ["no certified run at 60 %"],
        "human_weak": ["no certified run at 60 %"],
        "training": [],
    }


def test_a_torque_out_of_reach_is_told(claims: Claims) -> None:
    rows = people(2.0).assign(flexion_torque_60_nm_kg=lambda t: 0.1 * t["dose_percent"])
    told = judge_study(rows, claims)["landing"]["contrasts"]["human_weak"]
    assert told["verdict"] == INCONCLUSIVE
    assert (
        "1.2 Nm/kg at 60 deg is not among the strengths run (2.00 to 14.00 Nm/kg)"
        in (told["reason"])
    )


def test_torques_come_from_the_dynamometer_by_runner(tmp_path: Path, claims: Claims) -> None:
    """Another person is as weak at another dose."""
    rows = people(2.0, count=2, noise=0.0).drop(columns="flexion_torque_60_nm_kg")
    write(rows, tmp_path)
    table = [
        {"runner": f"person_{n:02d}", "arm": "hip_flexors", "side": "both", "dose_percent": dose}
        | {"hip_flexion_deg": angle, "all_agonists_torque_nm_kg": strong * dose}
        for n, strong in enumerate((0.020, 0.040))
        for dose in DOSES
        for angle in (0.0, 60.0)
    ]
    pd.DataFrame(table).to_csv(tmp_path / "dynamometer.csv", index=False)
    found = conclude(tmp_path, FILE)["landing"]["contrasts"]["human_weak"]["primary"][0]
    assert [v["dose_percent"] for v in found["by_variant"]] == pytest.approx([60.0, 30.0])


def test_tight_flexors_are_a_stratum_of_their_own_and_as_strong_as_before(tmp_path: Path) -> None:
    """Their doses change no torque, and do not enter the verdict on strength beside them."""
    strong, tight = people(2.0, noise=0.0), people(-2.0, noise=0.0, strength_scales="passive")
    both = [strong, tight[tight["case"] != tight["baseline"]]]
    rows = pd.concat(both, ignore_index=True).drop(columns="flexion_torque_60_nm_kg")
    write(rows, tmp_path)
    table = strong[["runner", "dose_percent"]].assign(arm="hip_flexors", side="both")
    table["all_agonists_torque_nm_kg"] = 0.02 * table["dose_percent"]
    table.assign(hip_flexion_deg=60.0).to_csv(tmp_path / "dynamometer.csv", index=False)
    torque = read_rows(tmp_path).groupby(["strength_scales", "dose_percent"])[torque_column(60.0)]
    assert torque.mean()["active"][60.0] == pytest.approx(1.2)
    assert set(torque.mean()["passive"].round(9)) == {2.0}
    found = conclude(tmp_path, FILE)["landing"]
    assert found["verdict"] == SUPPORTED
    assert found["contrasts"]["human_weak"]["verdict"] == SUPPORTED
    series = {one.rows["strength_scales"].iloc[0]: one for one in read_study(tmp_path)}
    labels = {one.conditions.rsplit(", ", 1)[-1] for one in read_study(tmp_path)}
    assert labels == {"active force scaled", "passive force scaled"}
    assert all(len(one.rows) == len(DOSES) for one in series.values())


def test_all_three_readings_must_agree_and_are_told(tmp_path: Path, claims: Claims) -> None:
    sizes = dict.fromkeys(LEVELS, 2.0) | {"rim_margin_min_deg_tendon_on_head": 0.5}
    rows = people(sizes)
    found = judge_study(rows, claims)["centring"]
    assert (found["verdict"], found["depends_on_reading"]) == (REAL_BUT_SMALL, True)
    readings = {k: v["verdict"] for k, v in found["primary"][0]["readings"].items()}
    assert readings == {
        "tendon on pelvis": SUPPORTED,
        "tendon on femoral head": REAL_BUT_SMALL,
        "tendon shared": SUPPORTED,
    }
    write(rows, tmp_path)
    told = conclude(tmp_path, FILE)
    json.dumps(told)
    text = " ".join("\n".join(verdict_table.lines(told, "made")).split())
    assert "centring: REAL BUT SMALL, NOT TRUSTED: null, negative, step rate, cost of step" in text
    assert "as claimed in 100 % of 8 people" in text
    assert "contrast training" in text and "80 % power for effects beyond a limit by" in text
    table = verdict_table.table(told)
    assert set(table["contrast"]) == {"deficit", "human_weak", "training"}
    assert table["effect"].notna().any() and "effect_per_10_percent" not in table


def judgement(verdict: str, p: float = 0.01) -> Judgement:
    return Judgement(verdict, p, "")


@pytest.mark.parametrize(
    ("parts", "together_are"),
    [
        ([(SUPPORTED, 2.0), (REAL_BUT_SMALL, 0.5)], REAL_BUT_SMALL),
        ([(SUPPORTED, 2.0), (REAL_BUT_SMALL, -0.5)], INCONCLUSIVE),
        ([(REAL_BUT_SMALL, 0.5), (REAL_BUT_SMALL, -0.5)], NO_EFFECT),
        ([(NO_EFFECT, 0.1), (REAL_BUT_SMALL, 0.5)], NO_EFFECT),
        ([(SUPPORTED, 2.0), (NO_EFFECT, 0.1)], INCONCLUSIVE),
        ([(SUPPORTED, 2.0), (CONTRADICTED, -2.0)], INCONCLUSIVE),
    ],
)
def test_what_counts_as_agreeing(parts: list[tuple[str, float]], together_are: str) -> None:
    assert together([(judgement(word), size) for word, size in parts])[0] == together_are


@st.composite
def effects(draw: st.DrawFn) -> np.ndarray:
    """Of 10 to 24 people, skewed.

    A resample of each person once has the sample's own mean: a tie that rounding decides. Of ten
    there is none among 1,000 as a rule.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    return draw(st.floats(-3, 3)) + rng.gamma(draw(st.floats(0.5, 20)), size=draw(counts))


counts = st.integers(10, 24)


@settings(max_examples=30, deadline=None)
@given(effects())
def test_the_interval_is_that_of_scipy_and_its_p_values_invert_it(y: np.ndarray) -> None:
    around = bca(y, interval_percent=95, resamples=2000)
    expected = stats.bootstrap(
        (np.sort(y),),
        np.mean,
        method="BCa",
        n_resamples=2000,
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    assert around.interval == pytest.approx(tuple(expected))
    low, high = around.interval
    width = high - low
    # The level whose limit is the interval's own end is 2.5 %, up to the steps of the resamples.
    assert around.share_at_most(low) == pytest.approx(0.025, abs=0.006)
    assert around.share_at_least(high) == pytest.approx(0.025, abs=0.006)
    if abs(low) > 0.02 * width and abs(high) > 0.02 * width:
        assert (apart_from_zero(around) < 0.05) == (low > 0 or high < 0)


@settings(max_examples=15, deadline=None)
@given(effects(), st.floats(0.1, 100), st.floats(-100, 100), st.randoms(use_true_random=False))
def test_bca_scales_shifts_mirrors_and_forgets_order(
    y: np.ndarray, scale: float, shift: float, random: Any
) -> None:

    def of(numbers: np.ndarray) -> tuple[float, float]:
        return bca(numbers, interval_percent=95, resamples=1000).interval

    expected = [scale * bound + shift for bound in of(y)]
    assert of(scale * y + shift) == pytest.approx(expected, abs=0.02 * np.ptp(expected))
    shuffled = list(y)
    random.shuffle(shuffled)
    assert of(np.array(shuffled)) == of(y)
    around = bca(y, interval_percent=95, resamples=1000)
    mirrored = around.times(-1.0)
    assert mirrored.interval == pytest.approx((-around.interval[1], -around.interval[0]))
    tests, other = against_smallest_effect(around), against_smallest_effect(mirrored)
    assert tests.beyond_above == pytest.approx(other.beyond_below)
    assert tests.within == pytest.approx(other.within)


def test_alike_people_have_no_spread() -> None:
    assert bca([2.0] * 8, interval_percent=95, resamples=1000).interval == (2.0, 2.0)


def test_bca_covers_a_skewed_mean_better_than_the_percentile_interval() -> None:
    """Of 400 samples of 12 from an exponential, whose mean is 1."""
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        low, high = bca(rng.exponential(size=12), interval_percent=95, resamples=1000).interval
        inside += low < 1.0 < high
    assert 0.86 < inside / 400 < 0.97


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 5), st.floats(0, 5), st.floats(0, 5))
def test_the_spread_is_split_as_it_was_made(
    seed: int, body: float, objective: float, parameters: float
) -> None:
    """Additive and crossed: each part is the sample variance of what was added, exactly."""
    rng = np.random.default_rng(seed)
    parts = {
        "body": body * rng.normal(size=5),
        "objective": objective * rng.normal(size=3),
        "parameters": parameters * rng.normal(size=4),
    }
    variants, effects = [], []
    for i, b in enumerate(parts["body"]):
        for j, o in enumerate(parts["objective"]):
            for k, p in enumerate(parts["parameters"]):
                variants.append({"runner": f"person_{i}", "objective": str(j), "draw": k})
                effects.append(b + o + p)
    found = components(variants, effects)
    for name, values_ in parts.items():
        assert found[name]["deviation"] == pytest.approx(np.std(values_, ddof=1), abs=1e-9)
    assert found["body"]["degrees_of_freedom"] == 4 * 12


def test_a_star_of_single_changes_is_enough() -> None:
    """People at one objective; objectives and draws of the first person alone."""
    variants = [{"runner": f"p{i}", "objective": "a", "draw": 0} for i in range(4)]
    variants += [{"runner": "p0", "objective": "b", "draw": 0}]
    variants += [{"runner": "p0", "objective": "a", "draw": 1}]
    found = components(variants, [0.0, 1.0, 2.0, 3.0, 10.0, 100.0])
    assert found["body"]["deviation"] == pytest.approx(np.std([0, 1, 2, 3], ddof=1))
    assert found["objective"]["deviation"] == pytest.approx(np.std([0, 10], ddof=1))
    assert found["parameters"]["deviation"] == pytest.approx(np.std([0, 100], ddof=1))


def test_power_is_that_of_the_t_test() -> None:
    """So large an effect is found in as many samples as said; 24 people show 0.6 SD."""
    size = detectable(1.0, 24, alpha=0.05, power_percent=80)
    assert size is not None
    assert size == pytest.approx(0.598, abs=0.002)
    rng = np.random.default_rng(0)
    samples = rng.normal(size, 1.0, size=(4000, 24))
    found = stats.ttest_1samp(samples, 0.0, axis=1).pvalue < 0.05
    assert found.mean() == pytest.approx(0.80, abs=0.02)
    assert detectable(1.0, 1, alpha=0.05, power_percent=80) is None
