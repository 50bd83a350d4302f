"""How pip builds this project: as a link to the checkout, and never as a wheel.

A study needs the Snakefile, the rules and tables beside the code, and its five packages have names
(models, analysis ..) that would stand in everybody's way in an environment shared with others. So
there is no wheel: clone the repository, and `make` or `pip install --editable .` links to it.
"""

from __future__ import annotations

from typing import Any, NoReturn

from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
)

__all__ = ["build_editable", "get_requires_for_build_editable"]
__all__ += ["prepare_metadata_for_build_editable"]

REASON = (
    "hipdrive runs from its checkout, which holds the workflow and its tables: there is no wheel; "
    "clone the repository, then `make study`, or `pip install --editable .`"
)


def build_wheel(*_: Any, **__: Any) -> NoReturn:
    """Refuse, with the way that works."""
    raise SystemExit(f"error: {REASON}")


build_sdist = build_wheel
