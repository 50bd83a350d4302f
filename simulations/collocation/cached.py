"""Functions that are costly to build, kept on disk, and compiled where a C compiler is at hand.

$HIPDRIVE_CACHE (or ~/.cache/hipdrive)/equations/KEY/ holds one structure's functions: CasADi's own
files, patterns of their derivatives, and compiled code where there is a compiler. KEY is a hash of
the structure, of the code that writes equations, and of CasADi's version. Every file's hash is kept
beside it and compared when it is read: a damaged entry is made again. $HIPDRIVE_COMPILER names the
compiler (cc by default); `none` leaves functions to CasADi's interpreter, with the same numbers.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

import casadi as ca
import numpy as np

from formats.files import alone, write_bytes, write_json, write_text
from simulations.collocation.differentiated import KINDS, Functions
from simulations.collocation.vector_machine import Table, UnknownOperationError, interface, source

COMPILER = "HIPDRIVE_COMPILER"
_HASHES, _PATTERNS, _LIBRARY = "sha256.json", "patterns.npz", "compiled.so"
# Same numbers as the interpreter's: no fused multiply-add.
_FLAGS = ("-O2", "-ffp-contract=off", "-fPIC", "-shared")
_READ: dict[str, Functions] = {}


def folder() -> Path:
    """Where functions are kept."""
    root = os.environ.get("HIPDRIVE_CACHE") or Path.home() / ".cache" / "hipdrive"
    return Path(root) / "equations"


@cache
def _code() -> str:
    """Hash of the code that writes equations."""
    here = Path(__file__).parent
    files = [*sorted((here.parent / "equations").glob("*.py"))]
    files += [
        here / name
        for name in (
            "elements.py",
            "by_numbers.py",
            "differentiated.py",
            "layout.py",
            "vector_machine.c",
            "vector_machine.py",
        )
    ]
    content = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(content + version("casadi").encode()).hexdigest()


def compiler() -> str | None:
    """The C compiler, if there is one and it is wanted."""
    wanted = os.environ.get(COMPILER, "cc")
    return None if wanted in ("", "none") else shutil.which(wanted)


def functions(
    structure: str, build: Callable[[], Functions], kinds: Sequence[str] = KINDS
) -> Functions:
    """The functions of a structure: from this process, from the cache, or built and kept.

    kinds: of function that are built and kept.
    """
    key = hashlib.sha256(f"{_code()} {structure}".encode()).hexdigest()[:24]
    known = f"{key} {compiler()}"
    if known not in _READ:
        found = _functions(folder() / key, build, kinds)
        _READ[known] = replace(found, structure=structure)
    return _READ[known]


def _functions(place: Path, build: Callable[[], Functions], kinds: Sequence[str]) -> Functions:
    # Whole files with their hashes: who only reads need not wait for others who do.
    found = _load(place, kinds)
    if found is not None and (compiler() is None or _unchanged(place, [_LIBRARY])):
        return _with_library(found, place / _LIBRARY if compiler() else None)
    try:
        with alone(place):
            found = _load(place, kinds)
            if found is None:
                found = build()
                _store(place, found, kinds)
            library = _compiled(place, found, kinds)
    except OSError as error:  # a cache that cannot be written is no reason not to solve
        print(f"{place}: not kept ({error.strerror})", file=sys.stderr)
        return build()
    return _with_library(found, library)


def _with_library(found: Functions, library: Path | None) -> Functions:
    return found if library is None else replace(found, compiled=partial(_mapped, library, found))


def _store(place: Path, built: Functions, kinds: Sequence[str]) -> None:
    for kind in kinds:
        write_bytes(place / f"{kind}.casadi", built.of(kind).serialize().encode())
    content = io.BytesIO()
    np.savez_compressed(content, first=built.first, second=built.second)
    write_bytes(place / _PATTERNS, content.getvalue())
    _keep_hashes(place)


def _load(place: Path, kinds: Sequence[str]) -> Functions | None:
    """A kept entry; None where there is none, or a file is not as it was written.

    CasADi's files are large, and not needed where there is compiled code: they are read when asked
    for.
    """
    if not _unchanged(place, [*(f"{kind}.casadi" for kind in kinds), _PATTERNS]):
        return None

    @cache
    def of(kind: str) -> ca.Function:
        return ca.Function.deserialize((place / f"{kind}.casadi").read_text())

    with np.load(place / _PATTERNS, allow_pickle=False) as patterns:
        return Functions(of, patterns["first"], patterns["second"])


def _keep_hashes(place: Path) -> None:
    files = [path for path in place.iterdir() if path.suffix in (".casadi", ".npz", ".so")]
    write_json(place / _HASHES, {path.name: _sha256(path) for path in sorted(files)})


def _unchanged(place: Path, names: list[str]) -> bool:
    try:
        kept = json.loads((place / _HASHES).read_text())
        return all(kept[name] == _sha256(place / name) for name in names)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _compiled(place: Path, found: Functions, kinds: Sequence[str]) -> Path | None:
    """The compiled library of an entry; None where there is no compiler, or it does not manage."""
    program = compiler()
    if program is None:
        return None
    if _unchanged(place, [_LIBRARY]):
        return place / _LIBRARY
    try:
        tables = {_symbol(place, kind): Table.of(found.of(kind)) for kind in kinds}
        with tempfile.TemporaryDirectory(dir=place, prefix=".tables.") as scratch:
            _compile(program, source(tables, Path(scratch)), place / _LIBRARY)
    except (UnknownOperationError, subprocess.SubprocessError) as error:
        print(f"{place}: not compiled ({error}); interpreted instead", file=sys.stderr)
        return None
    _keep_hashes(place)
    return place / _LIBRARY


def _compile(program: str, text: str, library: Path, *with_: Path) -> None:
    """Compile C source to a shared library, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=library.parent, prefix=".compile.") as scratch:
        code, made = Path(scratch) / "code.c", Path(scratch) / library.name
        write_text(code, text)
        command = [program, *_FLAGS, str(code), *map(str, with_), "-lm", "-o", str(made)]
        if with_:
            command.append("-Wl,-rpath,$ORIGIN")
        subprocess.run(command, check=True, capture_output=True, text=True)
        made.replace(library)


def _symbol(place: Path, kind: str) -> str:
    """Name of a kind in compiled code, of this structure alone: libraries share one process."""
    return f"{kind}_{place.name}"


def _mapped(library: Path, found: Functions, kind: str, count: int) -> ca.Function:
    """A kind for so many instances, as a function of the compiled library."""
    program, name = compiler(), f"{kind}_of_{count}"
    wrapper = library.with_name(f"{name}.so")
    if program is None:
        return found.of(kind).map(count)
    symbol = _symbol(library.parent, kind)
    if _unchanged(library.parent, [wrapper.name]):
        return ca.external(name, str(wrapper))
    with alone(library.parent):
        if not _unchanged(library.parent, [wrapper.name]):
            _compile(
                program,
                interface(name, symbol, found.of(kind), count),
                wrapper,
                library,
            )
            _keep_hashes(library.parent)
    return ca.external(name, str(wrapper))
