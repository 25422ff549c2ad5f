"""A folder that appears whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from evidence.errors import ReportError
from evidence.living.report_folder import GENERATOR, ReportFolder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "sleep"


def publish(target: Path, text: str) -> None:
    with ReportFolder(target) as folder:
        folder.write("index.html", GENERATOR + text)
        folder.write("figures/one.png", b"png")
        index = target / "index.html"
        assert not index.exists() or text not in index.read_text()
        folder.publish()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_appears_when_published(target: Path) -> None:
    publish(target, "first")
    assert names(target) == ["figures", "index.html"]
    publish(target, "second")
    assert (target / "index.html").read_text().endswith("second")
    assert names(target.parent) == ["sleep"]


def test_others_may_read_it(target: Path) -> None:
    publish(target, "first")
    mask = os.umask(0)
    os.umask(mask)
    assert target.stat().st_mode & 0o777 == 0o777 & ~mask


def test_nothing_stays_without_publishing(target: Path) -> None:
    publish(target, "first")
    with ReportFolder(target) as folder:
        folder.write("index.html", "half")
    assert (target / "index.html").read_text().endswith("first")
    assert names(target.parent) == ["sleep"]


def test_one_at_a_time(target: Path) -> None:
    with ReportFolder(target):
        with pytest.raises(ReportError, match=rf"Another run .*process {os.getpid()}, since"):
            ReportFolder(target).__enter__()
        with ReportFolder(target.with_name("other")):
            pass
    publish(target, "afterwards")


def test_what_a_killed_run_left_is_cleaned(target: Path) -> None:
    publish(target, "first")
    left = target.with_name(".sleep.evidence-new-1-abcd")
    left.mkdir()
    (left / "index.html").touch()
    others = [target.with_name(name) for name in (".sleep.backup", ".nap.evidence-new-1-abcd")]
    for other in others:
        other.mkdir()
    publish(target, "second")
    assert not left.exists()
    assert all(other.exists() for other in others)


def test_a_report_lost_between_two_renames_is_found_again(target: Path) -> None:
    publish(target, "first")
    target.rename(target.with_name(".sleep.evidence-old-1-abcd"))
    with pytest.raises(ZeroDivisionError), ReportFolder(target):
        raise ZeroDivisionError
    assert (target / "index.html").read_text().endswith("first")


def test_a_swap_that_fails_puts_the_last_report_back(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(target, "first")
    rename = Path.rename

    def fail(self: Path, to: Path) -> Path:
        if "evidence-new" in self.name:
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(ReportError, match="busy"):
        publish(target, "second")
    monkeypatch.undo()
    assert (target / "index.html").read_text().endswith("first")
    assert names(target.parent) == ["sleep"]


@pytest.mark.parametrize("content", ["holiday.jpg", "index.html"])
def test_a_folder_of_other_things_is_refused(target: Path, content: str) -> None:
    target.mkdir(parents=True)
    (target / content).write_text("mine")
    with pytest.raises(ReportError, match="not a report of evidence"):
        publish(target, "first")
    assert names(target) == [content]
    assert names(target.parent) == ["sleep"]


def test_an_empty_folder_is_fine_and_a_file_is_not(target: Path) -> None:
    target.mkdir(parents=True)
    publish(target, "first")
    with pytest.raises(ReportError, match="is a file"):
        publish(target / "index.html", "second")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space left on device. Free some space"),
        (errno.EROFS, "read-only file system. Write to another place"),
        (errno.EACCES, "permission denied. Write to a place of yours"),
    ],
)
def test_a_disk_that_takes_nothing_is_explained(
    target: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    publish(target, "first")

    def fail(self: Path, data: bytes) -> int:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(ReportError, match=words) as caught:
        publish(target, "second")
    assert "untouched" in str(caught.value)
    assert "evidence-new" not in str(caught.value)
    assert (target / "index.html").read_text().endswith("first")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder nobody can write to")
def test_a_place_that_cannot_be_made_is_explained() -> None:
    with pytest.raises(ReportError, match="cannot be written to /proc/reports/sleep"):
        publish(Path("/proc/reports/sleep"), "first")
