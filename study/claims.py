"""Check a claims file, and say whether it is a frozen one; copy it for a study.

python -m study.claims [FILE]
python -m study.claims config/claims_v2.yaml --out results/study/claims.yaml
"""

from __future__ import annotations

import argparse
from pathlib import Path

from formats.claims import FILE, changed, name_of, read_claims, sha256
from formats.files import run_command, write_bytes


def main() -> None:
    """Command line: check a claims file, and copy it."""
    parser = argparse.ArgumentParser(description="Check the claims and their decision rule.")
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--out", type=Path, help="where to write the same file")
    given = parser.parse_args()
    path = given.file
    found = read_claims(path)
    state = "CHANGED, not a frozen rule" if changed(path) else f"frozen as {name_of(path)}"
    print(f"{path}: {len(found.claims)} claims; {state} (sha256 {sha256(path)})")
    if given.out is not None:
        write_bytes(given.out, path.read_bytes())


if __name__ == "__main__":
    run_command(main)
