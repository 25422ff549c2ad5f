"""A full disk, a folder nobody may write to, several reviews at once: nothing lost or mixed."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import standin
from test_rerun import ALL, current_report, notebook, ran
from typer.testing import CliRunner

import evidence.living.run
from evidence.cli import app
from evidence.errors import InvalidReviewError, ReportError
from evidence.living import upkeep
from evidence.living.reads import hash_file

Run = Callable[..., str]


@pytest.fixture(autouse=True)
def quick(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence.living.run, "Execution", standin.QuickExecution)
    shutil.rmtree(clone / "notebooks")
    for name in sorted(ALL):
        notebook(clone, name, f"print('this is {name}')")


def state(folder: Path) -> dict[str, str]:
    return {str(path): hash_file(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def mount(*arguments: str) -> None:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip("mounting is for administrators")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of half a megabyte of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=512k", "evidence", str(folder))
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(run: Run, disk: Path) -> None:
    report = disk / "report"
    run(output=report)
    before = state(disk)
    with pytest.raises(OSError, match="space"):
        (disk / "filler").write_bytes(b"x" * 1024 * 1024)
    with pytest.raises(ReportError, match=r"no space left on device\. Free some space"):
        run(output=report, force=True)
    (disk / "filler").unlink()
    assert state(disk) == before
    assert current_report("trial-review", output=report) is not None
    assert ran(run(output=report, force=True)) == ALL


def test_a_disk_to_read_from_only(run: Run, disk: Path) -> None:
    report = disk / "report"
    run(output=report)
    before = state(disk)
    mount("-o", "remount,ro", str(disk))
    with pytest.raises(ReportError, match=r"read-only file system\. Write to another place"):
        run(output=report, force=True)
    assert state(disk) == before
    # What is there can still be seen to be up to date.
    assert current_report("trial-review", output=report) is not None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_each_write_that_can_fail(
    clone: Path, run: Run, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    run()
    before = state(clone)
    real, left = Path.write_bytes, 0

    def write(self: Path, data: bytes) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(number, os.strerror(number), str(self))
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", write)
    # Three files of the analysis, two for each notebook, the first page and the manifest.
    writes = 3 + 2 * len(ALL) + 2
    for each in range(writes):
        left = each
        with pytest.raises(ReportError, match=r"cannot be written .* is untouched"):
            run(force=True)
        assert state(clone) == before
    left = writes
    run(force=True)


class TestSeveralReviews:
    @pytest.fixture
    def invoke(self, clone: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
        """The command line, in a clone with three reviews of which one is broken."""
        for name in ("first", "broken", "last"):
            (clone / f"data/{name}").mkdir()
            (clone / f"data/{name}/review.toml").touch()

        def load(folder: Path) -> object:
            if folder.name == "broken":
                raise InvalidReviewError("broken: one problem found.\narms.csv, line 2: no.")
            return standin.review(folder)

        monkeypatch.chdir(clone)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.delenv("EVIDENCE_REVIEW", raising=False)
        monkeypatch.setattr(evidence.living.run, "Execution", standin.QuickExecution)
        monkeypatch.setattr(evidence.living.run, "Earlier", standin.NoEarlier)
        monkeypatch.setattr(evidence.living.run, "load_review", load)
        analysed = (standin.conclusions(), standin.Picture())
        monkeypatch.setattr(evidence.living.run, "analyse", lambda review: analysed)
        return lambda *arguments: CliRunner().invoke(app, ["run", *arguments])

    def test_each_is_whole_or_not_at_all(self, clone: Path, invoke: Callable[..., object]) -> None:
        result = invoke("first", "broken", "last")
        assert result.exit_code == 1
        assert result.stdout.count("Report: reports/") == 2
        assert "arms.csv, line 2: no." in result.stderr
        assert "Not done: broken. The other reports are written." in result.stderr
        assert sorted(p.name for p in (clone / "reports").iterdir()) == ["first", "last"]
        assert "first" in (clone / "reports/first/index.html").read_text("utf-8")
        again = invoke("first", "last", "first")
        assert again.exit_code == 0
        assert again.stdout.count("nothing changed, so nothing was run") == 2

    def test_one_folder_cannot_hold_two(self, clone: Path, invoke: Callable[..., object]) -> None:
        result = invoke("first", "last", "--output", "here")
        assert result.exit_code == 1
        assert "--output names the folder of one report" in result.stderr
        shutil.copytree(clone / "data/first", clone / "drafts/first")
        result = invoke("first", "drafts/first")
        assert result.exit_code == 1
        assert "first and drafts/first would both be written to" in result.stderr
        assert not (clone / "reports").exists()

    def test_the_same_review_by_two_names_runs_once_more_for_nothing(
        self, invoke: Callable[..., object]
    ) -> None:
        result = invoke("first", "data/first")
        assert result.exit_code == 0, result.stderr
        assert result.stdout.count("Report:") == 1

    def test_force_and_one_name(self, invoke: Callable[..., object]) -> None:
        assert "Report:" in invoke("first").stdout
        assert "nothing changed" in invoke("first").stdout
        assert "nothing changed" not in invoke("first", "--force").stdout


assert upkeep.current_report is current_report
