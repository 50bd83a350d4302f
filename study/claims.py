"""Check a claims file, and say whether it is the frozen one: python -m study.claims [FILE]."""

from __future__ import annotations

import argparse
from pathlib import Path

from formats.claims import FILE, changed, read_claims, sha256
from formats.files import run_command


def main() -> None:
    """Command line: check a claims file."""
    parser = argparse.ArgumentParser(description="Check the claims and their decision rule.")
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    path = parser.parse_args().file
    found = read_claims(path)
    state = "CHANGED, not the frozen rule" if changed(path) else "the frozen rule"
    print(f"{path}: {len(found.claims)} claims; {state} (sha256 {sha256(path)})")


if __name__ == "__main__":
    run_command(main)
