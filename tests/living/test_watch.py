"""`evidence watch`: one run for each save, whatever comes of it, until it is stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import evidence
from evidence.living.watch import Watched

SOURCE = Path(evidence.__file__).parents[1]
#: Watches the stand-in clone; each run leaves a line in a file and fails while `broken` is there.
WATCH = """
import sys
from evidence.living.watch import Watched, watch
run = ("import pathlib, sys; file = open('runs', 'a'); file.write('run;'); file.close(); "
       "sys.exit(pathlib.Path('broken').exists())")
watch(Watched("trial-review"), [sys.executable, "-c", run],
      say=lambda text: print(text, flush=True), every=0.05)
"""


@pytest.fixture
def watching(clone: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", WATCH],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.communicate(timeout=30)


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_each_save_is_one_run(clone: Path, watching: subprocess.Popen[str]) -> None:
    def runs() -> int:
        file = clone / "runs"
        return file.read_text().count("run") if file.exists() else 0

    def lines(number: int) -> list[str]:
        return [watching.stdout.readline().strip() for _ in range(number)]

    (first,) = lines(1)
    assert first.startswith("Done (")
    assert "Waiting for the next save" in first
    # Three files saved at once are one run; the data may be wrong at that.
    (clone / "broken").touch()
    (clone / "data/trial-review/arms.csv").write_text("n\n")
    (clone / "data/trial-review/claims.csv").write_text("claim\n")
    (clone / "notebooks/03-new.ipynb").write_text("{}")
    saved, outcome = lines(2)
    assert "saved: " in saved
    for name in ("arms.csv", "claims.csv", "03-new.ipynb"):
        assert name in saved
    assert outcome.startswith("Not done, the last report stays (")
    assert runs() == 2
    # The same content again is no change; another one is.
    (clone / "data/trial-review/arms.csv").write_text("n\n")
    os.utime(clone / "data/trial-review/review.toml")
    time.sleep(0.5)
    assert runs() == 2
    (clone / "broken").unlink()
    (clone / "data/trial-review/arms.csv").unlink()
    saved, outcome = lines(2)
    assert saved.endswith("saved: arms.csv")
    assert outcome.startswith("Done (")
    assert runs() == 3
    watching.send_signal(signal.SIGINT)
    assert watching.stdout.read().strip() == "Stopped watching."
    assert watching.wait(timeout=30) == 0


def test_what_is_looked_at(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone)
    watched = Watched("trial-review")
    assert watched.look() == []
    assert watched.look() == []
    folder = clone / "data/trial-review"
    (folder / "notes.md").write_text("no part of a review")
    (folder / "tools").mkdir()
    assert watched.look() == []
    (folder / "tools/mine.toml").touch()
    assert [Path(path).name for path in watched.look()] == ["mine.toml"]
    assert any(path.startswith(str(SOURCE)) for path in watched._seen)
    moved = folder.rename(folder.with_name("moved"))
    assert str(folder / "review.toml") in watched.look()
    moved.rename(folder)
    assert str(folder / "review.toml") in watched.look()


def test_a_name_that_is_none_is_said_at_once(clone: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evidence.cli", "watch", "no-such-review"],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: There is no review at 'no-such-review'")
