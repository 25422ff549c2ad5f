"""The last good report: what a run keeps of it, and what page and notebook say of it."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import standin
from pages import Page
from rich.console import Console
from tests.data.small import change_text, set_cell, small_review

import evidence
from evidence.errors import ReportError
from evidence.living.diff.last_report import last_report
from evidence.living.earlier import EARLIER_VARIABLE
from evidence.living.progress import RunProgress
from evidence.living.run import run_report

HOSTILE = "<script>alert('x')</script>"
NOTEBOOK = """import evidence
conclusions = evidence.conclude(evidence.current_review())
print(evidence.what_changed(conclusions).headline())
print(evidence.demonstrate_change(conclusions).said)"""

Run = Callable[..., tuple[Page, str]]


@pytest.fixture
def review(tmp_path: Path) -> Path:
    """A clone with the small review and one notebook."""
    standin.write_notebook(tmp_path / "notebooks" / "01.ipynb", ["# Changed", ("code", NOTEBOOK)])
    return small_review(tmp_path / "data")


@pytest.fixture
def run(review: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the report; returns its first page and the terminal's text."""
    monkeypatch.setenv("MPLBACKEND", "Agg")

    def run(**options: bool) -> tuple[Page, str]:
        log = io.StringIO()
        with RunProgress(Console(file=log, width=200)) as progress:
            index = run_report(review, progress=progress, **options)
        return Page(index.read_text("utf-8")), log.getvalue()

    return run


def notebook(review: Path) -> str:
    report = review.parents[1] / "reports" / "small"
    return Page((report / "notebooks" / "01.html").read_text("utf-8")).text


@pytest.mark.slow
def test_a_report_tells_what_changed_since_the_last(review: Path, run: Run) -> None:
    report = review.parents[1] / "reports" / "small"
    first, _ = run()
    assert "There is no earlier report to compare with." in first.text
    assert "There is no earlier report" in notebook(review)
    kept = {p.name: p.read_bytes() for p in (report / "data").iterdir()}
    assert kept == {p.name: p.read_bytes() for p in review.iterdir()}

    set_cell(review, "arms", 3, "mean", "13.10")
    change_text(review, "review.toml", 'title = "Nap trouble"', f'title = "Nap {HOSTILE}"')
    second, _ = run()
    day = (report / "computed.txt").read_text()[:10]
    assert f"What changed since {day}" in second.text
    assert f"From the report of {day} to now: what it says changed." in second.text
    assert "arms.csv line 3 (alpha2020" in second.text
    assert "because arms.csv line 3 changed" in second.text
    assert HOSTILE in second.text
    assert "<script" not in (report / "index.html").read_text("utf-8")
    assert f"From the report of {day} to now: what it says changed." in notebook(review)
    assert {p.name: p.read_bytes() for p in (report / "earlier" / "data").iterdir()} == kept

    # Nothing changed: no notebook has to run again, and what changed last stays.
    third, log = run()
    assert "because" not in log.partition("01")[2].partition("\n")[0]
    assert "it read what changed" not in log
    assert f"What changed since {day}" in third.text
    forced, _ = run(force=True)
    assert f"From the report of {day} to now: what it says changed." in forced.text
    assert f"From the report of {day} to now" in notebook(review)

    (report / "conclusions.json").write_text("{")
    assert "cannot be read" in run(force=True)[0].text


@pytest.fixture
def report(tmp_path: Path, review: Path) -> Path:
    """A report's folder as a run leaves it, without its pages."""
    conclusions = evidence.conclude(evidence.load_review(review))
    folder = tmp_path / "report"
    shutil.copytree(review, folder / "data")
    (folder / "conclusions.json").write_text(json.dumps(conclusions.to_dict()), "utf-8")
    (folder / "computed.txt").write_text("2024-05-06T07:08+00:00\n")
    return folder


def test_the_day_is_that_of_the_report(report: Path, review: Path) -> None:
    set_cell(review, "arms", 3, "mean", "13.10")
    found = evidence.what_changed(evidence.load_review(review), report)
    assert (found.since, found.old, found.new) == ("2024-05-06", "the report of 2024-05-06", "now")
    assert found.verdict_changed
    (report / "computed.txt").write_text(HOSTILE)
    again = evidence.what_changed(evidence.load_review(review), report)
    assert (again.since, again.old) == ("", "the earlier report")


def test_the_same_again_is_no_change(report: Path, review: Path) -> None:
    found = evidence.what_changed(evidence.load_review(review), report)
    assert found.headline() == "There is no earlier report to compare with."
    assert found.changes == ()
    shutil.copytree(report, report / "earlier")
    content = json.loads((report / "earlier" / "conclusions.json").read_text())
    content["analyses"]["trouble"]["verdicts"]["as reported"]["size"] = "trivial"
    (report / "earlier" / "conclusions.json").write_text(json.dumps(content))
    found = evidence.what_changed(evidence.load_review(review), report)
    assert found.since == "2024-05-06"
    assert [change.level for change in found.changes] == ["verdict"]


def test_a_notebook_of_a_run_compares_with_what_the_run_kept(
    report: Path, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_cell(review, "arms", 3, "mean", "13.10")
    monkeypatch.setenv(EARLIER_VARIABLE, str(report))
    assert evidence.what_changed(evidence.load_review(review)).since == "2024-05-06"


def test_without_a_report_there_is_nothing_to_compare(review: Path) -> None:
    with pytest.raises(ReportError, match="There is no report of small"):
        last_report(evidence.load_review(review))


def test_a_damaged_report_stops_nobody(report: Path, review: Path) -> None:
    (report / "conclusions.json").write_text('{"schema": 2, "review": "small"}')
    found = evidence.what_changed(evidence.load_review(review), report)
    assert found.changes == ()
    assert "The earlier report cannot be read" in found.notes[0]
