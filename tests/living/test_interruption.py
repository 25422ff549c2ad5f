"""Stopping a run by a signal: nothing of it stays, and the last report does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import standin

SLOW = "import os, pathlib, time\npathlib.Path('PLACE', str(os.getpid())).touch()\ntime.sleep(120)"


@pytest.fixture
def kernels(clone: Path, tmp_path: Path) -> Path:
    """A folder where each kernel of the slow notebooks leaves its process number."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    source = SLOW.replace("PLACE", str(folder))
    for name in standin.NOTEBOOKS:
        standin.write_notebook(clone / f"notebooks/{name}.ipynb", [("code", source)])
    report = clone / "reports/trial-review"
    report.mkdir(parents=True)
    (report / "index.html").write_text('<meta name="generator" content="evidence">last')
    return folder


def start(clone: Path, private: Path) -> subprocess.Popen[str]:
    private.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, standin.__file__, str(clone), "run", "trial-review", "--jobs", "2"],
        cwd=clone,
        env={**os.environ, "TMPDIR": str(private)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def alive(number: str) -> bool:
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    # A killed child of a killed parent may wait as a zombie for somebody to collect it.
    status = Path(f"/proc/{number}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(
    clone: Path, kernels: Path, tmp_path: Path, number: signal.Signals
) -> None:
    if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("under nohup a closed terminal is meant to be ignored")
    process = start(clone, tmp_path / "private")
    wait_for(lambda: len(list(kernels.iterdir())) == 2)
    assert len(list((clone / "reports").iterdir())) == 3  # report, temporary folder, lock
    process.send_signal(number)
    time.sleep(0.02)
    process.send_signal(number)  # an impatient second one changes nothing
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert err.rstrip().endswith("Stopped. Nothing was changed.")
    assert "Report:" not in out
    wait_for(lambda: not any(alive(kernel.name) for kernel in kernels.iterdir()), 10)
    assert [path.name for path in (clone / "reports").iterdir()] == ["trial-review"]
    assert (clone / "reports/trial-review/index.html").read_text().endswith("last")
    assert list((tmp_path / "private").glob("evidence-*")) == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_after_a_kill_the_next_run_cleans_up(clone: Path, kernels: Path, tmp_path: Path) -> None:
    process = start(clone, tmp_path / "private")
    wait_for(lambda: len(list(kernels.iterdir())) == 2)
    process.kill()
    process.communicate(timeout=30)
    # Kernels notice that their parent is gone.
    wait_for(lambda: not any(alive(kernel.name) for kernel in kernels.iterdir()), 30)
    assert len(list((clone / "reports").iterdir())) == 3
    assert (clone / "reports/trial-review/index.html").read_text().endswith("last")

    for name, cells in standin.NOTEBOOKS.items():
        standin.write_notebook(clone / f"notebooks/{name}.ipynb", cells)
    again = start(clone, tmp_path / "private")
    _, err = again.communicate(timeout=60)
    assert again.returncode == 0, err
    assert [path.name for path in (clone / "reports").iterdir()] == ["trial-review"]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_second_run_is_told_of_the_first(clone: Path, kernels: Path, tmp_path: Path) -> None:
    first = start(clone, tmp_path / "private")
    wait_for(lambda: len(list(kernels.iterdir())) == 2)
    second = start(clone, tmp_path / "private")
    _, err = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "Another run is writing" in err
    assert f"process {first.pid}, since" in err
    assert "Traceback" not in err
    assert len(list((clone / "reports").iterdir())) == 3  # the first one's are still there
    first.terminate()
    first.communicate(timeout=30)
    assert first.returncode == 130
