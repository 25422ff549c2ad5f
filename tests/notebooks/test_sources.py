"""What the report and JupyterLab need of the notebooks as they lie in git."""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"

pytestmark = pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem
)


def prose(path: Path) -> list[str]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def test_jupyterlab_need_not_ask_for_a_kernel(path: Path) -> None:
    metadata = json.loads(path.read_text("utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"


def test_prose_begins_with_the_one_title(path: Path) -> None:
    texts = prose(path)
    assert texts[0].startswith("# ")
    assert sum(len(re.findall(r"^# ", text, re.MULTILINE)) for text in texts) == 1


def test_prose_needs_nothing_from_the_net(path: Path) -> None:
    for text in prose(path):
        assert "$" not in text, "formulas would need MathJax, which the report does not load"
        assert not re.search(r"!\[[^\]]*\]\(https?:", text)
        assert not re.search(r"!\[\s*\]", text), "an image without a description"


def test_links_to_files_lead_somewhere(path: Path) -> None:
    for text in prose(path):
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if not re.match(r"[a-z]+:", target):
                assert (FOLDER / target).exists(), target
