"""The base model and the planar runner, made once for all tests of models/."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import build
from models.rajagopal.base import base_model


@pytest.fixture(scope="session")
def base_file() -> Path:
    """The base model, from the cache or downloaded."""
    return base_model()


@pytest.fixture(scope="session")
def planar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the planar runner."""
    folder = tmp_path_factory.mktemp("planar")
    build.build("planar", None, folder)
    return folder
