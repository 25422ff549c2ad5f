"""The README says what the notebooks say, and its Python runs as printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import evidence
from evidence.errors import ReportError
from evidence.living.readme import FIGURE, readme_block, refreshed, write_readme

CLONE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def conclusions():
    return evidence.conclude(evidence.load_review(CLONE / "data" / "magnesium-sleep"))


def test_the_answer_in_the_readme_is_fresh(conclusions) -> None:
    readme = (CLONE / "README.md").read_text("utf-8")
    block = readme_block(conclusions)
    assert block in readme, "run `evidence readme --write`"
    # The block carries the numbers: the sentences, the table, and the figure in words.
    for sentence in conclusions.bottom_line.paragraphs:
        assert sentence in block
    assert conclusions.table.to_markdown() in block


def test_the_figure_of_the_readme_is_the_one_described(conclusions, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text((CLONE / "README.md").read_text("utf-8"), "utf-8")
    write_readme(conclusions, tmp_path)
    assert (tmp_path / FIGURE).read_bytes() == (CLONE / FIGURE).read_bytes(), (
        "run `evidence readme --write`"
    )
    assert (tmp_path / "README.md").read_text("utf-8") == (CLONE / "README.md").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "notebooks"]


def test_a_readme_without_a_block_is_refused_with_the_mend(conclusions) -> None:
    with pytest.raises(ReportError, match="Put these two lines where it belongs"):
        refreshed("# nothing here", readme_block(conclusions))


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    readme = (CLONE / "README.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert blocks
    said = []
    for block in blocks:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block],
            cwd=CLONE,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
        said.append(done.stdout)
    assert "Schuster 2025" in said[0]
    assert "random effects" in said[1]
    assert "heads in a row" in said[2]
    assert "cannot be right together" in said[2]
    assert "different analyses" in said[3]
    assert "can say" in said[3]
    assert "would be worth" in said[4]
    assert len(said) == 5
