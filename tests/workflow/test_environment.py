"""The rule of imports, and that all statements of versions agree."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

from tests.workflow.conftest import CHECKOUT

STAGES = ("models", "simulations", "analysis", "study")
PACKAGES = (*STAGES, "formats")
# OpenSim and CasADi carry different builds of one library and cannot share a process.
ALLOWED = {"opensim": {"models", "analysis"}, "casadi": {"simulations"}}
DEEPEST = {"simulations": 9, "analysis": 11, "models": 9, "study": 9, "formats": 9}
"""Import levels of a package at most: a reader follows no longer chain."""


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
def test_stages_meet_only_in_files(package: str) -> None:
    """No stage imports another; all may import formats, which imports none."""
    for path in sources(package):
        others = {name.split(".")[0] for name in imports(path)} & set(STAGES) - {package}
        assert not others, f"{path} imports {others}"


def test_the_command_imports_the_experiment_alone() -> None:
    """Stages' commands run in processes of their own: OpenSim and CasADi cannot share one."""
    for path in sources("hipdrive"):
        others = {name.split(".")[0] for name in imports(path)} & {*PACKAGES, *ALLOWED}
        assert others <= {"study", "formats"}, f"{path} imports {others}"


def module(path: Path) -> str:
    return ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")


def for_types(path: Path) -> set[str]:
    """Modules that a file imports for its annotations alone: not when it runs."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found |= {one.module or "" for one in node.body if isinstance(one, ast.ImportFrom)}
    return found


def graph(package: str) -> dict[str, set[str]]:
    """Modules of a package, and which of its modules each imports when it runs."""
    files = {module(path): path for path in sources(package)}
    return {
        name: (imports(path) & set(files)) - {name} - for_types(path)
        for name, path in files.items()
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle_of_imports(package: str) -> None:
    TopologicalSorter(graph(package)).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("package", PACKAGES)
def test_chains_of_imports_are_short(package: str) -> None:
    found = graph(package)
    depth: dict[str, int] = {}
    for name in TopologicalSorter(found).static_order():
        depth[name] = 1 + max((depth[other] for other in found[name]), default=0)
    deepest = max(depth, key=lambda name: depth[name])
    assert depth[deepest] <= DEEPEST[package], f"{deepest} stands on level {depth[deepest]}"


def test_configuration_holds_no_code() -> None:
    assert not list((CHECKOUT / "config").rglob("*.py"))


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


def test_there_is_no_wheel_and_pip_says_what_works(tmp_path: Path) -> None:
    """What a wheel would hold could not run a study: neither Snakefile nor tables."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
        + ["--wheel-dir", str(tmp_path), str(CHECKOUT)],
        env=os.environ | {"PIP_CONFIG_FILE": os.devnull},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "there is no wheel; clone the repository, then `make study`" in done.stdout + done.stderr
    assert not list(tmp_path.iterdir())
