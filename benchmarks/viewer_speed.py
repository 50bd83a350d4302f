"""How fast a report's viewer plays in a headless Chromium that renders in software.

    python -m benchmarks.viewer_speed results/study/report.html [--width 1280] [--seconds 5]

Pictures drawn in a second while it plays, each finished before a third is begun (the viewer waits
by fences): for an idle machine. What a loaded one hardly changes is processor time, of all of
Chromium's processes: of a picture at rest, in full detail, waited for; and of a picture while it
plays, with what puts it on the page, less what the page takes when nothing moves.
Linux; needs chromium and chromedriver.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from formats.files import run_command
from tests.workflow.browser import Browser, missing

PLAYED = """const done = arguments[arguments.length - 1];
const canvas = document.getElementById("runner");
const count = () => Number(canvas.dataset.drawn), from = count(), start = performance.now();
const look = (now) => (performance.now() - start > MILLISECONDS
  ? done([count() - from, (performance.now() - start) / 1000, canvas.width, canvas.height])
  : requestAnimationFrame(look));
requestAnimationFrame(look);"""
TURN = """const button = document.getElementById("play");
if (button.textContent === "WANTED") button.click();"""
PLAY, STOP = TURN.replace("WANTED", "play"), TURN.replace("WANTED", "pause")
# A pixel is read, so that each picture is finished before the next.
DRAWN = """const canvas = document.getElementById("runner"), gl = canvas.getContext("webgl2");
const phase = document.getElementById("phase"), pixel = new Uint8Array(4);
for (let i = 0; i < COUNT; i++) {
  phase.value = (7 * i) % 100;
  phase.dispatchEvent(new Event("input"));
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
}"""
PICTURES = 60
"""Drawn at rest, after a few to warm up."""


def processor_seconds(parent: int) -> float:
    """User and system time of a process and all that descend from it and live, s."""
    parents, times = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended meanwhile
            parents[int(entry.name)] = int(fields[1])
            times[int(entry.name)] = int(fields[11]) + int(fields[12])
    family = {parent}
    while grown := {child for child, own in parents.items() if own in family} - family:
        family |= grown
    return sum(times.get(one, 0) for one in family) / os.sysconf("SC_CLK_TCK")


def measure(report: Path, width: int, seconds: float) -> dict[str, float]:
    """Pictures a second, processor time of one (ms) playing and at rest, the picture's size."""
    with tempfile.TemporaryDirectory() as place, Browser(Path(place) / "profile") as browser:
        size = {"deviceScaleFactor": 1, "mobile": False, "height": 900}
        browser.devtools("Emulation.setDeviceMetricsOverride", width=width, **size)
        browser.open(report)
        browser.run(STOP)
        browser.run(DRAWN.replace("COUNT", "10"))
        before = processor_seconds(browser.driver.pid)
        browser.run(DRAWN.replace("COUNT", str(PICTURES)))
        at_rest = (processor_seconds(browser.driver.pid) - before) / PICTURES
        before = processor_seconds(browser.driver.pid)
        time.sleep(seconds)
        idle = (processor_seconds(browser.driver.pid) - before) / seconds
        browser.run(PLAY)
        time.sleep(2.0)  # until it has found how fine it can draw here
        before = processor_seconds(browser.driver.pid)
        script = PLAYED.replace("MILLISECONDS", f"{1000 * seconds:.0f}")
        drawn, took, wide, high = browser.call(
            "POST", "/execute/async", {"script": script, "args": []}
        )
        spent = processor_seconds(browser.driver.pid) - before
    return {
        "pictures a second": drawn / took,
        "processor time of one (ms)": 1000 * max(spent - idle * took, 0.0) / max(drawn, 1),
        "processor time of one at rest (ms)": 1000 * at_rest,
        "width drawn": wide,
        "height drawn": high,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure how fast a report's viewer plays.")
    parser.add_argument("report", type=Path, help="report.html of a study")
    parser.add_argument("--width", type=int, default=1280, help="of the window, px")
    parser.add_argument("--seconds", type=float, default=5.0, help="played")
    given = parser.parse_args()
    if reason := missing():
        raise ValueError(reason)
    if not given.report.is_file():
        raise ValueError(f"{given.report}: no such file; run the study first")
    for name, value in measure(given.report, given.width, given.seconds).items():
        print(f"{name}: {value:.1f}")


if __name__ == "__main__":
    run_command(main)
