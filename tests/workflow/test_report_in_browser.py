"""The report as a reader opens it: offline, in Chromium, moved by its slider, and on paper."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator

import numpy as np
import pytest

from analysis import animation
from analysis.report import build
from analysis.report.provenance import provenance
from formats.claims import of_study
from tests.workflow.browser import Browser, missing
from tests.workflow.made_up import whole

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

# What is on the canvas, as a picture in words; drawn anew, for it is kept no longer than a frame.
STATE = """
const canvas = document.getElementById("runner"), set = (id, value) => {
  const one = document.getElementById(id);
  one.value = value;
  one.dispatchEvent(new Event("input"));
};
CHANGE
return [canvas.toDataURL(), canvas.dataset.dose, document.getElementById("told").textContent];
"""


def after(browser: Browser, change: str) -> list[str]:
    """Picture of the canvas, its dose, and the words below it, after `set(id, value)` and such."""
    return browser.run(STATE.replace("CHANGE", change))


def stop(browser: Browser) -> None:
    browser.run(
        """if (document.getElementById("play").textContent === "pause")
             document.getElementById("play").click();"""
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    place = tmp_path_factory.mktemp("browser")
    folder = whole(place / "study", {140.0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(animation, "FRAMES", {"mp4": 3})
        animation.draw(folder)
    report = folder / build.FILE
    report.write_text(build.render(folder, provenance(of_study(folder))), "utf-8")
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


def test_the_sliders_move_the_runner(browser: Browser) -> None:
    stop(browser)
    seen = {}
    for place in range(4):
        picture, dose, words = after(browser, f'set("phase", 20); set("dose", {place});')
        assert words.startswith(f"{dose} % strength, 20 % of the stride")
        seen[dose] = picture
    # 140 % failed: it cannot be chosen. Each other dose has a picture of its own.
    assert list(seen) == ["60", "80", "100", "120"]
    assert len(set(seen.values())) == 4
    assert after(browser, 'set("phase", 70);')[0] != seen["120"]
    assert after(browser, 'set("phase", 20);')[0] == seen["120"]
    assert browser.console() == []


RED = """
const all = new Uint8Array(4 * canvas.width * canvas.height), gl = canvas.getContext("webgl2");
gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, all);
let red = 0;
for (let i = 0; i < all.length; i += 4) if (all[i] - all[i + 2] > 80) red++;
return red;
"""


def test_muscles_take_the_colour_of_their_activation(browser: Browser) -> None:
    """The made-up muscle is at 0.8 of its activation at 25 % of the stride and at rest at 75 %."""
    stop(browser)
    state = STATE.split("CHANGE")[0] + 'set("colour", "activation"); set("dose", 3);'
    working, resting = (browser.run(f'{state} set("phase", {at}); {RED}') for at in (25, 75))
    assert resting == 0
    assert working > 20
    hidden = browser.run(
        f"""{state} document.getElementById("muscles").click(); set("phase", 25);
        document.getElementById("muscles").click(); {RED}"""
    )
    assert hidden == working  # shown again, it is as before
    assert after(browser, 'set("colour", "difference"); set("dose", 0);')[0]
    assert "against 100 %" in browser.run("return document.getElementById('legend').innerText")
    after(browser, 'set("colour", "activation");')


def test_a_difference_can_be_made_larger_and_seen_from_all_sides(browser: Browser) -> None:
    stop(browser)
    start = 'set("dose", 0); set("compare", 2); set("exaggerate", 1); set("phase", 0);'
    plain, _, words = after(browser, start)
    assert "mm from those at 100 %" in words
    large, _, same = after(browser, 'set("exaggerate", 30);')
    assert large != plain
    assert same == words  # what is told is what was computed, not what is drawn
    views = [
        after(browser, f"document.querySelector('[data-view=\"{name}\"]').click();")[0]
        for name in ("angle", "side", "front", "top", "hip")
    ]
    assert len(set(views)) == 5
    turn = """canvas.focus();
      canvas.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowLeft"})); set("phase", 0);"""
    assert after(browser, turn)[0] != views[-1]


def test_curves_follow_with_a_cursor(browser: Browser) -> None:
    stop(browser)
    read = """return [...document.querySelectorAll("#curves figure")].map((one) => [
      one.querySelector("output").textContent,
      one.querySelector(".cursor").getAttribute("transform"),
      one.querySelectorAll(".curve").length,
      one.querySelector("svg").getAttribute("aria-label")]);"""
    after(browser, 'set("dose", 2); set("compare", 0); set("phase", 20);')
    early = browser.run(read)
    assert [row[2] for row in early] == [2, 2, 2, 2]
    # Made up: activation dose / 300 (1 + sin), hip force |(0.5, 3, 0.5)|, ground 2 sin over 40 %.
    assert float(early[0][0]) == pytest.approx((1 + np.sin(0.4 * np.pi)) / 3, abs=0.006)
    assert float(early[1][0]) == pytest.approx(np.sqrt(9.5), abs=0.06)
    assert float(early[3][0]) == pytest.approx(2.0, abs=0.01)
    assert "activation of psoas_r over the stride" in early[0][3]
    after(browser, 'set("phase", 60);')
    late = browser.run(read)
    assert late[3][0] == "0.00"
    assert late[0][1] != early[0][1]


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
    assert len(headings) == 11
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


def test_nothing_scrolls_sideways_on_a_telephone(browser: Browser) -> None:
    """Tables do so in their own frames; the page does not, with all that is folded away open."""
    size = {"deviceScaleFactor": 1, "mobile": False, "height": 800}
    try:
        for width in (390, 800, 1280):
            browser.devtools("Emulation.setDeviceMetricsOverride", width=width, **size)
            browser.run("document.querySelectorAll('details').forEach((d) => (d.open = true))")
            wide = browser.run(
                """return [document.documentElement.scrollWidth,
                  document.getElementById("runner").clientWidth];"""
            )
            assert wide[0] <= width
            assert wide[1] > min(0.7 * width, 400)
    finally:
        browser.devtools("Emulation.clearDeviceMetricsOverride")


AXE = "axe-core@4.10.2"


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The code of axe-core, Deque's checker of accessibility, fetched for this test alone."""
    if shutil.which("npm") is None:
        pytest.skip("not installed: npm, which fetches axe-core")
    place = tmp_path_factory.mktemp("axe")
    got = subprocess.run(
        ["npm", "pack", "--silent", AXE], cwd=place, capture_output=True, text=True, check=False
    )
    if got.returncode:
        pytest.skip(f"{AXE} cannot be fetched")
    with tarfile.open(place / got.stdout.split()[-1]) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


def test_axe_finds_nothing_serious(browser: Browser, axe: str) -> None:
    """Everything unfolded; WCAG 2.1 A and AA with axe's own best practices."""
    stop(browser)
    browser.run("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    found = browser.call(
        "POST",
        "/execute/async",
        {
            "script": axe
            + """; const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ["violations"]}).then((result) => done(
              [result.passes.length, result.violations.map((one) =>
                [one.id, one.impact, one.nodes.map((n) => n.html.slice(0, 90)).slice(0, 3)])]));""",
            "args": [],
        },
    )
    passed, violations = found
    assert passed > 20
    assert [one for one in violations if one[1] in ("serious", "critical")] == []
