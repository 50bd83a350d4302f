"""The rule of imports, and that all statements of versions agree."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.workflow.conftest import CHECKOUT

PACKAGES = ("models", "simulations", "analysis", "config", "formats")
# OpenSim and CasADi carry different builds of one library and cannot share a process.
ALLOWED = {"opensim": {"models", "analysis"}, "casadi": {"simulations"}}
# What the other stages may take from simulations/: it must import neither engine.
NEUTRAL = (
    *("simulations.description", "simulations.files", "simulations.untrusted"),
    "simulations.origin",
    *("simulations.measured", "simulations.trial", "simulations.trial_settings"),
    *("simulations.storage", "simulations.loads", "simulations.strides", "simulations.sole"),
)


def imports(path: Path) -> set[str]:
    """Modules a file imports, wherever in it, by full name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def sources(package: str) -> list[Path]:
    return sorted((CHECKOUT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_engines_stay_apart(package: str) -> None:
    for path in sources(package):
        engines = {name.split(".")[0] for name in imports(path)} & set(ALLOWED)
        for engine in engines:
            assert package in ALLOWED[engine], f"{path} imports {engine}"


@pytest.mark.parametrize("package", PACKAGES)
def test_stages_do_not_reach_into_each_other(package: str) -> None:
    for path in sources(package):
        for name in imports(path):
            stage = name.split(".")[0]
            if stage == "simulations" and package != "simulations":
                neutral = name == "simulations" or name.startswith(NEUTRAL)
                assert neutral, f"{path} imports {name}"
            if package == "simulations":
                assert stage not in {"models", "analysis"}, f"{path} imports {name}"


def test_formats_imports_no_stage() -> None:
    for path in sources("formats"):
        stages = {name.split(".")[0] for name in imports(path)} & set(PACKAGES) - {"formats"}
        assert not stages, f"{path} imports {stages}"


def test_neutral_modules_import_no_engine() -> None:
    for module in NEUTRAL:
        path = CHECKOUT / (module.replace(".", "/") + ".py")
        for name in imports(path):
            stage = name.split(".")[0]
            neutral = name == "simulations" or name.startswith(NEUTRAL)
            assert stage not in ALLOWED, f"{path} imports {name}"
            assert stage not in PACKAGES or neutral or stage == "formats", f"{path} imports {name}"


def locked() -> dict[str, str]:
    lines = (CHECKOUT / "requirements.lock").read_text().split()
    return dict(line.split("==") for line in lines)


def test_lock_is_exact_and_holds_all_that_is_asked_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=]", item)[0] for item in wanted}
    assert names <= set(locked())
    assert all(re.fullmatch(r"[0-9][0-9a-z.]*", version) for version in locked().values())


def test_conda_environment_has_the_locked_versions() -> None:
    content = yaml.safe_load((CHECKOUT / "environment.yaml").read_text())
    pins = dict(pin.split("==") for pin in content["dependencies"][-1]["pip"])
    assert {"opensim", "casadi", "numpy"} <= set(pins)
    assert pins == {name: locked()[name] for name in pins}
