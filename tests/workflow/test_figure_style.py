"""How figures are written: files, style, letters and fonts, whatever failed."""

from __future__ import annotations

import importlib
import re
import runpy
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.figures import (
    ground_force,
)
from analysis.figures.study import read_study
from analysis.figures.style import dose_styles
from formats import figure_settings as settings
from tests.workflow.made_up_tables import DOSES, make
from tests.workflow.test_cases import study as configuration

PAGES = [
    *("cup", "gait_by_dose", "gluteal_activation", "ground_force", "head_displacement"),
    *("hip_force_direction", "muscle_timing", "muscles_in_motion", "over_striding"),
    *("socket_tornado", "stick_figures"),
]


NAMES = [
    *("answer", "dose_effect_by_habit", "dose_response", "norms_scorecard", "strength", "verdict"),
    *PAGES,
]


def style(folder: Path) -> Path:
    """A style of coarse pixels, for the sake of time."""
    path = folder / "style.yaml"
    path.write_text("dpi: 75\n")
    return path


def draw(name: str, folder: Path, *options: str) -> None:
    """Run a figure's command in this process, which spares each its imports."""
    arguments = [name, "--study", str(folder), *options]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        patch.delitem(sys.modules, f"analysis.figures.{name}", raising=False)
        runpy.run_module(f"analysis.figures.{name}", run_name="__main__")


@pytest.fixture(scope="module", params=[{140.0}, DOSES], ids=["one", "all"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make(tmp_path_factory.mktemp("figures") / "study", request.param)
    style(folder)
    return folder


@pytest.mark.parametrize("name", ["dose_response", "norms_scorecard", "over_striding", "cup"])
def test_figure_is_written_without_a_100_percent_run(name: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "study", {100.0})
    draw(name, folder, "--style", str(style(tmp_path)))
    assert (folder / "figures" / f"{name}.pdf").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_figure_is_written_whatever_failed(
    name: str, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw(name, made, "--style", str(made / "style.yaml"))
    assert capsys.readouterr().err == ""
    figures = made / "figures"
    assert {path.name for path in figures.glob(f"{name}.*")} == {
        f"{name}.{kind}" for kind in ("csv", "pdf", "png", "svg", "txt")
    }
    width, height = plt.imread(figures / f"{name}.png").shape[1::-1]
    assert width == pytest.approx((85 if name == "answer" else 170) / 25.4 * 75, abs=2)
    assert height > 100
    # Fonts are embedded as TrueType, so that a journal can edit the text.
    document = (figures / f"{name}.pdf").read_bytes()
    assert b"/FontFile2" in document
    assert not re.search(rb"/Subtype /Type3\b", document)
    # In SVG the letters are outlines: no machine needs the font.
    assert "<text" not in (figures / f"{name}.svg").read_text()


@pytest.mark.parametrize("look", ["", "slides"])
@pytest.mark.parametrize("name", NAMES)
def test_no_text_lies_on_another_or_off_the_page(
    name: str, look: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the usual style, and on the lowest page with the largest letters."""
    folder = make(tmp_path / "study", {140.0})
    monkeypatch.setattr(
        "analysis.figures.style.save",
        lambda where, what, pages, drawn, caption="": check_texts(next(iter(pages))),
    )
    draw(name, folder, *(["--style", look] if look else []))


def check_texts(page: Figure) -> None:
    drawn: list[Text] = []  # what the renderer is told to draw, ticks out of range not among it
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", lambda self, renderer: drawn.append(self))
        page.canvas.draw()
    texts = {text: None for text in drawn if text.get_text().strip() and text.get_visible()}
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    assert len(boxes) > 3
    whole = page.bbox
    for words, box in boxes:
        assert box.x0 >= whole.x0 - 2 and box.x1 <= whole.x1 + 2, f"{words!r} is cut off"
        assert box.y0 >= whole.y0 - 2 and box.y1 <= whole.y1 + 2, f"{words!r} is cut off"
    for number, (words, box) in enumerate(boxes):
        for other, its in boxes[number + 1 :]:
            across = min(box.x1, its.x1) - max(box.x0, its.x0)
            along = min(box.y1, its.y1) - max(box.y0, its.y0)
            assert across < 1.5 or along < 1.5, f"{words!r} lies on {other!r}"


@pytest.mark.parametrize("name", PAGES)
def test_text_is_large_enough_to_print(name: str, tmp_path: Path) -> None:
    module = importlib.import_module(f"analysis.figures.{name}")
    page = module.draw(read_study(make(tmp_path / "study", {140.0}))[0])
    sizes = {text.get_fontsize() for text in page.findobj(Text) if text.get_text().strip()}
    plt.close(page)
    assert min(sizes) >= 7


def test_doses_differ_in_colour_and_in_line() -> None:
    styles = dose_styles([40, 60, 80, 100, 120, 140, 160])
    assert len({style["color"] for style in styles.values()}) == 7
    assert len({str(style["linestyle"]) for style in styles.values()}) == 7


def test_style_file_restyles(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", set())
    mine = tmp_path / "mine.yaml"
    mine.write_text("page_width_mm: 120\ndpi: 100\ndose_colours: {60: '#123456'}\n")
    draw("over_striding", folder, "--style", str(mine))
    assert plt.imread(folder / "figures" / "over_striding.png").shape[1] == pytest.approx(
        472, abs=2
    )
    draw("stick_figures", folder, "--style", str(mine))
    assert "#123456" in (folder / "figures" / "stick_figures.svg").read_text()
    draw("over_striding", folder)  # and the style as it is comes back
    assert plt.imread(folder / "figures" / "over_striding.png").shape[1] == pytest.approx(
        2007, abs=2
    )


def test_style_file_says_what_the_code_says() -> None:
    assert settings.read() == settings.Settings()
    assert set(settings.ALLOWED) == set(settings.Settings.model_fields)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("dpi: 20", "dpi: 20 is not allowed; it is a whole number from 50 to 1200"),
        ("colour_100: red", "colour_100: 'red' is not allowed; a colour is '#rrggbb'"),
        ("dip: 300", "dip: unknown key, perhaps dpi is meant; allowed are column_width_mm, "),
        ("svg_text: none", "svg_text: 'none' is not allowed; it is outlines or editable"),
        ("- 1", "holds no keys; allowed are column_width_mm, "),
        ("dose_colours: {60: blue}", "dose_colours: 'blue' is not allowed; it is a dose in per "),
    ],
)
def test_wrong_style_is_one_line(text: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "style.yaml"
    path.write_text(text)
    with pytest.raises(ValueError) as caught:
        settings.read(path)
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(settings.PRESETS))
def test_a_preset_keeps_to_its_widths_heights_and_letters(name: str, tmp_path: Path) -> None:
    """The tallest figures too; text is text, in a font that is there, and embedded."""
    wanted = settings.read(settings.PRESETS[name])
    folder = make(tmp_path / "study", {140.0})
    for figure in ("gait_by_dose", "norms_scorecard", "head_displacement"):
        draw(figure, folder, "--style", name)
        drawn = (folder / "figures" / f"{figure}.svg").read_text()
        found = re.search(r'width="([0-9.]+)pt" height="([0-9.]+)pt"', drawn)
        assert found is not None
        width, height = (float(size) / 72 * 25.4 for size in found.groups())
        assert width == pytest.approx(wanted.page_width_mm, abs=0.1)
        assert height <= wanted.max_height_mm + 0.1
        assert "<text" in drawn
        assert settings.font(wanted) in drawn
        sizes = {float(size) for size in re.findall(r"font(?:-size)?:[^;\"]*?([0-9.]+)px", drawn)}
        assert max(sizes) <= wanted.font_size_pt + 0.01
        assert b"/FontFile2" in (folder / "figures" / f"{figure}.pdf").read_bytes()


def test_a_font_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("font_family: [No Such Font, Nor This]\n")
    with pytest.raises(ValueError, match=r"mine\.yaml: font_family: none of No Such Font") as told:
        settings.read(path)
    assert "\n" not in str(told.value)
    path.write_text("font_family: [No Such Font, DejaVu Serif]\n")
    assert settings.font(settings.read(path)) == "DejaVu Serif"


def test_a_font_installed_after_matplotlib_listed_all_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manager = font_manager.fontManager
    others = [one for one in manager.ttflist if one.name != "DejaVu Serif"]
    path = font_manager.findfont("DejaVu Serif", fallback_to_default=False)
    monkeypatch.setattr(manager, "ttflist", others)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [path])
    assert settings.font(settings.Settings(font_family="DejaVu Serif")) == "DejaVu Serif"


def test_a_configuration_may_name_a_preset() -> None:
    assert settings.file_of("nature") == settings.PRESETS["nature"]
    assert configuration(figures="nature").figures == "nature"


def test_a_page_is_a_file_with_its_words_beside_it(tmp_path: Path) -> None:
    """Two speeds are two series: the first is the figure, the second lies under more/."""
    folder = make(tmp_path / "study", set(), speeds_m_s=[3.0, 3.5])
    draw("ground_force", folder)
    figures = folder / "figures"
    document = (figures / "ground_force.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", document)) == 1
    (other,) = (figures / "more" / "ground_force").glob("*.pdf")
    assert other.stem.startswith("02_hip_flexors_3.5")
    assert {path.suffix for path in other.parent.iterdir()} == {".pdf", ".svg", ".png", ".txt"}
    words = (figures / "ground_force.txt").read_text()
    assert "Ticks on the lower axis: toe-off." in words  # noted by the code that drew, not drawn
    shown = " ".join(t.get_text() for t in ground_force.draw(read_study(folder)[0]).findobj(Text))
    assert "toe-off" not in shown
    assert len(pd.read_csv(figures / "ground_force.csv")["series"].unique()) == 2
