"""Strength doses change the largest activation, and nothing else."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from formats import description as d
from models import strength
from models.osim import document, groups
from models.osim.isometric import Dynamometer


def dosed(planar: Path, out: Path, arm: str, dose: float, side: str = "both") -> dict[str, float]:
    found = strength.factors(planar, arm, dose, side)
    strength.apply(planar, found, out)
    return found


def differences(one: Path, other: Path) -> list[tuple[str, str, str, str]]:
    """(muscle, property, old, new) of all texts that differ; the trees must be alike otherwise."""
    trees = [document.parse(file).getroot() for file in (one, other)]
    owner = {child: parent for parent in trees[0].iter() for child in parent}
    found = []
    for a, b in zip(trees[0].iter(), trees[1].iter(), strict=True):
        assert (a.tag, a.attrib) == (b.tag, b.attrib)
        if a.text != b.text:
            found.append((owner[a].get("name", ""), str(a.tag), str(a.text), str(b.text)))
    return found


@pytest.mark.parametrize("side", ["both", "left", "right"])
def test_only_the_force_of_the_group_changes(planar: Path, tmp_path: Path, side: str) -> None:
    dosed(planar, tmp_path, "iliopsoas", 80, side)
    changed = differences(planar / "runner.osim", tmp_path / "runner.osim")
    suffixes = {"both": "rl", "left": "l", "right": "r"}[side]
    assert {name for name, *_ in changed} == {
        f"{muscle}_{suffix}" for muscle in ("psoas", "iliacus") for suffix in suffixes
    }
    for _, tag, old, new in changed:
        assert tag == "max_control"
        assert float(new) == pytest.approx(0.8 * float(old), rel=1e-15)


def test_both_files_agree_and_json_changes_the_largest_activation_only(
    planar: Path, tmp_path: Path
) -> None:
    found = dosed(planar, tmp_path, "hip_flexors", 130)
    before, after = (d.read(folder / "runner.json") for folder in (planar, tmp_path))
    model = document.load(tmp_path / "runner.osim")
    in_model = {m.getName(): m.getMaxControl() for m in model.getMuscleList()}
    for old, new in zip(before.muscles, after.muscles, strict=True):
        factor = found.get(old.name, 1.0)
        assert new.max_control == in_model[old.name]
        assert new.max_control == pytest.approx(factor * old.max_control)
        same = {"max_control"}
        assert old.model_dump(exclude=same) == new.model_dump(exclude=same)
    assert before.model_dump(exclude={"muscles"}) == after.model_dump(exclude={"muscles"})


@pytest.mark.parametrize("arm", list(groups.arms()))
def test_hundred_percent_is_the_same_runner(planar: Path, tmp_path: Path, arm: str) -> None:
    assert dosed(planar, tmp_path, arm, 100) == {}
    for name in ("runner.osim", "runner.json"):
        assert (tmp_path / name).read_text() == (planar / name).read_text()


@pytest.mark.parametrize("dose", [60, 140])
def test_knee_extension_strength_is_kept(planar: Path, tmp_path: Path, dose: float) -> None:
    rule = groups.arm("hip_flexors_knee_kept")["compensate"]
    found = dosed(planar, tmp_path, "hip_flexors_knee_kept", dose)
    assert (found["vaslat_r"] > 1.0) == (dose < 100)
    pose = {f"{name}_r": value for name, value in rule["posture"].items()}

    def extension(folder: Path) -> float:
        torque = Dynamometer(folder / "runner.osim").torques("knee_angle_r", pose)
        return sum(value for value in torque.values() if value < 0.0)

    assert extension(tmp_path) == pytest.approx(extension(planar), rel=1e-3)


def test_merged_heads_count_by_their_share(planar: Path) -> None:
    names = [muscle.name for muscle in d.read(planar / "runner.json").muscles]
    assert groups.shares(["tibant", "edl", "ehl"], "r", names, "x") == {"tibant_r": 1.0}
    whole = 983.78361 + 1406.0459 + 947.7541
    found = groups.shares(["glmax1"], "l", names, "x")
    assert found == {"glmax2_l": pytest.approx(983.78361 / whole)}


@pytest.mark.parametrize("dose", ["0", "-20", "abc", "nan", "inf", "1000.1", ""])
def test_bad_dose_is_named(planar: Path, dose: str) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1000") as error:
        strength.factors(planar, "hip_flexors", dose, "both")
    assert repr(dose) in str(error.value)


def test_unknown_names_are_answered_with_the_known_ones(planar: Path) -> None:
    with pytest.raises(ValueError, match=r"'biceps'.*allowed are iliopsoas, hip_flexors"):
        strength.factors(planar, "biceps", 80, "both")
    with pytest.raises(ValueError, match=r"'up'.*allowed are both, right, left"):
        strength.factors(planar, "hip_flexors", 80, "up")
    with pytest.raises(ValueError, match=r"none of its muscles .piri. is in the runner"):
        groups.shares(["piri"], "r", ["psoas_r", "recfem_r"], "rotators")


def test_groups_name_heads_of_the_base_model(base_file: Path) -> None:
    heads = {
        element.get("name", "")[:-2]
        for element in ET.parse(base_file).getroot().iter("Millard2012EquilibriumMuscle")
    }
    for name, group in groups.arms().items():
        named = [*group["muscles"], *group.get("compensate", {}).get("muscles", [])]
        assert set(named) <= heads, name
