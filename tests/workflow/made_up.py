"""A study of made-up numbers, whole enough for films and report, and the report as read."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.claims import conclude
from analysis.replayed import scene
from analysis.report import build, provenance
from analysis.report.pictures import OPTIONAL, PICTURES
from formats.claims import FIRST, of_study
from formats.storage import write_storage
from tests.analysis import synthetic_study
from tests.workflow.made_up_scene import SPEED, STRIDE_S, WEIGHT_N, seen
from tests.workflow.made_up_tables import make

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><path d="M0 0L9 9"/></svg>'
OF_DOSES = {"over_striding", "dose_effect_by_habit", "dose_response"}
"""Optional figures that a predicted study of several doses has, as analysis.smk draws them."""
DRAWN = [one.name for one in PICTURES if one.name not in OPTIONAL or one.name in OF_DOSES]
"""Figures of the study made up here."""


def ground_forces() -> pd.DataFrame:
    """Right foot loaded from 10 to 40 % of the stored time, the left one half a stride later."""
    share = np.linspace(0, 1, 101)
    table = pd.DataFrame({"time": share * STRIDE_S})
    for side, start in (("r", 0.1), ("l", 0.6)):
        phase = (share - start) / 0.3
        push = np.where((phase >= 0) & (phase <= 1), 2 * WEIGHT_N * np.sin(np.pi * phase), 0.0)
        table[f"ground_force_{side}_vx"] = 0.1 * push
        table[f"ground_force_{side}_vy"] = push
        table[f"ground_force_{side}_vz"] = 0.0
        for axis in "xyz":
            table[f"ground_force_{side}_p{axis}"] = 0.0
        # The foot stands still on the ground, a little ahead of where it was first loaded.
        table[f"ground_force_{side}_px"] = np.where(push > 0, start * STRIDE_S * SPEED + 0.2, 0.0)
    return table


def positions(dose: float) -> pd.DataFrame:
    """A body that moves forward at SPEED, its right knee lifted by the dose."""
    percent = np.arange(101.0)
    heights = {"hip": 0.9, "knee": 0.5, "ankle": 0.1, "heel": 0.0, "toe_joint": 0.0, "toe_tip": 0.0}
    heights |= {"shoulder": 1.4, "elbow": 1.1, "wrist": 1.0}
    places = {f"{name}_{side}": height for name, height in heights.items() for side in "rl"}
    places |= {"lumbar": 1.0, "neck": 1.4, "head": 1.6}
    columns = {}
    for name, height in places.items():
        lift = dose / 1000 if name == "knee_r" else 0.0
        columns[f"{name}_x_m"] = SPEED * STRIDE_S * percent / 100 + lift
        columns[f"{name}_y_m"] = np.full(101, height)
        columns[f"{name}_z_m"] = np.zeros(101)
    return pd.DataFrame({"percent": percent} | columns)


def certificate(passed: bool) -> dict[str, object]:
    checks = {
        "pelvis_force": {"value": 1e-8, "limit": 1.0, "unit": "N", "passed": True},
        "energy_balance": {"value": 0.5 if passed else 7.0, "limit": 1.0, "unit": "%"},
    }
    for check in checks.values():
        check["compared"] = "made up"
    checks["energy_balance"]["passed"] = passed
    return {"certified": passed, "reasons": [] if passed else ["energy"], "checks": checks}


def whole(folder: Path, failed: set[float]) -> Path:
    """A study with all that the report reads but its film; pictures are small stand-ins."""
    make(folder, failed)
    outcomes = pd.read_csv(folder / "outcomes.csv")
    outcomes["body_mass_kg"] = WEIGHT_N / 9.80665
    outcomes["problem"] = "predict"
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    cases = pd.read_csv(folder / "cases.csv")
    for case, dose in zip(cases["case"], cases["dose_percent"], strict=True):
        own = folder / case
        own.mkdir(exist_ok=True)
        positions(dose).to_csv(own / "positions.csv", index=False)
        scene.write(own, seen(dose))
        write_storage(own / "ground_forces.mot", ground_forces())
        (own / "case.json").write_text(json.dumps({"speed_m_s": SPEED}))
        (own / "certificate.json").write_text(json.dumps(certificate(dose not in failed)))
        (own / "solver.json").write_text(json.dumps({"versions": {"casadi": "3.8.2"}}))
    (folder / "config.yaml").write_text("name: study\ndoses_percent: [60, 80, 100, 120, 140]\n")
    (folder / "figures").mkdir()
    for name in DRAWN:
        (folder / "figures" / f"{name}.svg").write_text(SVG)
    times = folder / "benchmarks" / cases["case"][0]
    times.mkdir(parents=True)
    (times / "predict.tsv").write_text("s\tmax_rss\n12.5\t400.0\n")
    return folder


FILM = b"not played here"


class Page(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def written(folder: Path, made: provenance.Provenance | None = None) -> Page:
    """The report, by the study's own rule as of now where not told what made it."""
    (folder / "animation").mkdir(exist_ok=True)
    for name in ("running", "beside_runners"):
        (folder / "animation" / f"{name}.mp4").write_bytes(FILM)
    return Page(build.render(folder, made or provenance.provenance(of_study(folder))))


def change(folder: Path, **keys: Any) -> None:
    """Set keys of every claim in claims.json."""
    path = folder / "claims.json"
    claims = json.loads(path.read_text())
    for entry in claims.values():
        entry.update(keys)
    path.write_text(json.dumps(claims))


def with_verdicts(folder: Path, claims: dict[str, Any]) -> Path:
    (folder / "claims.json").write_text(json.dumps(claims))
    return folder


def record(folder: Path, **changes: Any) -> Path:
    content = provenance.provenance(FIRST) | {"uncommitted": []} | changes
    content["claims"] = {"sha256": "0" * 64, "changed": False} | changes.get("claims", {})
    (folder / "report.json").write_text(json.dumps(content))
    (folder / "animation").mkdir(exist_ok=True)
    (folder / "animation" / "running.gif").write_bytes(b"GIF89a")
    (folder / "verdict.csv").write_text("claim\nlanding\n")
    return folder


def verdicts(folder: Path) -> dict[str, Any]:
    """Verdicts of six variants that change nothing but the margin to the rim, and only weakened.

    The margin falls by 3 deg per 20 % below 80 % strength. The null control failed, others passed.
    """
    rows = synthetic_study.study(synthetic_study.effects(), noise=0.01)
    for name in ("rim_margin_min_deg", "rim_margin_min_deg_tendon_on_head"):
        rows[name] = 20.0 + 3.0 * (rows["dose_percent"] == 60) + 0.01 * rows["draw"]
    rows["head_displacement_max_mm"] = 0.36 * 1.72 ** ((rows["dose_percent"] - 60) / 80)
    synthetic_study.write(rows, folder)
    claims = conclude(folder)
    for entry in claims.values():
        for name, control in entry["controls"].items():
            control["status"] = "failed" if name == "null" else "passed"
    return claims
