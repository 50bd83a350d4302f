"""Set up the environment of the checkout, whole or not at all (`make` calls it).

    python3 scripts/set_up.py                              makes .venv from requirements.lock
    python3 scripts/set_up.py --remove                     removes it
    python3 scripts/set_up.py --here requirements.lock ..  installs into this Python (a container)

Every file that is installed has a hash in the lock files. The environment is built in a folder of
its own and then takes the place of the old one, never while a study uses that: a study holds
.venv/.ready by a shared lock of the system, which ends with it (study/environment.py).
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
LOCK_FILE = CHECKOUT / "requirements.lock"
READY, USERS = ".ready", ".users"
BUILD = "setuptools"
"""Builds what comes as source alone; so it is installed first, from the same lock file."""


def requirement(name: str) -> str:
    """A package's part of requirements.lock: its version and hashes."""
    lines = LOCK_FILE.read_text("utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(f"{name}=="))
    last = next(i for i, line in enumerate(lines) if i >= first and not line.endswith("\\"))
    return "\n".join(lines[first : last + 1]) + "\n"


def create(environment: Path) -> None:
    """Make an empty environment."""
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)


def install(python: Path, locks: list[Path]) -> None:
    """Install what the lock files name, and the checkout itself, for a Python."""
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    pip += ["--no-deps", "--no-build-isolation"]
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first.lock"
        first.write_text(requirement(BUILD), "utf-8")
        for files in ([first], locks):
            named = [word for file in files for word in ("--requirement", str(file))]
            subprocess.run([*pip, "--require-hashes", *named], check=True)
    subprocess.run([*pip, "--editable", str(CHECKOUT)], check=True)


def users(environment: Path) -> list[str]:
    """What the studies that use an environment say of themselves."""
    found = []
    for path in sorted((environment / USERS).glob("[0-9]*")):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            os.kill(int(path.name), 0)
            found.append(path.read_text("utf-8").strip())
    return found


@contextlib.contextmanager
def unused(environment: Path) -> Iterator[None]:
    """Keep an environment from studies that start. Ends the program while one is running."""
    ready = environment / READY
    if not ready.is_file():
        yield
        return
    with ready.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            by = ", ".join(users(environment)) or "a study"
            sys.exit(
                f"error: {environment.name} has to be set up anew, but {by} is running in it; "
                "wait for its end, or stop it"
            )
        yield


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock file, waiting for another set-up to end."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    number = os.open(path, flags, 0o666)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def discard(path: Path) -> None:
    """Remove a folder with all in it, or a link; nothing if there is none."""
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def move(new: Path, environment: Path) -> None:
    """Let a new environment take the place of the old; its programs then name that place."""
    for path in (new / "bin").iterdir():
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if os.fsencode(new) in content and b"\0" not in content:
            path.write_bytes(content.replace(os.fsencode(new), os.fsencode(environment)))
    old = environment.with_name(f"{environment.name}.old")
    discard(old)
    if environment.is_symlink() or environment.exists():
        environment.rename(old)
    new.rename(environment)
    discard(old)


def fresh(environment: Path) -> bool:
    """Whether an environment is whole and no older than what it is made from."""
    ready = environment / READY
    sources = (LOCK_FILE, CHECKOUT / "pyproject.toml")
    return ready.is_file() and all(
        ready.stat().st_mtime >= source.stat().st_mtime for source in sources
    )


def build(environment: Path) -> None:
    """Make an environment, unless another set-up has just made it."""
    with alone(environment.with_name(f"{environment.name}.lock")):
        if fresh(environment):
            return
        with unused(environment):
            print(f"setting up {environment.name}, once; this takes a few minutes", flush=True)
            new = environment.with_name(f"{environment.name}.new")
            discard(new)
            create(new)
            install(new / "bin" / "python", [LOCK_FILE])
            (new / READY).touch()
            move(new, environment)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Set up the environment of the checkout.")
    parser.add_argument("--environment", type=Path, default=CHECKOUT / ".venv", help="its folder")
    parser.add_argument("--remove", action="store_true", help="remove it instead")
    parser.add_argument("--here", type=Path, nargs="+", metavar="LOCK", help="use this Python")
    given = parser.parse_args()
    environment = Path(os.path.abspath(given.environment))
    try:
        if given.here:
            install(Path(sys.executable), given.here)
        elif given.remove:
            with unused(environment):
                discard(environment)
        else:
            build(environment)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: {environment.name} could not be set up ({error.cmd[2]}), see above")
    except OSError as error:
        sys.exit(f"error: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
