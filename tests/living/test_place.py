"""Where a run reads and writes, and which review a notebook is about."""

from pathlib import Path

import pytest
import standin

import evidence.data
from evidence.errors import ReportError
from evidence.living.current import current_review
from evidence.living.place import find_clone, find_place


def test_the_clone_of_the_review_comes_first(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(standin.write_clone(tmp_path / "other"))
    place = find_place(clone / "data/trial-review")
    assert [path.name for path in place.notebooks] == ["01-the-answer.ipynb", "02-the-trials.ipynb"]
    assert place.output == clone / "reports/trial-review"


def test_a_review_elsewhere_uses_the_clone_of_the_working_directory(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = tmp_path / "far/mine"
    review.mkdir(parents=True)
    monkeypatch.chdir(clone / "notebooks")
    place = find_place(review)
    assert place.notebooks[0].parent == clone / "notebooks"
    assert place.output == clone / "reports/mine"


def test_notebooks_alone_make_no_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.write_notebook(tmp_path / "notebooks/private.ipynb", ["mine"])
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    assert find_clone() != tmp_path


def test_copies_of_editors_are_no_notebooks(clone: Path) -> None:
    (clone / "notebooks/.~01-the-answer.ipynb").touch()
    (clone / "notebooks/.ipynb_checkpoints").mkdir()
    assert len(find_place(clone / "data/trial-review").notebooks) == 2


def test_without_any_clone_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence.living.place.find_clone", lambda *starts: None)
    with pytest.raises(ReportError, match="--notebooks DIR"):
        find_place(tmp_path)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "magnesium-sleep"), ("", "magnesium-sleep"), ("/some/review", "/some/review")],
)
def test_a_notebook_is_about_the_worked_case_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, value: str | None, expected: str
) -> None:
    monkeypatch.setattr(evidence.data, "load_review", lambda name: name)
    if value is None:
        monkeypatch.delenv("EVIDENCE_REVIEW", raising=False)
    else:
        monkeypatch.setenv("EVIDENCE_REVIEW", value)
    assert current_review() == expected
