"""YAML that others wrote, in every place where it is read: refused in one line, and soon."""

from __future__ import annotations

import ast
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.socket import bearing as socket
from formats import claims
from formats import figure_settings as figures
from formats.trial.settings import read_settings
from formats.yaml import read
from study import keys as study

CHECKOUT = Path(__file__).parents[2]
BOMB = "a0: &a0 [x]\n" + "\n".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)
)


def a_runner(path: Path) -> Any:
    path.rename(path.with_name("runner.yaml"))
    return read_settings(path.parent)


READERS: dict[str, Callable[[Path], Any]] = {
    "study": study.read,
    "runner": a_runner,
    "figures": figures.read,
    "claims": claims.read_claims,
    "any": read,
}


FAULTS = {
    "alias": (BOMB, "not valid YAML in line 2: alias '*a0'; write the value out"),
    "twice": ("a: 1\na: 2\n", "'a': key appears twice"),
    "large": ("#" * 1_000_001, "1.0 MB; at most 1 MB are read"),
    "twice as a number": ("{80: a, 80.0: b}", "80.0: key appears twice"),
    "merge": ("<<: {a: 1}\na: 2\n", "not valid YAML in line 1: merge key '<<'; write the keys out"),
    "code": ("!!python/object/apply:os.system [ls]", "not valid YAML in line 1: could not"),
    "many": (f"a: [{'1,' * 20_000}]", "not valid YAML in line 1: more than 20000 values"),
    "long": (f"a: 1{':1' * 6_000}", "not valid YAML in line 1: a value of more than 10000 char"),
    "deep": ("a: " + "[" * 5000, "not valid YAML: nested too deeply"),
    "date": ("a: 2024-13-45", "month must be in 1..12"),
    "key": ("? [a]\n: 1\n", "not valid YAML in line 1: found unhashable key"),
}
EVERYWHERE = ("alias", "twice", "large")


@pytest.mark.parametrize(
    ("reader", "fault"),
    [(r, f) for r in READERS for f in FAULTS if r == "any" or f in EVERYWHERE],
)
def test_yaml_that_is_refused(reader: str, fault: str, tmp_path: Path) -> None:
    text, line = FAULTS[fault]
    path = tmp_path / "some.yaml"
    path.write_text(text)
    with pytest.raises(ValueError) as caught:
        READERS[reader](path)
    said = str(caught.value)
    named = path.with_name("runner.yaml") if reader == "runner" else path
    assert said.startswith(f"{named}: {line}")
    assert "\n" not in said


def test_aliases_of_a_runner_take_no_memory(tmp_path: Path) -> None:
    """These 400 bytes took gigabytes: the error's line held all that they stand for."""
    (tmp_path / "runner.yaml").write_text(f"speed_m_s: 3\n{BOMB}")
    code = f"from formats.trial.settings import read_settings; read_settings({str(tmp_path)!r})"
    limit = 1_000_000_000  # bytes of address space; enough to import and to refuse
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert done.stderr.splitlines()[-1].endswith("in line 3: alias '*a0'; write the value out")


@pytest.mark.parametrize("value", ["true", "'3.0'", ".nan", ".inf", "[3]"])
def test_numbers_are_numbers(value: str, tmp_path: Path) -> None:
    (tmp_path / "runner.yaml").write_text(f"speed_m_s: {value}\n")
    with pytest.raises(ValueError, match=r"runner\.yaml: speed_m_s: .* is not allowed; "):
        read_settings(tmp_path)
    style = tmp_path / "style.yaml"
    style.write_text(f"font_size_pt: {value}\n")
    with pytest.raises(ValueError, match=r"style\.yaml: font_size_pt: .* is not allowed; it is"):
        figures.read(style)
    content = read(socket.FILE)
    style.write_text(f"value: {value}")
    content["parameters"]["clearance"]["value"] = read(style)["value"]
    with pytest.raises(ValueError, match=r"socket\.yaml: parameters\.clearance\.value: "):
        socket.parse(content)
    rule = claims.FILE.read_text().replace("interval_percent: 95", f"interval_percent: {value}")
    style.write_text(rule)
    with pytest.raises(ValueError, match=r"style\.yaml: decision\.interval_percent: "):
        claims.read_claims(style)


def test_truths_are_truths(tmp_path: Path) -> None:
    (tmp_path / "runner.yaml").write_text("speed_m_s: 3\ntreadmill: 1\n")
    with pytest.raises(ValueError, match="treadmill: 1 is not allowed"):
        read_settings(tmp_path)


def test_no_other_reader() -> None:
    """What is imported from PyYAML elsewhere writes files; it reads none."""
    for folder in ("models", "simulations", "analysis", "study", "benchmarks", "formats"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            if path == CHECKOUT / "formats" / "yaml.py":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    used = node.value.id == "yaml" and "load" in node.attr
                    assert not used, f"{path}, line {node.lineno}: yaml.{node.attr}"
                if isinstance(node, ast.ImportFrom):
                    assert node.module != "yaml", f"{path}, line {node.lineno}"
