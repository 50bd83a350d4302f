"""The rule of imports, and that all statements of versions agree."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
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
    *("simulations.filters", "simulations.origin"),
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


LOCKS = ("requirements.lock", "requirements-cluster.lock")
PINNED = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][0-9a-z.]*)(?P<hashes>( --hash=sha256:[0-9a-f]{64})+)"
)


def pinned(name: str) -> list[re.Match[str] | None]:
    """The requirements of a lock file; None for a line that is no version with its hashes."""
    text = (CHECKOUT / name).read_text().replace(" \\\n   ", "")
    return [PINNED.fullmatch(line) for line in text.splitlines() if not line.startswith("#")]


def locked() -> dict[str, str]:
    return {one["name"]: one["version"] for one in pinned("requirements.lock") if one}


def test_lock_is_exact_and_holds_all_that_is_asked_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=]", item)[0] for item in wanted}
    assert names <= set(locked())


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_exact_to_the_file(name: str) -> None:
    """Nothing but versions and hashes: no address of an index, no option that would lift them."""
    every = pinned(name)
    assert every
    assert all(every)


def test_every_installation_checks_the_hashes() -> None:
    for name in ("Makefile", "Dockerfile", "apptainer.def"):
        text = (CHECKOUT / name).read_text()
        assert "scripts/set_up.py" in text
        assert "pip install" not in text
    source = (CHECKOUT / "scripts" / "set_up.py").read_text()
    assert source.count('"install"') == 1
    assert '[*pip, "--require-hashes", *named]' in source


def test_a_file_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    version = locked()["setuptools"]
    (tmp_path / f"setuptools-{version}-py3-none-any.whl").write_bytes(b"not what was locked")
    script = (
        "import runpy, sys; from pathlib import Path\n"
        "runpy.run_path(sys.argv[1])['install'](Path(sys.executable), [])\n"
    )
    alone = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_IGNORE_INSTALLED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script, CHECKOUT / "scripts" / "set_up.py"],
        env=os.environ | alone | {"PIP_DRY_RUN": "1", "PIP_CONFIG_FILE": os.devnull},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_conda_environment_has_the_locked_versions() -> None:
    content = yaml.safe_load((CHECKOUT / "environment.yaml").read_text())
    pins = dict(pin.split("==") for pin in content["dependencies"][-1]["pip"])
    assert {"opensim", "casadi", "numpy"} <= set(pins)
    assert pins == {name: locked()[name] for name in pins}
