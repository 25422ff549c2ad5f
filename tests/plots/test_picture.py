"""A picture is the same bytes for the same numbers, is shown once, and can be listened to."""

from __future__ import annotations

import base64
import html
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import nbclient
import nbconvert
import nbformat
import pytest
from PIL import Image
from tests.plots import make

from evidence.plots import Picture, alt_text, effect_direction, forest

DRAWINGS = {
    "forest": lambda seed: forest(make.pooled(4, seed=seed), **make.WORDS),
    "directions": lambda seed: effect_direction(make.directions(5, 4, seed=seed)),
}

CODE = """
import numpy as np, pandas as pd
from evidence import plots
ends = {"ci_low": [0, .1], "ci_high": [.2, .3]}
table = pd.DataFrame({"label": ["a", "b"], "estimate": [.1, .2], **ends})
print(hash(plots.Picture(plots.forest(table, threshold=.1)).svg()))
"""


@pytest.mark.parametrize("name", DRAWINGS)
def test_equal_numbers_give_equal_bytes(name: str) -> None:
    draw = DRAWINGS[name]
    first, second, other = Picture(draw(1)), Picture(draw(1)), Picture(draw(2))
    assert first.png() == second.png() == first.png()
    assert first.svg() == second.svg() == first.svg()
    assert first.alt == second.alt
    assert first.png() != other.png()
    assert first.svg() != other.svg()
    assert first.alt != other.alt


def test_equal_bytes_in_another_process_and_under_another_style() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", style + CODE],
            env={"MPLBACKEND": "Agg", "PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for style in ("", "import matplotlib.pyplot as plt; plt.style.use('dark_background')")
    ]
    assert runs[0] == runs[1]


def test_the_figure_is_closed_and_everything_is_in_the_picture() -> None:
    axes = forest(make.pooled(3), **make.WORDS)
    assert len(plt.get_fignums()) == 1
    picture = Picture(axes)
    assert plt.get_fignums() == []
    assert picture.alt == alt_text(axes)
    image = Image.open(io.BytesIO(picture.png()))
    assert image.info["Description"] == picture.alt
    width, height = axes.figure.get_size_inches()
    assert image.size == (int(width * 144), int(height * 144))
    assert image.getpixel((0, 0)) == (255, 255, 255, 255)


def test_an_svg_has_its_text_no_date_and_no_font_of_the_reader() -> None:
    svg = Picture(forest(make.pooled(3), **make.WORDS)).svg()
    root = ET.fromstring(svg)
    assert "Pooled, random effects:" in "".join(root.itertext())
    assert "<dc:date>" not in svg
    assert "<text" not in svg


def test_nasty_words_do_not_leave_their_place() -> None:
    axes = forest(make.pooled(len(make.NASTY), make.NASTY), title="<b>\"x\" & 'y'</b>")
    picture = Picture(axes)
    ET.fromstring(picture.svg())
    data, metadata = picture._repr_mimebundle_()
    (alt,) = re.findall(r'<img alt="([^"]*)"', str(data["text/html"]))
    assert html.unescape(alt) == picture.alt
    assert "<b>" not in str(data["text/html"])
    assert picture.alt.encode("utf-8")
    assert metadata["image/png"]["alt"] == picture.alt


def test_the_bundle_holds_one_picture_in_three_forms() -> None:
    picture = Picture(forest(make.pooled(3), **make.WORDS))
    data, metadata = picture._repr_mimebundle_(include=None, exclude=None)
    assert set(data) == {"text/html", "image/png", "text/plain"}
    assert base64.b64decode(str(data["image/png"])) == picture.png()
    (source,) = re.findall(r'src="data:image/png;base64,([^"]*)"', str(data["text/html"]))
    assert source == data["image/png"]
    assert data["text/plain"] == picture.alt
    size = Image.open(io.BytesIO(picture.png())).size
    assert metadata["image/png"]["width"] == pytest.approx(size[0] / 1.5, abs=1)


def test_a_grid_is_described_from_first_to_last() -> None:
    _, grid = plt.subplots(1, 2, figsize=(16, 5))
    first = forest(make.pooled(2), grid[0], title="One")
    forest(make.pooled(3), grid[1], title="Two")
    assert Picture(first).alt.startswith("Forest plot: One, two studies.")
    assert "Forest plot: Two, three studies." in Picture(first).alt


def test_figures_that_are_not_ours_have_no_text() -> None:
    _, axes = plt.subplots()
    assert alt_text(axes) == Picture(axes).alt == ""


def test_plots_load_without_matplotlib() -> None:
    code = "import sys, evidence.plots; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_a_notebook_shows_it_once_with_its_text_and_keeps_drawing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run a real kernel; then make pages of it, as nbconvert does."""
    monkeypatch.delenv("MPLBACKEND", raising=False)
    begin = CODE.rsplit("\n", 2)[0]
    sources = [
        f"{begin}\nplots.Picture(plots.forest(table))",
        "for title in 'ab':\n    display(plots.Picture(plots.forest(table, title=title)))",
        "axes = plots.forest(table)",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=120).execute()
    shown = [[output["data"] for output in cell.outputs] for cell in notebook.cells]
    assert [len(outputs) for outputs in shown] == [1, 2, 1, 1]
    assert "text/html" in shown[0][0]
    # Not closed by a `Picture`: the notebook draws it itself, and a reader's own as well.
    assert set(shown[2][0]) == set(shown[3][0]) == {"image/png", "text/plain"}
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    described = re.findall(r'<img alt="(Forest plot[^"]*)"', page)
    assert len(described) == 3
    assert page.count("<img") == 5
