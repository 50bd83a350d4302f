"""Envelopes of electromyography: from each foot's own contact, over their peak, names checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from formats.trial import emg

MUSCLES = ("soleus_r", "soleus_l", "vaslat_r", "vaslat_l")
PERCENT = np.linspace(0.0, 100.0, 51)


def write(folder: Path, **columns: object) -> Path:
    path = folder / "emg.csv"
    pd.DataFrame({"percent": PERCENT, **columns}).to_csv(path, index=False)
    return path


def test_a_name_without_side_is_of_both(tmp_path: Path) -> None:
    bump = np.exp(-(((PERCENT - 30) / 8) ** 2))
    found = emg.read(write(tmp_path, soleus=0.02 * bump, vaslat_r=bump), MUSCLES)
    assert set(found.values) == {"soleus_r", "soleus_l", "vaslat_r"}
    phase = np.linspace(0, 1, 101)
    assert phase[np.argmax(found.at("soleus_l", phase))] == pytest.approx(0.3)
    assert found.at("soleus_l", phase).max() == pytest.approx(1.0)
    later = found.at("soleus_l", phase - 0.5)  # the foot that lands half a stride later
    assert phase[np.argmax(later)] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("columns", "line"),
    [({"calf": PERCENT}, "column calf is no muscle"), ({"soleus": "x"}, "not a number")],
)
def test_what_is_wrong_is_named(columns: dict[str, object], line: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=line):
        emg.read(write(tmp_path, **columns), MUSCLES)
