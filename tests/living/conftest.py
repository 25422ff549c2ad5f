import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent))

import standin

from evidence.living.progress import RunProgress
from evidence.living.run import run_report


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return standin.write_clone(tmp_path / "clone")


@pytest.fixture
def run(clone: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the report of the stand-in review; returns what the terminal showed."""
    standin.install(clone, monkeypatch.setattr)

    def run(**options: object) -> str:
        log = io.StringIO()
        with RunProgress(Console(file=log, width=200)) as progress:
            try:
                run_report("trial-review", progress=progress, **options)
            finally:
                run.log = log.getvalue()
        return run.log

    run.log = ""
    return run


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a good report, made once; `log.txt` beside it is the terminal's text."""
    clone = standin.write_clone(tmp_path_factory.mktemp("good") / "clone")
    log = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, RunProgress(Console(file=log)) as progress:
        standin.install(clone, patch.setattr)
        patch.setitem(os.environ, "MPLBACKEND", "Agg")
        index = run_report("trial-review", progress=progress)
    (clone / "log.txt").write_text(log.getvalue())
    return index.parent
