"""Measured trials beside the checkout: not a part of this project; tests that need them skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def folder(name: str) -> Path:
    """A folder of $HIPDRIVE_DATA (else ../shared/data); skips the test, saying why, without it."""
    found = Path(os.environ.get("HIPDRIVE_DATA") or BESIDE) / name
    if not found.is_dir():
        pytest.skip(f"no measured trial here: {found} is absent; set HIPDRIVE_DATA to its parent")
    return found


def hamner(out: Path, speed: int, **settings: object) -> Path:
    """The trial of Hamner & Delp 2013's subject 01 at 3 or 4 m/s, as a folder of this project's."""
    data = folder("hamner2013_s01")
    out.mkdir(parents=True, exist_ok=True)
    for name, source in (
        ("model.osim", "Hamner2010_v4_subject01.osim"),
        ("motion.mot", f"run_{speed}ms_ik.mot"),
        ("forces.mot", f"run_{speed}ms_grf.mot"),
    ):
        (out / name).write_bytes((data / source).read_bytes())
    said = {"speed_m_s": float(speed), "mass_kg": 72.84, **settings}
    (out / "runner.yaml").write_text("".join(f"{key}: {value}\n" for key, value in said.items()))
    return out
