"""The figure of measured and tracked ground force: from made-up tables."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.figures import tracked


def made_up(folder: Path, speed: float) -> Path:
    percent = np.arange(101)
    force = np.where(percent < 40, np.sin(np.pi * percent / 40), 0.0)
    table = {"percent": percent}
    for kind, size in (("measured", 2.5), ("tracked", 2.6)):
        for direction in tracked.ROWS:
            table[f"{kind}_{direction}_bw"] = size * force
    folder.mkdir()
    pd.DataFrame(table).to_csv(folder / "tracked.csv", index=False)
    (folder / "tracked.json").write_text(json.dumps({"speed_m_s": speed}))
    return folder


def test_a_column_for_each_case_in_the_order_given(tmp_path: Path) -> None:
    cases = [made_up(tmp_path / "slow", 3.0), made_up(tmp_path / "fast", 4.0)]
    command = [sys.executable, "-m", "analysis.figures.tracked", "--cases", *cases]
    command += ["--out", tmp_path / "figures"]
    subprocess.run(list(map(str, command)), check=True)
    drawn = pd.read_csv(tmp_path / "figures" / "tracked.csv")
    assert list(dict.fromkeys(drawn["case"])) == ["slow", "fast"]
    assert set(drawn["speed_m_s"]) == {3.0, 4.0}
    canvas = tracked.draw(drawn)
    assert len(canvas.axes) == 2 * len(tracked.ROWS)
    assert [axes.get_title() for axes in canvas.axes[:2]] == ["3 m/s", "4 m/s"]
    assert (tmp_path / "figures" / "tracked.png").stat().st_size > 1000


def test_a_case_that_was_not_compared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"tracked\.json: no such file"):
        tracked.table([tmp_path])
