"""Where Python looks for code: installed packages, then the checkout, never the working folder.

`python -m` puts the working folder first, where a user's yaml.py or numpy.py would be run in place
of the package. Each stage calls `checkout_last` before it imports anything else; so nothing is
imported here but what Python has loaded when it starts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SAFE_PATH, PATH = "PYTHONSAFEPATH", "PYTHONPATH"


def checkout_last() -> None:
    """Look into this file's checkout, after all that is installed, and not into the working folder.

    An editable installation of another checkout comes later still.
    """
    passed_over = {CHECKOUT, os.path.abspath(os.curdir)}
    kept = [path for path in sys.path if os.path.abspath(path) not in passed_over]
    sys.path[:] = [*kept, CHECKOUT]


def prepare_commands(environment: MutableMapping[str, str]) -> None:
    """Let commands started with this environment run this checkout's code, wherever they start."""
    environment[SAFE_PATH] = "1"
    environment[PATH] = os.pathsep.join([CHECKOUT, *_others(environment)])


def for_snakemake(environment: Mapping[str, str]) -> dict[str, str]:
    """The same for Snakemake, which looks beside its Snakefile, and must not before it imports."""
    found = {key: value for key, value in environment.items() if key != PATH}
    others = _others(environment)
    return found | {SAFE_PATH: "1"} | ({PATH: os.pathsep.join(others)} if others else {})


def _others(environment: Mapping[str, str]) -> list[str]:
    paths = environment.get(PATH, "").split(os.pathsep)
    return [path for path in paths if path and os.path.abspath(path) != CHECKOUT]
