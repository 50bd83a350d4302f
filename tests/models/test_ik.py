"""Markers that a known motion carries give that motion back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from models import ik
from tests.models import small_own

FRAMES = 25


def marked(folder: Path) -> tuple[Path, Path, dict[str, np.ndarray]]:
    """A model with three markers on each body, their paths (.trc, mm), the motion behind them."""
    model = small_own.model()
    for body in model.getBodyList():
        for i, place in enumerate(((0.05, 0.0, 0.0), (0.0, -0.1, 0.03), (-0.02, 0.04, -0.05))):
            model.addMarker(osim.Marker(f"{body.getName()}_{i}", body, osim.Vec3(*place)))
    model.finalizeConnections()
    model.printToXML(str(folder / "model.osim"))
    state = model.initSystem()
    time = np.arange(FRAMES) / 100
    motion = {"pelvis_tx": 0.1 * time, "pelvis_ty": 0.95 + 0.03 * np.sin(9 * time)}
    motion |= {f"knee_angle_{s}": -0.6 + 0.4 * np.sin(9 * time + k) for k, s in enumerate("rl")}
    motion |= {f"hip_flexion_{s}": 0.3 * np.cos(9 * time + 3 * k) for k, s in enumerate("rl")}
    names = [marker.getName() for marker in model.getMarkerSet()]
    rows = []
    for i in range(FRAMES):
        for name, values in motion.items():
            model.getCoordinateSet().get(name).setValue(state, float(values[i]), False)
        model.realizePosition(state)
        places = [m.getLocationInGround(state).to_numpy() for m in model.getMarkerSet()]
        rows.append([i + 1, time[i], *(1000.0 * np.concatenate(places))])
    head = [
        "PathFileType\t4\t(X/Y/Z)\tmarkers.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
        "OrigNumFrames",
        f"100\t100\t{FRAMES}\t{len(names)}\tmm\t100\t1\t{FRAMES}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(f"{a}{k + 1}" for k in range(len(names)) for a in "XYZ"),
        "",
    ]
    body = [
        "\t".join(f"{value:.6f}" if k else str(value) for k, value in enumerate(r)) for r in rows
    ]
    (folder / "markers.trc").write_text("\n".join([*head, *body]) + "\n")
    return folder / "model.osim", folder / "markers.trc", motion


def test_the_motion_comes_back(tmp_path: Path) -> None:
    model, markers, motion = marked(tmp_path)
    found = ik.track(model, markers, {})
    assert found.rms.max() < 1e-4
    for name, values in motion.items():
        np.testing.assert_allclose(found.coordinates[name], values, atol=1e-3)


def test_a_marker_without_weight_is_left_out(tmp_path: Path) -> None:
    model, markers, _ = marked(tmp_path)
    found = ik.track(model, markers, {"torso_0": 0.0})
    assert "torso_0" not in found.markers


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    model, markers, _ = marked(tmp_path)
    with pytest.raises(ValueError, match="it has no marker elbow"):
        ik.track(model, markers, {"elbow": 2.0})
    plain = tmp_path / "plain.osim"
    small_own.model().printToXML(str(plain))
    with pytest.raises(ValueError, match="0 of its markers are in markers"):
        ik.track(plain, markers, {})
    broken = tmp_path / "broken.c3d"
    broken.write_bytes(b"no c3d")
    with pytest.raises(ValueError, match="OpenSim does not read it"):
        ik.track(model, broken, {})
