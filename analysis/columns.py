"""Every column of outcomes.csv: its unit, frame, definition and source, from analysis/columns.csv.

    python -m analysis.columns --check results/study/outcomes.csv   is each column defined?
    python -m analysis.columns --write docs/columns.md              the table for people

To add a column: one line in analysis/columns.csv. {..} in a name stands for each of `WORDS`.
"""

from __future__ import annotations

import argparse
import itertools
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.measures.glutes import GROUPS
from analysis.measures.tendon_readings import READINGS
from formats.files import run_command, write_text
from formats.text import shown
from formats.untrusted import read_table

FILE = Path(__file__).with_name("columns.csv")
WORDS: dict[str, tuple[str, ...]] = {
    "group": tuple(GROUPS),
    "reading": READINGS,
    "segment": ("thigh", "shank"),
    "filtered": ("vertical_peak", "braking_peak"),
    "moment": (
        *("hip_flexor", "hip_extensor", "knee_flexor", "knee_extensor"),
        *("ankle_dorsiflexor", "ankle_plantarflexor"),
    ),
    "sign": ("positive", "negative"),
    "joint": ("hip", "knee", "ankle", "leg", "trunk"),
    "leg_joint": ("hip", "knee", "ankle"),
    "late": ("hamstrings", "glmax"),
    "edge": ("on", "off"),
    "direction": ("anterior", "superior", "medial"),
    "extreme": ("peak", "min"),
    "limit": ("max", "min"),
    "surface": ("head", "cup"),
    "energy_part": (
        *("contractile", "passive_fibre", "tendon", "fibre_damping", "passive_joints"),
        *("trunk_actuators", "arm_actuators", "contact"),
    ),
    "heat": ("activation", "maintenance", "shortening"),
    "card": ("", "_kinematic", "_kinetic"),
}
KINDS = ("text", "number", "whole", "flag")


@dataclass(frozen=True)
class Column:
    """A column of outcomes.csv; frame: what a direction or an angle is measured in, or empty."""

    section: str
    name: str
    kind: str
    unit: str
    frame: str
    definition: str
    source: str

    def expanded(self) -> list[Column]:
        """The columns that a line stands for."""
        places = re.findall(r"{(\w+)}", self.name)
        found = []
        for words in itertools.product(*(WORDS[place] for place in places)):
            name, definition = self.name, self.definition
            for place, word in zip(places, words, strict=True):
                name = name.replace(f"{{{place}}}", word)
                definition = definition.replace(f"{{{place}}}", word.replace("_", " ").strip())
            found.append(replace(self, name=name, definition=definition))
        return found


@cache
def lines() -> tuple[Column, ...]:
    """The lines of analysis/columns.csv."""
    table = pd.read_csv(FILE, comment="#", keep_default_na=False, dtype=str)
    return tuple(Column(*(str(cell) for cell in row)) for row in table.itertuples(index=False))


@cache
def columns() -> dict[str, Column]:
    """Every column by name. ValueError if two lines stand for one name."""
    found: dict[str, Column] = {}
    for column in itertools.chain.from_iterable(line.expanded() for line in lines()):
        if column.name in found:
            raise ValueError(f"{FILE.name}: two lines stand for {column.name}")
        found[column.name] = column
    return found


def schema() -> pa.DataFrameSchema:
    """The pandera schema of outcomes.csv: columns that are defined, each of its kind, or empty."""
    number = pa.Check(lambda s: pd.to_numeric(s, errors="coerce").notna() | s.isna(), name="number")
    whole = pa.Check(
        lambda s: (pd.to_numeric(s, errors="coerce") % 1 == 0) | s.isna(), name="whole"
    )
    flag = pa.Check(lambda s: s.isna() | s.astype(str).isin(["True", "False"]), name="flag")
    checks = {"number": [number], "whole": [number, whole], "flag": [flag], "text": []}
    return pa.DataFrameSchema(
        {
            name: pa.Column(
                checks=checks[column.kind],
                nullable=True,
                required=False,
                title=column.unit or None,
                description=column.definition,
                metadata={"frame": column.frame, "source": column.source},
            )
            for name, column in columns().items()
        },
        strict=True,
        unique=["case"],
    )


def check(path: Path) -> int:
    """How many columns a table of outcomes has. ValueError, one line, for one that is not right."""
    table = read_table(path, ["case", "status"])
    odd = [str(name) for name in table.columns if name not in columns()]
    if odd:
        more = f" (and {len(odd) - 9} more)" if len(odd) > 9 else ""
        raise ValueError(
            f"{path}: {', '.join(odd[:9])}{more}: not defined; analysis/columns.csv has a line each"
        )
    try:
        schema().validate(table)
    except pa.errors.SchemaError as error:
        case = error.failure_cases["failure_case"].iloc[0]
        raise ValueError(
            f"{path}: {error.schema.name}: {shown(case)} is not allowed; {error.check.name} "
            "is its kind in analysis/columns.csv"
        ) from None
    return len(table.columns)


def markdown() -> str:
    """docs/columns.md."""
    parts = [
        "# Columns of outcomes.csv\n",
        "One row a case, units at the ends of names; BW: body weights. Empty: not known, or the",
        "runner has no such muscle. `{..}` stands for each of the words at the end of this page.",
        "Made by `python -m analysis.columns --write docs/columns.md`.\n",
        f"{len(columns())} columns.\n",
    ]
    for section in dict.fromkeys(line.section for line in lines()):
        chosen = [line for line in lines() if line.section == section]
        parts += [f"## {section.capitalize()}\n", "| column | unit | frame | definition | source |"]
        parts += ["|---|---|---|---|---|"]
        parts += [
            f"| `{c.name}` | {c.unit} | {c.frame} | {c.definition} | {c.source} |" for c in chosen
        ]
        parts.append("")
    parts += ["## Words in names\n", "| in a name | stands for |", "|---|---|"]
    for place, words in WORDS.items():
        shown = ", ".join(f"`{word}`" if word else "nothing" for word in words)
        parts.append(f"| `{{{place}}}` | {shown} |")
    return "\n".join(parts) + "\n"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="The columns of outcomes.csv.")
    parser.add_argument("--check", type=Path, help="a table of outcomes")
    parser.add_argument("--write", type=Path, help="write the table for people")
    given = parser.parse_args()
    if given.check:
        print(f"{given.check}: {check(given.check)} columns, all defined")
    if given.write:
        write_text(given.write, markdown())


if __name__ == "__main__":
    run_command(main)
