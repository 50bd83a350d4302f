"""Does the same case, solved again, say the same? Its primary endpoints, in smallest effects.

    python -m analysis.agreement --case DIR --again DIR/fine       writes DIR/agreement_fine.json

Both folders hold outcomes.json; the second, `fine` or `elsewhere1`, .., is the same case on at
least twice the intervals, or from another start. Each primary endpoint of the study's rule must
move by less than its smallest effect (first edition), or a tenth of it (second).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis.outcomes import FILE as OUTCOMES
from analysis.outcomes import SETTINGS
from analysis.replayed.case import read_json
from formats.claims import Claims, Endpoint, of_study, read_claims
from formats.files import run_command, write_json
from formats.records import Agreement, Move, Row
from formats.solved_again import in_order, start_of

PREFIX = "agreement_"


def file(how: str) -> str:
    """Name of the file in the case folder that says whether a case, solved again so, agrees."""
    return f"{PREFIX}{how}.json"


def stored(case: Path) -> list[str]:
    """How a case that has such files was solved again, the finer mesh first."""
    return in_order(path.stem.removeprefix(PREFIX) for path in case.glob(file("*")))


def primaries(claims: Claims) -> dict[str, Endpoint]:
    """The primary endpoints by the column in which each is judged."""
    return {primary.judged_column: primary for primary in claims.primaries()}


def compare(first: Row, again: Row, finer: int, claims: Claims) -> Agreement:
    """Change of each primary endpoint from the first row of outcomes to the second.

    finer: how many times the second one's mesh is at least as fine. A smallest effect in per cent
    is of the first row's value; how much of it may move is the rule's. ValueError if the rows are
    of different cases, the mesh is not so, or a value is missing.
    """
    for name in SETTINGS:
        if name not in ("case", "start") and first.get(name) != again.get(name):
            raise ValueError(
                f"{name}: {first.get(name)} and {again.get(name)}; only mesh and start may differ"
            )
    meshes = (int(first.get("mesh_intervals") or 0), int(again.get("mesh_intervals") or 0))
    if not 0 < finer * meshes[0] <= meshes[1]:
        raise ValueError(f"mesh_intervals: {meshes[1]} is not at least {finer} x {meshes[0]}")
    endpoints = {}
    for name, primary in primaries(claims).items():
        old, new = first.get(name), again.get(name)
        if old is None or new is None:
            raise ValueError(f"{name}: no value in {'first' if old is None else 'second'} case")
        change = float(new) - float(old)
        smallest = primary.smallest_at(float(old))
        if not smallest:
            raise ValueError(f"{name}: 0 in the first case, and its smallest effect is in per cent")
        passed = abs(change) < smallest * claims.decision.mesh_tolerance_percent / 100.0
        endpoints[name] = Move(change=change, smallest_effect=smallest, passed=passed)
    return Agreement(
        mesh_intervals=meshes,
        passed=all(move.passed for move in endpoints.values()),
        endpoints=endpoints,
    )


def compute(folder: Path, again: Path) -> Agreement:
    """Write a case's agreement with itself solved `again` (formats.solved_again); its content.

    ValueError, one line, if the two cannot be compared (see `compare`).
    """
    how = again.name
    finer = 2 if start_of(how) is None else 1
    rows = [read_json(where / OUTCOMES) for where in (folder, again)]
    failed = [row for row in rows if row.get("status") == "failed"]
    if failed:  # a finding, not a fault: the certificate says so
        found = Agreement(passed=False, reason=failed[0].get("reason"))
    else:
        found = compare(rows[0], rows[1], finer, read_claims(of_study(folder.parent)))
    write_json(folder / file(how), found.to_json())
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Compare a case with the same, solved again.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    parser.add_argument("--again", type=Path, required=True, help="folder of the second solution")
    given = parser.parse_args()
    found = compute(given.case, given.again)
    print(f"[{given.case.name}] {given.again.name}: {'holds' if found.passed else 'does NOT hold'}")
    for name, move in found.endpoints.items():
        print(f"  {name}: {move.change:+.4g} (smallest effect {move.smallest_effect:g})")


if __name__ == "__main__":
    run_command(main)
