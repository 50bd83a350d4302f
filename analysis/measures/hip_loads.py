"""What the socket has to carry over a stride: hip force, tendon, rotation; and its file.

Everything the head's equilibrium needs from OpenSim, so that it can be solved again (other sockets,
other readings) without it: no OpenSim here. hip_loads.csv holds a row for each node of the stride.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.measures.tendon_readings import BRACKET
from analysis.replayed.gait import PERCENT, Cycle
from analysis.socket import tendon
from formats.files import write_text
from formats.names import SIDES
from formats.table import csv_text
from formats.untrusted import read_table

FILE = "hip_loads.csv"
AXES = "xyz"


@dataclass(frozen=True)
class HipLoads:
    """One hip over N instants; vectors in the pelvis frame, SI.

    time (N,) s from the stored motion's first row; weights, stance (N,) s, integration weights of
    stride and stance; percent (N,) of the stride after contact. force, tendon (N, 3) N: of the head
    on the socket, and of the iliopsoas tendon on what it wraps. offset (N,) m of the tendon's line
    from the centre. rotation (N, 3, 3) femur in pelvis; rate (N, 3) rad/s. weight: of the body, N;
    contact: time of initial contact, s. seam: None for a periodic stride; else the time (s) at
    which a measured one's stored end meets its start, where everything jumps.
    """

    side: str
    weight: float
    contact: float
    time: np.ndarray
    percent: np.ndarray
    weights: np.ndarray
    stance: np.ndarray
    force: np.ndarray
    tendon: np.ndarray
    offset: np.ndarray
    rotation: np.ndarray
    rate: np.ndarray
    seam: float | None = None

    def reading(self, suffix: str) -> np.ndarray:
        """(N, 3) N, force of the head on the socket under a reading (see tendon)."""
        share = {"": 0.0, BRACKET[1]: 1.0}.get(suffix)
        if share is None:
            return self.force + tendon.share_on_head(self.rotation)[:, None] * self.tendon
        return self.force + share * self.tendon

    def curves(self) -> HipLoads:
        """The same hip at 0..100 % of the stride: 101 rows, weights of 1 % each."""
        cycle = Cycle(self.time, self.contact, periodic=self.seam is None)
        # The nearest rotation matrix to the interpolated one.
        left, _, right = np.linalg.svd(cycle.curve(self.rotation))
        even = np.full(len(PERCENT), 0.01 * self.time[-1])
        even[[0, -1]] /= 2
        standing = cycle.force_curve((self.stance > 0).astype(float)) > 0.5
        return replace(
            self,
            time=PERCENT / 100.0 * self.time[-1],
            contact=0.0,
            percent=PERCENT.astype(float),
            weights=even,
            stance=even * standing,
            force=cycle.force_curve(self.force),
            tendon=cycle.force_curve(self.tendon),
            offset=cycle.force_curve(self.offset),
            rotation=left @ right,
            rate=cycle.curve(self.rate),
            seam=None if self.seam is None else cycle.stride_time - self.contact,
        )

    def tilted(self, degrees: float) -> HipLoads:
        """As if the pelvis were tilted forward by so much within the frame that the model gives it.

        The socket turns with the pelvis, so all else turns backward as it sees it.
        """
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        return replace(
            self,
            force=self.force @ turn.T,
            tendon=self.tendon @ turn.T,
            rotation=turn @ self.rotation,
            rate=self.rate @ turn.T,
        )


def write(folder: Path, loads: HipLoads | None) -> None:
    """Write hip_loads.csv of the nodes; what holds for all stands in every row. None: empty."""
    if loads is None:
        write_text(folder / FILE, "side\n")
        return
    columns: dict[str, object] = {
        "side": loads.side,
        "body_weight_n": loads.weight,
        "contact_s": loads.contact,
        "periodic": int(loads.seam is None),
        "time_s": loads.time,
        "percent": loads.percent,
        "weight_s": loads.weights,
        "stance_weight_s": loads.stance,
        "tendon_offset_m": loads.offset,
    }
    for i, axis in enumerate(AXES):
        columns[f"force_{axis}_n"] = loads.force[:, i]
        columns[f"tendon_{axis}_n"] = loads.tendon[:, i]
        columns[f"rate_{axis}_rad_s"] = loads.rate[:, i]
        for j, other in enumerate(AXES):
            columns[f"rotation_{axis}{other}"] = loads.rotation[:, i, j]
    table = pd.DataFrame(columns)
    write_text(folder / FILE, csv_text(table, "%.12g"))


def read(folder: Path) -> HipLoads:
    """Read hip_loads.csv. ValueError in one line if it is missing or not one."""
    path = folder / FILE
    if not path.exists():
        raise ValueError(f"{path}: no such file; run analysis.femoral_head first")
    table = read_table(path, ["side"])
    try:
        side = str(table["side"].iloc[0])
        if side not in SIDES:
            raise ValueError(f"{path}: side {side} is not r or l")
        rotation = [table[f"rotation_{a}{b}"].to_numpy() for a in AXES for b in AXES]
        return HipLoads(
            side=side,
            weight=float(table["body_weight_n"].iloc[0]),
            contact=float(table["contact_s"].iloc[0]),
            time=table["time_s"].to_numpy(),
            percent=table["percent"].to_numpy(),
            weights=table["weight_s"].to_numpy(),
            stance=table["stance_weight_s"].to_numpy(),
            force=table[[f"force_{a}_n" for a in AXES]].to_numpy(),
            tendon=table[[f"tendon_{a}_n" for a in AXES]].to_numpy(),
            offset=table["tendon_offset_m"].to_numpy(),
            rotation=np.stack(rotation, axis=1).reshape(-1, 3, 3),
            rate=table[[f"rate_{a}_rad_s" for a in AXES]].to_numpy(),
            seam=None if table["periodic"].iloc[0] else 0.0,
        )
    except (KeyError, IndexError) as error:
        raise ValueError(f"{path}: no column or row {error}") from None
