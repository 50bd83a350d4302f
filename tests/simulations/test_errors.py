"""What a user can get wrong is named in one line, with what is allowed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formats import description
from formats.description import RunnerDescription
from formats.files import write_json
from simulations import predict
from simulations.collocation import objective
from simulations.problems import reference
from simulations.solving import solution
from tests.simulations.conftest import INTERVALS, NORMS, ROOT, SPEED, Solved


def one_line(error: pytest.ExceptionInfo[ValueError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_unknown_objective() -> None:
    with pytest.raises(ValueError, match="objective: 'least_sweat' is not known; allowed") as error:
        objective.objective("least_sweat")
    assert all(name in one_line(error) for name in objective.OBJECTIVES)


def test_unknown_cadence(solved: Solved, case: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'\\+50%'; allowed: free, locked, ") as error:
        predict.problem(
            solved.problem.runner, case | {"cadence": "+50%"}, solved.stored, solved.stored
        )
    assert "hip_flexors_100" in one_line(error)


def test_missing_solution(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such solution; solve that case first") as error:
        solution.load(tmp_path)
    assert str(tmp_path) in one_line(error)


@pytest.mark.parametrize("content", [b"hello", b"", b"PK\x03\x04 broken"])
def test_broken_solution(tmp_path: Path, content: bytes) -> None:
    (tmp_path / solution.FILE).write_bytes(content)
    with pytest.raises(ValueError, match="not a stored solution") as error:
        solution.load(tmp_path)
    one_line(error)


def test_solution_without_its_parts(tmp_path: Path) -> None:
    np.savez(tmp_path / solution.FILE, scheme="trapezoidal")
    with pytest.raises(ValueError, match="not a stored solution"):
        solution.load(tmp_path)


def test_norm_curves_without_a_column(tmp_path: Path, runner: RunnerDescription) -> None:
    text = NORMS.read_text().replace("knee_flexion_deg", "knee")
    (tmp_path / "norms.csv").write_text(text)
    with pytest.raises(ValueError, match="column knee_flexion_deg is missing") as error:
        reference.from_norm_curves(tmp_path / "norms.csv", SPEED, runner)
    one_line(error)


Content = dict[str, Any]


def unknown_key(content: Content) -> None:
    content["colour"] = "red"


def unknown_coordinate(content: Content) -> None:
    content["muscles"][0]["path"]["coordinates"][0] = "hip_flexion_x"


def lost_parent(content: Content) -> None:
    content["joints"][0]["parent"] = "sky"


def lost_body(content: Content) -> None:
    content["bodies"].append({**content["bodies"][0], "name": "tail"})


def negative_mass(content: Content) -> None:
    content["bodies"][0]["mass"] = -1.0


def no_force(content: Content) -> None:
    content["muscles"][2]["max_isometric_force"] = 0.0


def missing_mirror(content: Content) -> None:
    content["muscles"][0]["mirror"] = "nobody"


def foreign_function(content: Content) -> None:
    content["couplings"][0]["function"] = {"type": "sine"}


def unsorted_knots(content: Content) -> None:
    content["couplings"][0]["function"] = {
        "type": "spline", "x": [0.0, 1.0, 0.5], "y": [0.0] * 3, "dy": [0.0] * 3,
    }  # fmt: skip


def contact_nowhere(content: Content) -> None:
    content["contacts"][0]["body"] = "shoe"


def passive_nowhere(content: Content) -> None:
    content["passive"][0]["coordinate"] = "tail_angle"


def other_version(content: Content) -> None:
    content["schema_version"] = 2


def short_vector(content: Content) -> None:
    content["gravity"] = [0.0, -9.8]


REFUSED: list[tuple[Callable[[Content], None], str]] = [
    (unknown_key, "colour: unknown key"),
    (unknown_coordinate, "unknown coordinate hip_flexion_x"),
    (lost_parent, "joint ground_pelvis: parent sky"),
    (lost_body, "body tail has no joint"),
    (negative_mass, r"bodies\[0\]\.mass: .*greater than or equal to 0"),
    (no_force, r"muscles\[2\]\.max_isometric_force: .*greater than 0"),
    (missing_mirror, "mirror image nobody does not exist"),
    (foreign_function, "'constant', 'linear', 'polynomial', 'spline'"),
    (unsorted_knots, "x must increase strictly"),
    (contact_nowhere, "unknown body shoe"),
    (passive_nowhere, "unknown coordinate tail_angle"),
    (other_version, "is not allowed; it should be 1"),
    (short_vector, "gravity: .*List should have at least 3 items"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED, ids=lambda v: getattr(v, "__name__", ""))
def test_broken_description(
    planar_folder: Path, tmp_path: Path, change: Callable[[Content], None], message: str
) -> None:
    content = json.loads((planar_folder / "runner.json").read_text())
    change(content)
    file = tmp_path / "runner.json"
    file.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=message) as error:
        description.read(file)
    assert one_line(error).startswith(str(file))


@pytest.mark.parametrize("text", ["", "hello", "[1, 2]", '{"name": "x", "gravity": NaN}'])
def test_not_a_description(tmp_path: Path, text: str) -> None:
    (tmp_path / "runner.json").write_text(text)
    with pytest.raises(ValueError, match=str(tmp_path)) as error:
        description.read(tmp_path / "runner.json")
    one_line(error)


def track(*options: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "simulations.track", "--norms", str(NORMS), *options]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scheme", "euler"], "scheme: 'euler' is not known; allowed: trapezoidal, herm"),
        (["--objective", "joy"], "objective: 'joy' is not known; allowed: "),
        (["--guess", "nowhere"], "nowhere/solution.npz: no such solution"),
        (["--runner", "nowhere"], "nowhere/runner.json"),
    ],
)
def test_command_line(
    planar_folder: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    """One line on stderr, exit code 2, nothing written."""
    given = ["--runner", str(planar_folder), "--speed", "3.5", "--weight", "1", "--mesh", "3"]
    done = track(*given, "--out", str(tmp_path / "out"), *options)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_predict_without_its_baseline_says_so(
    planar_folder: Path, tmp_path: Path, case: dict[str, Any]
) -> None:
    """The case it starts from was never solved: recorded as failed, and no error."""
    folder = tmp_path / "case"
    write_json(folder / "case.json", case | {"mesh_intervals": INTERVALS})
    (folder / "runner.json").write_text((planar_folder / "runner.json").read_text())
    words = [sys.executable, "-m", "simulations.predict", "--case", str(folder)]
    words += ["--reference", str(tmp_path / "none"), "--guess", str(tmp_path / "none")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "[hip_flexors_100] FAILED: the run it starts from failed: none" in done.stderr
    record = json.loads((folder / "solver.json").read_text())
    assert record["status"] == "failed"
    assert "none" in record["reason"]


def test_json_refuses_nan_and_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_json(file, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(file, {"a": float("nan")})
    assert json.loads(file.read_text()) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
