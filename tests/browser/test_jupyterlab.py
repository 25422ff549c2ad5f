"""The notebooks as a person meets them: JupyterLab, a double click, Run All Cells."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import lab as labs
import pytest

import evidence

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTEBOOKS = sorted((labs.CLONE / "notebooks").glob("*.ipynb"))
DRAWS = re.compile(r"\bplots?\.|\bPicture\(")
BROKEN = "99-broken.ipynb"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[labs.Lab]:
    folder = tmp_path_factory.mktemp("lab")
    notebooks = labs.copy_clone(folder / "clone") / "notebooks"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**cell, "id": "a", "source": "1 / 0"}, {**cell, "id": "b", "source": "2"}]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}
    broken = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    (notebooks / BROKEN).write_text(json.dumps(broken))
    private = folder / "private"
    private.mkdir()
    with labs.jupyterlab(notebooks, private) as running:
        yield running


def source(path: Path) -> str:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_kernel_is_this_python(lab: labs.Lab) -> None:
    specs = lab.get("/api/kernelspecs")["kernelspecs"]
    assert specs["python3"]["spec"]["argv"][0] == sys.executable


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(
    lab: labs.Lab, browser: labs.Browser, path: Path, screenshots: Path, show
) -> None:
    picture = screenshots / f"lab-{path.stem}.png"
    seen = browser.run_notebook(lab, path.name, picture)
    show(picture)
    assert seen.errors == []
    assert all(re.fullmatch(r"\[\d+\]:", prompt) for prompt in seen.prompts)
    if DRAWS.search(source(path)):
        assert seen.figures
    assert all(width > 100 for width in seen.figures)
    assert "Warning" not in seen.text
    assert browser.refused == []
    if path.stem.startswith("01"):
        answer = evidence.conclude(evidence.load_review("magnesium-sleep")).bottom_line
        for sentence in answer.paragraphs:
            assert words(sentence) in words(seen.text)


def test_an_error_would_be_seen(lab: labs.Lab, browser: labs.Browser, tmp_path: Path) -> None:
    seen = browser.run_notebook(lab, BROKEN, tmp_path / "broken.png")
    assert "ZeroDivisionError" in seen.errors[0]
    assert seen.figures == []
