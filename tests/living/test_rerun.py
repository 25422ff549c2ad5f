"""What is run again and what is not: nothing stale is kept, nothing runs for nothing.

What notebooks read is declared here; that kernels notice it is for `test_witness.py`.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import standin
from pages import Page

import evidence
import evidence.living.run
from evidence.appraisal.evidence_age import EvidenceAge
from evidence.errors import ReportError
from evidence.living import inputs, upkeep
from evidence.living.manifest import MANIFEST
from evidence.living.notebook import NotebookError
from evidence.living.upkeep import current_report

Run = Callable[..., str]

REVIEW = Path("data/trial-review")
REPORT = Path("reports/trial-review")
ALL = {"01-first", "02-second"}


@pytest.fixture(autouse=True)
def quick(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence.living.run, "Execution", standin.QuickExecution)
    shutil.rmtree(clone / "notebooks")
    for name in sorted(ALL):
        notebook(clone, name, f"print('this is {name}')")


@pytest.fixture
def tables(clone: Path) -> Path:
    """A review with two tables; one notebook uses one of them."""
    folder = (clone / REVIEW).resolve()
    (folder / "arms.csv").write_text("n\n1\n")
    (folder / "claims.csv").write_text("claim\none\n")
    source = f"import pathlib; print(pathlib.Path({str(folder / 'arms.csv')!r}).read_text())"
    notebook(clone, "03-tables", source, files=[str(folder / "arms.csv")])
    return folder


def notebook(clone: Path, name: str, source: str, **reads: object) -> None:
    path = clone / f"notebooks/{name}.ipynb"
    standin.write_notebook(path, [f"# Title of {name}", ("code", source)], reads=reads)


def ran(log: str) -> set[str]:
    return {line.split(":")[0] for line in log.splitlines() if ": done in" in line}


def text(clone: Path, name: str) -> str:
    return Page((clone / REPORT / f"notebooks/{name}.html").read_text("utf-8")).text


def is_current() -> bool:
    return current_report("trial-review") is not None


class TestNothingChanged:
    def test_nothing_runs_and_pages_made_again_are_the_same(self, clone: Path, run: Run) -> None:
        assert ran(run()) == ALL
        assert current_report("trial-review") == clone / REPORT / "index.html"
        before = (clone / REPORT / "notebooks/01-first.html").read_bytes()
        log = run()
        assert ran(log) == set()
        assert log.count("unchanged, not run again") == 2
        assert (clone / REPORT / "notebooks/01-first.html").read_bytes() == before

    def test_force_runs_all(self, run: Run) -> None:
        run()
        log = run(force=True)
        assert ran(log) == ALL
        assert "All notebooks run: --force." in log

    def test_a_saved_file_with_the_same_content_is_no_change(self, clone: Path, run: Run) -> None:
        run()
        for path in (*(clone / "notebooks").iterdir(), clone / REVIEW / "review.toml"):
            os.utime(path)
        assert is_current()

    def test_nothing_heavy_is_loaded_to_know_it(self, clone: Path, run: Run) -> None:
        run()
        code = (
            "import sys; from evidence.living.upkeep import current_report\n"
            "heavy = {'pandas', 'numpy', 'matplotlib', 'nbformat', 'nbconvert', 'rich'}\n"
            "print(current_report('trial-review'), *sorted(heavy & set(sys.modules)))"
        )
        source = str(Path(evidence.__file__).parents[1])
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=clone,
            env={**os.environ, "PYTHONPATH": source},
            capture_output=True,
            text=True,
            check=True,
        )
        # Another PYTHONPATH than the report's is another environment, so it may say None.
        assert result.stdout.split()[1:] == []


class TestData:
    def test_only_what_uses_the_table_runs(self, tables: Path, clone: Path, run: Run) -> None:
        run()
        (tables / "arms.csv").write_text("n\n2\n")
        assert not is_current()
        log = run()
        assert ran(log) == {"03-tables"}
        assert "03-tables: runs, because data changed: arms.csv" in log
        assert "n\n2" in text(clone, "03-tables")

    def test_a_table_nobody_uses_changes_only_the_pages(self, tables: Path, run: Run) -> None:
        run()
        (tables / "claims.csv").write_text("claim\ntwo\n")
        assert not is_current()
        log = run()
        assert ran(log) == set()
        assert "the pages are made anew (data changed: claims.csv)" in log
        assert is_current()

    def test_a_table_that_appears(self, tables: Path, clone: Path, run: Run) -> None:
        notebook(clone, "03-tables", "1", files=[str(tables / "contrasts.csv")])
        run()
        (tables / "contrasts.csv").write_text("p\n0.04\n")
        assert ran(run()) == {"03-tables"}

    def test_a_tool_that_appears(self, tables: Path, run: Run) -> None:
        run()
        (tables / "tools").mkdir()
        (tables / "tools/mine.toml").touch()
        assert not is_current()

    def test_any_other_file_that_a_notebook_opens(self, clone: Path, run: Run) -> None:
        other = clone / "data/numbers.csv"
        other.write_text("1")
        notebook(clone, "03-other", "1", files=[str(other)])
        run()
        other.write_text("2")
        log = run()
        assert ran(log) == {"03-other"}
        assert "it read what changed: ../data/numbers.csv" in log


class TestNotebooks:
    def test_an_edited_one_runs_alone(self, clone: Path, run: Run) -> None:
        run()
        notebook(clone, "02-second", "print(6 * 7)")
        log = run()
        assert ran(log) == {"02-second"}
        assert "02-second: runs, because the notebook changed" in log
        assert "42" in text(clone, "02-second")

    def test_a_new_one_runs_alone_and_stands_in_every_page(self, clone: Path, run: Run) -> None:
        run()
        notebook(clone, "03-new", "1")
        assert ran(run()) == {"03-new"}
        assert "Title of 03-new" in text(clone, "01-first")

    def test_one_taken_away_leaves_every_page(self, clone: Path, run: Run) -> None:
        run()
        (clone / "notebooks/02-second.ipynb").unlink()
        log = run()
        assert ran(log) == set()
        assert "a notebook was taken away" in log
        assert not (clone / REPORT / "notebooks/02-second.html").exists()
        assert not (clone / REPORT / "executed/02-second.ipynb").exists()
        assert "Title of 02-second" not in text(clone, "01-first")

    def test_an_image_in_its_prose(self, clone: Path, run: Run) -> None:
        image = clone / "notebooks/image.png"
        image.write_bytes(standin.PNG)
        standin.write_notebook(clone / "notebooks/03-image.ipynb", ["![one](image.png)"])
        run()
        assert is_current()
        image.write_bytes(standin.PNG + b"\0")
        assert not is_current()
        assert ran(run()) == set()

    def test_what_cannot_be_foreseen_runs_each_time(self, clone: Path, run: Run) -> None:
        notebook(clone, "03-wild", "1", untraceable="it starts another program (ls)")
        run()
        assert not is_current()
        log = run()
        assert ran(log) == {"03-wild"}
        assert "cannot be foreseen: it starts another program (ls)" in log

    def test_what_depends_on_the_day_runs_on_another_day(
        self, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        notebook(clone, "03-age", "1", day=upkeep.today_here())
        run()
        assert is_current()
        monkeypatch.setattr(upkeep, "today_here", lambda: "2999-01-01")
        assert not is_current()
        assert ran(run()) == {"03-age"}

    def test_pages_that_tell_the_age_of_the_evidence_are_made_again_each_month(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        age = EvidenceAge(date(2026, 1, 31), 2025, ("Ash 2025",), date(2026, 3, 30))
        assert evidence.living.run._until(age) == "2026-03-31"
        assert evidence.living.run._until(replace(age, searched_until=None)) == ""
        monkeypatch.setattr(evidence.living.run, "_until", lambda age: "2999-01-01")
        run()
        assert is_current()
        monkeypatch.setattr(upkeep, "today_here", lambda: "2999-01-01")
        assert not is_current()
        log = run()
        assert ran(log) == set()
        assert "the evidence is a month older" in log

    def test_another_folder_of_notebooks(self, clone: Path, run: Run, tmp_path: Path) -> None:
        run()
        mine = shutil.copytree(clone / "notebooks", tmp_path / "mine")
        log = run(notebooks=mine)
        assert ran(log) == ALL
        assert "because the notebook was moved" in log


class TestCodeAndEnvironment:
    @pytest.fixture
    def altered(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
        def altered(part: str, **values: str) -> str:
            run()
            real = getattr(inputs, f"_{part}")
            monkeypatch.setattr(inputs, f"_{part}", lambda: {**real(), **values})
            assert not is_current()
            return run()

        return altered

    def test_code_that_a_notebook_used(self, clone: Path, altered: Run) -> None:
        notebook(clone, "03-code", "1", code=("living/current.py",))
        log = altered("code", **{"living/current.py": "another"})
        assert ran(log) == {"03-code"}
        assert "03-code: runs, because code changed: living/current.py" in log

    def test_code_that_only_pages_use(self, altered: Run) -> None:
        log = altered("code", **{"living/page.py": "another"})
        assert ran(log) == set()
        assert "the pages are made anew (code changed: living/page.py)" in log

    def test_a_new_file_where_a_notebook_looked_for_modules(
        self, clone: Path, altered: Run
    ) -> None:
        notebook(clone, "03-code", "1", code=("living/",))
        notebook(clone, "04-code", "1", code=("plots/", "living/page.py"))
        assert ran(altered("code", **{"living/new.py": "new"})) == {"03-code"}

    def test_a_package_of_another_version(self, altered: Run) -> None:
        log = altered("environment", **{"package numpy": "0.1"})
        assert "All notebooks run: another environment: numpy " in log
        assert "\N{RIGHTWARDS ARROW} 0.1" in log
        assert ran(log) == ALL

    def test_a_relative_pythonpath_means_what_it_means_here(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PYTHONPATH", "lib")
        relative = inputs._environment()
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
        assert inputs._environment() == relative
        monkeypatch.setenv("PYTHONPATH", "other")
        assert inputs._environment() != relative

    def test_an_environment_variable(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        run()
        monkeypatch.setenv("LC_TIME", "xx")
        assert "variable LC_TIME" in run()


class TestDamage:
    @pytest.mark.parametrize(
        "content",
        [
            lambda old: old[: len(old) // 2],
            lambda old: old.replace('"seconds"', '"second"', 1),
            lambda old: "",
            lambda old: "[]",
            lambda old: "{}",
            lambda old: "\0" * 99,
        ],
    )
    def test_a_damaged_manifest_is_not_believed(
        self, clone: Path, run: Run, content: Callable[[str], str]
    ) -> None:
        run()
        path = clone / REPORT / MANIFEST
        path.write_text(content(path.read_text("utf-8")), "utf-8")
        assert not is_current()
        log = run()
        assert ran(log) == ALL
        assert "All notebooks run: manifest.json" in log
        assert "damaged" in log
        assert is_current()

    def test_a_manifest_of_an_older_layout_is_left_aside_with_a_word(
        self, clone: Path, run: Run
    ) -> None:
        run()
        (clone / REPORT / MANIFEST).write_text(json.dumps({"layout": 0, "files": []}), "utf-8")
        assert not is_current()
        log = run()
        assert "manifest.json has layout 0, and this program keeps layout 1" in log
        assert ran(log) == ALL

    def test_a_report_from_before_there_were_manifests(self, clone: Path, run: Run) -> None:
        run()
        (clone / REPORT / MANIFEST).unlink()
        (clone / REPORT / "conclusions.json").write_text('{"schema": 0}')  # and of an old layout
        assert "the report has no manifest" in run()
        assert json.loads((clone / REPORT / "conclusions.json").read_text())["schema"] == 1

    @pytest.mark.parametrize("how", ["cut", "gone"])
    def test_a_damaged_execution_is_not_used(self, clone: Path, run: Run, how: str) -> None:
        run()
        kept = clone / REPORT / "executed/01-first.ipynb"
        if how == "cut":
            kept.write_bytes(kept.read_bytes()[:-9])
        else:
            kept.unlink()
        assert not is_current()
        log = run()
        assert ran(log) == {"01-first"}
        assert "what was kept of its last run is damaged" in log

    def test_a_page_changed_by_hand_is_made_again(self, clone: Path, run: Run) -> None:
        run()
        page = clone / REPORT / "index.html"
        page.write_bytes(page.read_bytes() + b"<!-- mine -->")
        assert not is_current()
        assert ran(run()) == set()
        assert b"mine" not in page.read_bytes()


class TestMeanwhile:
    """Saving while a run is under way: nothing is mixed, and the next run sees it."""

    def during(self, monkeypatch: pytest.MonkeyPatch, action: Callable[[], object]) -> None:
        real = evidence.living.run.analyse

        def analyse(review: object) -> object:
            action()
            return real(review)

        monkeypatch.setattr(evidence.living.run, "analyse", analyse)

    def test_an_edited_notebook(
        self, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        notebook(clone, "02-second", "print('as it ' + 'was')")
        edit = lambda: notebook(clone, "02-second", "print('as it ' + 'became')")  # noqa: E731
        with monkeypatch.context() as patch:
            self.during(patch, edit)
            run()
        assert "as it was" in text(clone, "02-second")
        assert "as it became" not in text(clone, "02-second")
        assert not is_current()
        assert ran(run()) == {"02-second"}
        assert "as it became" in text(clone, "02-second")

    def test_edited_data(
        self, tables: Path, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run()
        before = (clone / REPORT / "index.html").read_bytes()
        words = r"arms\.csv changed while .* nothing was written.* Run it again"
        with monkeypatch.context() as patch:
            self.during(patch, lambda: (tables / "arms.csv").write_text("n\n3\n"))
            with pytest.raises(ReportError, match=words):
                run(force=True)
        assert (clone / REPORT / "index.html").read_bytes() == before
        assert [p.name for p in (clone / "reports").iterdir()] == ["trial-review"]
        assert ran(run()) == {"03-tables"}

    def test_data_that_a_notebook_stumbles_over(
        self, tables: Path, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        notebook(clone, "02-second", "1 / 0")
        self.during(monkeypatch, lambda: (tables / "arms.csv").write_text("half a li"))
        with pytest.raises(ReportError, match=r"arms\.csv changed while"):
            run()

    def test_data_that_only_a_notebook_opened(
        self, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = clone / "numbers.csv"
        other.write_text("1")
        notebook(clone, "03-other", "1", files=[str(other)])
        real = evidence.living.run._pictures

        def pictures(executed: object) -> object:  # after the notebooks, before the pages
            other.write_text("2")
            return real(executed)

        monkeypatch.setattr(evidence.living.run, "_pictures", pictures)
        with pytest.raises(ReportError, match=r"numbers\.csv changed while"):
            run()
        assert not (clone / REPORT).exists()

    def test_a_review_renamed(self, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        run()
        before = (clone / REPORT / "index.html").read_bytes()
        folder = clone / REVIEW
        self.during(monkeypatch, lambda: folder.rename(folder.with_name("renamed")))
        with pytest.raises(ReportError, match="was moved or renamed while"):
            run(force=True)
        assert (clone / REPORT / "index.html").read_bytes() == before

    def test_edited_code(self, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        later = {**inputs._code(), "living/page.py": "another"}
        self.during(monkeypatch, lambda: monkeypatch.setattr(inputs, "_code", lambda: later))
        with pytest.raises(ReportError, match=r"living/page\.py changed while"):
            run()
        assert not (clone / REPORT).exists()


class TestOtherReviews:
    def install(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(upkeep, "find_folder", lambda name: folder)
        monkeypatch.setattr(evidence.living.run, "find_review", lambda name: folder)
        monkeypatch.setattr(evidence.living.run, "load_review", lambda name: standin.review(folder))

    def test_a_renamed_review_has_a_report_of_its_own(
        self, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run()
        before = (clone / REPORT / "index.html").read_bytes()
        folder = (clone / REVIEW).rename(clone / "data/renamed").resolve()
        self.install(folder, monkeypatch)
        assert current_report("renamed") is None
        assert ran(run()) == ALL
        assert "renamed" in Page((clone / "reports/renamed/index.html").read_text("utf-8")).text
        assert (clone / REPORT / "index.html").read_bytes() == before

    def test_a_moved_review_runs_whole(
        self, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run()
        (clone / "data/another").mkdir()
        (clone / "data/another/review.toml").touch()  # so that it stays a clone
        (clone / "elsewhere").mkdir()
        folder = (clone / REVIEW).rename(clone / "elsewhere/trial-review").resolve()
        self.install(folder, monkeypatch)
        assert "All notebooks run: the review's folder was moved or renamed." in run()

    def test_another_review_of_the_same_name_is_refused(
        self, clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run()
        before = (clone / REPORT / "index.html").read_bytes()
        other = shutil.copytree(clone / REVIEW, clone / "drafts/trial-review").resolve()
        self.install(other, monkeypatch)
        with pytest.raises(ReportError, match=r"is the report of another review.*--output DIR"):
            run()
        assert (clone / REPORT / "index.html").read_bytes() == before
        run(output=clone / "reports/draft")
        assert (clone / "reports/draft/index.html").is_file()


def test_a_run_that_fails_leaves_what_is_known(clone: Path, run: Run) -> None:
    run()
    path = clone / "notebooks/02-second.ipynb"
    good = path.read_bytes()
    notebook(clone, "02-second", "1 / 0")
    with pytest.raises(NotebookError):
        run()
    path.write_bytes(good)
    assert is_current()


def test_the_manifest_names_no_place_of_this_machine(clone: Path, tables: Path, run: Run) -> None:
    run()
    manifest = (clone / REPORT / MANIFEST).read_text("utf-8")
    assert str(clone) not in manifest
    assert "../../data/trial-review/arms.csv" in manifest


def test_a_whole_clone_that_moves_runs_again(clone: Path, run: Run, tmp_path: Path) -> None:
    run()
    moved = clone.rename(tmp_path / "moved")
    with pytest.MonkeyPatch.context() as patch:
        standin.install(moved, patch.setattr)
        assert not is_current()


def test_nothing_but_one_function_tells_the_day() -> None:
    """A page that depends on the day has to say so: see `evidence.data.notice.today`."""
    source = Path(evidence.__file__).parent
    allowed = {"data/notice.py", *(f"living/{name}.py" for name in ("run", "report_folder"))}
    allowed |= {f"living/{name}.py" for name in ("upkeep", "watch", "witness")}
    found = [
        f"{path.relative_to(source).as_posix()}, line {getattr(node, 'lineno', 0)}"
        for path in sorted(source.rglob("*.py"))
        if path.relative_to(source).as_posix() not in allowed
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if re.fullmatch(r"(\w+\.)?(date|datetime|time)\.(now|today|utcnow|time)", ast.unparse(node))
    ]
    assert found == []
