"""Does a finer mesh say the same? The primary endpoints of a case against its refined solution.

    python -m analysis.mesh_check --case DIR --fine FINE_DIR     writes DIR/mesh_check.json

Both folders hold outcomes.json; the fine one is the same case on at least twice the intervals. Each
primary endpoint of config/claims.yaml must move by less than its smallest effect.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import yaml

from analysis.case import read_json
from analysis.certify import MESH_CHECK
from analysis.outcomes import FILE as OUTCOMES
from analysis.outcomes import SETTINGS
from simulations.files import run_command, write_json

CLAIMS = Path(__file__).parents[1] / "config" / "claims.yaml"


def smallest_effects() -> dict[str, float]:
    """The primary endpoints' columns and the smallest change of each that would matter."""
    claims = yaml.safe_load(CLAIMS.read_text())["claims"]
    return {
        primary.get("smallest_effect_of", primary["endpoint"]): float(primary["smallest_effect"])
        for claim in claims.values()
        for primary in claim["primary"]
    }


def compare(coarse: dict[str, Any], fine: dict[str, Any]) -> dict[str, Any]:
    """Change of each primary endpoint from the coarse row of outcomes to the fine one.

    ValueError if the rows are of different cases, the mesh is not doubled, or a value is missing.
    """
    for name in SETTINGS:
        if name not in ("case", "start") and coarse.get(name) != fine.get(name):
            raise ValueError(
                f"{name}: {coarse.get(name)} and {fine.get(name)}; only the mesh may differ"
            )
    meshes = [row.get("mesh_intervals") or 0 for row in (coarse, fine)]
    if not 0 < 2 * meshes[0] <= meshes[1]:
        raise ValueError(f"mesh_intervals: {meshes[1]} is not at least twice {meshes[0]}")
    endpoints = {}
    for name, smallest in smallest_effects().items():
        values = [row.get(name) for row in (coarse, fine)]
        if values[0] is None or values[1] is None:
            raise ValueError(f"{name}: no value in {'first' if values[0] is None else 'fine'} case")
        change = float(values[1]) - float(values[0])
        passed = abs(change) < smallest
        endpoints[name] = {"change": change, "smallest_effect": smallest, "passed": passed}
    return {
        "mesh_intervals": meshes,
        "passed": all(e["passed"] for e in endpoints.values()),
        "endpoints": endpoints,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Compare a case with its refined solution.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    parser.add_argument("--fine", type=Path, required=True, help="folder of the refined solution")
    given = parser.parse_args()
    rows = [read_json(folder / OUTCOMES) for folder in (given.case, given.fine)]
    failed = [row for row in rows if row.get("status") == "failed"]
    if failed:  # a finding, not a fault: the certificate says so
        found: dict[str, Any] = {
            "passed": False,
            "reason": failed[0].get("reason"),
            "endpoints": {},
        }
    else:
        found = compare(*rows)
    write_json(given.case / MESH_CHECK, found)
    print(f"[{given.case.name}] mesh {'holds' if found['passed'] else 'does NOT hold'}:")
    for name, e in found["endpoints"].items():
        print(f"  {name}: {e['change']:+.4g} (smallest effect {e['smallest_effect']:g})")


if __name__ == "__main__":
    run_command(main)
