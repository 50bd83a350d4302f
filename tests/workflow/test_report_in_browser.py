"""The report as a reader opens it: offline, in Chromium, moved by its slider, and on paper."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest

from analysis import animation
from analysis.report import build
from tests.workflow.browser import Browser, missing
from tests.workflow.made_up import whole

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

# Whole picture of the canvas, its dose, and the words below it.
STATE = """
const canvas = document.getElementById("runner");
return [canvas.toDataURL(), canvas.dataset.dose, document.getElementById("told").textContent];
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    place = tmp_path_factory.mktemp("browser")
    folder = whole(place / "study", {140.0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(animation, "FRAMES", {"mp4": 3})
        animation.draw(folder)
    report = folder / build.FILE
    report.write_text(build.render(build.context(folder)), "utf-8")
    with Browser(place / "profile") as found:
        found.devtools(
            "Network.emulateNetworkConditions",
            **{"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
        )
        found.open(report)
        yield found


def test_it_opens_offline_without_a_complaint(browser: Browser) -> None:
    browser.run("document.getElementById('play').click()")
    assert browser.console() == []
    loaded = "return performance.getEntriesByType('resource').map((one) => one.name)"
    assert all(name.startswith("data:") for name in browser.run(loaded))


def test_every_picture_is_shown_and_described(browser: Browser) -> None:
    pictures = browser.run(
        "return [...document.images].map((one) => [one.complete && one.naturalWidth, one.alt])"
    )
    assert len(pictures) > 10
    for width, words in pictures:
        assert width > 0
        assert len(words) > 40


def test_the_slider_moves_the_runner(browser: Browser) -> None:
    browser.run(
        """if (document.getElementById("play").textContent === "pause")
             document.getElementById("play").click();
           document.getElementById("ghost").click();"""
    )
    seen = {}
    for place in range(4):
        browser.run(
            f"""const dose = document.getElementById("dose"); dose.value = {place};
                dose.dispatchEvent(new Event("input"));"""
        )
        picture, dose, words = browser.run(STATE)
        assert words.startswith(f"{dose} % strength")
        seen[dose] = picture
    # 140 % failed: it cannot be chosen. Each other dose has a picture of its own.
    assert list(seen) == ["60", "80", "100", "120"]
    assert len(set(seen.values())) == 4
    before = seen["120"]
    browser.run(
        """const phase = document.getElementById("phase"); phase.value = 30;
           phase.dispatchEvent(new Event("input"));"""
    )
    assert browser.run(STATE)[0] != before
    assert browser.console() == []


def test_it_plays_by_itself_and_stops(browser: Browser) -> None:
    frame = "return document.getElementById('phase').value"
    browser.run("document.getElementById('play').click()")
    assert browser.run("return document.getElementById('play').textContent") == "pause"
    start = browser.run(frame)
    moved = browser.call(
        "POST",
        "/execute/async",
        {
            "script": """const done = arguments[0], from = arguments[1]; const look = () =>
                document.getElementById("phase").value !== from ? done(true)
                : requestAnimationFrame(look); look();""".replace(
                "arguments[0], from = arguments[1]", f"arguments[0], from = '{start}'"
            ),
            "args": [],
        },
    )
    assert moved
    browser.run("document.getElementById('play').click()")
    assert browser.run(frame) == browser.run(frame)


def test_it_prints_with_all_its_sections(browser: Browser) -> None:
    headings = browser.run("return [...document.querySelectorAll('h2')].map((h) => h.innerText)")
    assert len(headings) == 12
    printed = browser.devtools(
        "Page.printToPDF",
        **{"generateDocumentOutline": True, "generateTaggedPDF": True, "printBackground": True},
    )
    document = base64.b64decode(printed["data"])
    assert document.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", document)) >= 4
    # The outline of the PDF: a title for each heading that is on paper.
    titles = document.count(b"/Title")
    assert titles >= len(headings)
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    hidden = browser.run(
        """const all = [...document.querySelectorAll("section h2, details table")];
           return all.filter((one) => one.getBoundingClientRect().height === 0)
             .map((one) => one.innerText);"""
    )
    browser.devtools("Emulation.setEmulatedMedia", media="")
    assert hidden == []
