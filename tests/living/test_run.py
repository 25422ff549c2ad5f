"""`evidence run`: what it writes, what it says, and what it leaves alone."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import standin
from pages import Page

from evidence.errors import ReportError
from evidence.living.notebook import NotebookError

Run = Callable[..., str]

PAGES = ["index.html", "notebooks/01-the-answer.html", "notebooks/02-the-trials.html"]


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def page(report: Path, name: str) -> Page:
    return Page((report / name).read_text("utf-8"))


def test_a_report_is_complete(report: Path) -> None:
    assert set(digest(report)) == {
        *PAGES,
        "conclusions.json",
        "figures/answer.svg",
        "figures/answer.png",
        "figures/02-the-trials-1.png",
        # What the next run goes by.
        "manifest.json",
        "executed/01-the-answer.ipynb",
        "executed/02-the-trials.ipynb",
    }
    assert (report / "figures/02-the-trials-1.png").read_bytes() == standin.PNG
    assert [path.name for path in report.parent.iterdir()] == ["trial-review"]


@pytest.mark.parametrize("name", PAGES)
class TestPage:
    def test_is_well_formed(self, report: Path, name: str) -> None:
        found = page(report, name)
        assert found.faults == []
        assert len(found.ids) == len(set(found.ids))
        assert found.headings[0] == "h1"
        assert found.headings.count("h1") == 1

    def test_loads_nothing_from_elsewhere(self, report: Path, name: str) -> None:
        found = page(report, name)
        assert all(source.startswith("data:") for source in found.loaded)
        assert "script" not in found.tags
        text = (report / name).read_text("utf-8")
        assert "Content-Security-Policy" in text
        assert "cdn" not in text.lower()

    def test_describes_its_images(self, report: Path, name: str) -> None:
        assert all(image.get("alt") for image in page(report, name).images)

    def test_can_be_read_by_anyone(self, report: Path, name: str) -> None:
        found = page(report, name)
        assert found.lang == "en"
        assert found.title.strip()
        assert found.links[0] == "#main"
        assert "main" in found.ids
        assert "Not medical advice" in found.text

    def test_links_lead_somewhere(self, report: Path, name: str) -> None:
        here = report / name
        for link in page(report, name).links:
            path, _, fragment = link.partition("#")
            target = (here.parent / path).resolve() if path else here
            assert target.is_file(), link
            if fragment:
                assert fragment in Page(target.read_text("utf-8")).ids, link

    def test_escapes_what_comes_from_data(self, report: Path, name: str) -> None:
        text = (report / name).read_text("utf-8")
        assert "<script" not in text
        if name != PAGES[2]:
            assert standin.HOSTILE in page(report, name).text


def test_the_index_holds_the_answer(report: Path) -> None:
    found = page(report, "index.html")
    for part in ("How strong is it?", "Certainty is low.", "The trials", "Smith 2020", "−0.31"):
        assert part in found.text
    for part in ("Two trials only", "Not a systematic search.", "0123456789abcdef"):
        assert part in found.text
    assert found.images[0]["alt"] == standin.Picture.alt
    # Under the figure stands a table for those who do not see it.
    assert found.tags.index("img") < found.tags.index("table")
    assert "notebooks/01-the-answer.html" in found.links
    assert "All the trials" in found.text


def test_a_notebook_page_is_prose_with_folded_code(report: Path) -> None:
    found = page(report, "notebooks/01-the-answer.html")
    assert found.title.startswith("The answer")
    assert found.tags.count("details") == 2
    assert "<details open" not in (report / "notebooks/01-the-answer.html").read_text("utf-8")
    assert "02-the-trials.html#Found-in-all" in found.links
    # The codebook is not in the report: the words stay, the dead link goes.
    assert "and it." in found.text
    assert not any("README" in link for link in found.links)


def test_warnings_reach_the_terminal_and_not_the_page(report: Path) -> None:
    words = page(report, "notebooks/01-the-answer.html").text
    assert words.count("a library grumbles") == 1  # the source of the cell itself
    assert "UserWarning" not in words
    log = (report.parents[1] / "log.txt").read_text()
    assert "01-the-answer, code cell 1: line 2: UserWarning: a library grumbles" in log
    assert "ipykernel_" not in log


def test_the_log_names_each_cell(report: Path) -> None:
    log = (report.parents[1] / "log.txt").read_text()
    assert "01-the-answer: cell 1 of 2: import os, sys, warnings" in log
    assert "02-the-trials: done in" in log
    assert "without a description" not in log


def test_conclusions_are_the_same_text_each_time(clone: Path, run: Run) -> None:
    run()
    first = (clone / "reports/trial-review/conclusions.json").read_bytes()
    run()
    assert (clone / "reports/trial-review/conclusions.json").read_bytes() == first
    assert first.endswith(b"}\n")
    assert list(json.loads(first)) == ["schema", "title", "effects"]
    assert "µg" in first.decode()


def test_sources_are_never_modified(clone: Path, run: Run) -> None:
    def state() -> dict[str, tuple[int, str]]:
        sources = {**digest(clone / "notebooks"), **digest(clone / "data")}
        files = [p for p in clone.rglob("*") if p.is_file()]
        times = {p.name: p.stat().st_mtime_ns for p in files if "reports" not in p.parts}
        return {name: (times[Path(name).name], value) for name, value in sources.items()}

    before = state()
    run()
    assert state() == before


def test_notebooks_run_in_their_folder_on_this_python_and_this_review(
    clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    source = (
        "import os, sys\nprint(os.getcwd(), sys.executable, os.environ['EVIDENCE_REVIEW'],"
        " os.environ.get('MPLBACKEND'), sep='|')"
    )
    standin.write_notebook(clone / "notebooks/03-where.ipynb", [("code", source)])
    run()
    import sys

    found = page(clone / "reports/trial-review", "notebooks/03-where.html").text
    expected = [str(clone / "notebooks"), sys.executable, str(clone / "data/trial-review")]
    assert "|".join(expected) in found
    assert "|Agg" not in found


class TestFailingCell:
    @pytest.fixture
    def broken(self, clone: Path, run: Run) -> Path:
        run()
        standin.write_notebook(
            clone / "notebooks/01-the-answer.ipynb",
            [
                "# The answer",
                ("code", "import warnings"),
                "more",
                ("code", "\n\nvalue = {}['a [red] key']\n"),
                ("code", "print('not reached')"),
            ],
        )
        return clone

    def test_names_notebook_cell_and_error(self, broken: Path, run: Run) -> None:
        with pytest.raises(NotebookError) as caught:
            run()
        assert str(caught.value) == (
            """01-the-answer.ipynb, code cell 2 ("value = {}['a [red] key']") failed: """
            """KeyError: 'a [red] key'"""
        )
        assert caught.value.cell == 2
        assert "Traceback" in caught.value.details
        assert "\x1b" not in caught.value.details
        assert "01-the-answer: failed" in run.log

    def test_leaves_the_last_report_untouched(self, broken: Path, run: Run) -> None:
        before = digest(broken / "reports")
        with pytest.raises(NotebookError):
            run()
        assert digest(broken / "reports") == before
        assert [path.name for path in (broken / "reports").iterdir()] == ["trial-review"]


def test_a_kernel_that_dies_is_named(clone: Path, run: Run) -> None:
    standin.write_notebook(clone / "notebooks/03-end.ipynb", [("code", "import os; os._exit(7)")])
    with pytest.raises(NotebookError, match=r"03-end.ipynb, code cell 1 .*ended its kernel"):
        run()
    assert not (clone / "reports/trial-review").exists()


def test_a_file_that_is_no_notebook_is_named(clone: Path, run: Run) -> None:
    (clone / "notebooks/03-draft.ipynb").write_text("not json")
    with pytest.raises(NotebookError, match=r"^03-draft.ipynb is not a notebook"):
        run()


def test_an_analysis_that_fails_stops_the_notebooks(
    clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import evidence.living.run

    def fail(review: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(evidence.living.run, "analyse", fail)
    standin.write_notebook(
        clone / "notebooks/03-slow.ipynb", [("code", "import time; time.sleep(60)")]
    )
    with pytest.raises(ZeroDivisionError):
        run()
    assert list((clone / "reports").iterdir()) == []


def test_another_folder_of_notebooks_and_another_output(
    clone: Path, run: Run, tmp_path: Path
) -> None:
    standin.write_notebook(tmp_path / "mine/only.ipynb", ["no heading", ("code", "1 + 1")])
    run(notebooks=tmp_path / "mine", output=tmp_path / "site", jobs=1)
    found = page(tmp_path / "site", "notebooks/only.html")
    assert found.title.startswith("Only")
    assert found.headings == ["h1"]
    assert not (clone / "reports").exists()


def test_without_notebooks_there_is_a_clear_error(clone: Path, run: Run, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="There are no notebooks"):
        run(notebooks=tmp_path)


def test_a_figure_without_alt_is_described_and_reported(clone: Path, run: Run) -> None:
    source = standin.png_cell("").replace(', metadata={"image/png": {"alt": ""}}', "")
    standin.write_notebook(clone / "notebooks/03-bare.ipynb", ["## Doses", ("code", source)])
    log = run()
    assert "03-bare, code cell 1: a figure without a description" in log
    (image,) = page(clone / "reports/trial-review", "notebooks/03-bare.html").images
    assert "Doses" in (image["alt"] or "")
