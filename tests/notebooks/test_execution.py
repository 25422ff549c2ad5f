"""Executing notebooks: kernels, order, and what becomes of them."""

import contextlib
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest

from evidence.living.execution import Execution, usable_processors
from evidence.living.notebook import NotebookError, first_line

psutil = pytest.importorskip("psutil")  # comes with ipykernel


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[str, ...]] = []

    def __getattr__(self, name: str) -> object:
        return lambda *values: self.events.append((name, *map(str, values)))


def write(folder: Path, name: str, *sources: str, tags: tuple[str, ...] = ()) -> Path:
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    path = folder / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def execute(*paths: Path, jobs: int = 2, heard: Heard | None = None, **variables: str):
    with Execution(paths, variables=variables, jobs=jobs, listener=heard or Heard()) as execution:
        return execution.results()


def printed(executed: object) -> str:
    cells = executed.content.cells
    return "".join(o.text for cell in cells for o in cell.outputs if o.output_type == "stream")


def kernels() -> list[object]:
    """The kernels of this module: their connection files lie in folders of ours."""
    commands = []
    for child in psutil.Process().children(recursive=True):
        # A child that ends at this moment, or has ended and is not yet waited for, is gone.
        with contextlib.suppress(psutil.Error):
            commands.append(" ".join(child.cmdline()))
    return [command for command in commands if re.search(r"ipykernel_launcher.*evidence-", command)]


def test_results_come_in_the_order_given(tmp_path: Path) -> None:
    slow = write(tmp_path, "b-slow", "import time; time.sleep(1); print('slow')")
    quick = write(tmp_path, "a-quick", "print('quick')")
    assert [printed(result) for result in execute(slow, quick)] == ["slow\n", "quick\n"]
    assert kernels() == []


def test_two_at_once_and_one_after_the_other(tmp_path: Path) -> None:
    paths = [write(tmp_path, name, "import time; time.sleep(0.5)") for name in "ab"]
    together, apart = Heard(), Heard()
    execute(*paths, heard=together)
    execute(*paths, heard=apart, jobs=1)
    assert [event[0] for event in together.events[:2]] == ["started", "started"]
    kinds = [event[0] for event in apart.events]
    assert kinds == ["started", "running", "finished"] * 2


def test_the_kernel_is_this_python_and_knows_the_variables(tmp_path: Path) -> None:
    source = "import os, sys; print(sys.executable, os.environ['EVIDENCE_REVIEW'], os.getcwd())"
    (result,) = execute(write(tmp_path, "a", source), EVIDENCE_REVIEW="here")
    assert printed(result).split() == [sys.executable, "here", str(tmp_path)]


def test_a_relative_pythonpath_still_means_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/beside.py").write_text("value = 7")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    kept = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, ["modules", kept])))
    (result,) = execute(write(tmp_path / "notebooks", "a", "import beside; print(beside.value)"))
    assert printed(result) == "7\n"


def test_the_profile_of_the_person_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    startup = tmp_path / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "mine.py").write_text("print('from my profile')")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    (result,) = execute(write(tmp_path, "a", "print('clean')"))
    assert printed(result) == "clean\n"


def test_saved_outputs_are_not_passed_on(tmp_path: Path) -> None:
    path = write(tmp_path, "a", "1", "", "print('new')", tags=())
    content = nbformat.read(path, as_version=4)
    for cell in content.cells:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="old")]
    nbformat.write(content, path)
    before = path.read_bytes()
    (result,) = execute(path)
    assert printed(result) == "new\n"
    assert path.read_bytes() == before


def test_cells_are_counted_as_jupyterlab_counts_them(tmp_path: Path) -> None:
    heard = Heard()
    execute(write(tmp_path, "a", "x = 1", "", "\n  \nx = 2"), heard=heard)
    assert heard.events[:3] == [
        ("started", "a", "2"),
        ("running", "a", "1", "x = 1"),
        ("running", "a", "2", "x = 2"),
    ]


def test_the_first_failure_stops_the_others(tmp_path: Path) -> None:
    slow = write(tmp_path, "slow", "import time; time.sleep(60)")
    wrong = write(tmp_path, "wrong", "import sys; print('hm', file=sys.stderr)", "int('x')")
    heard = Heard()
    with pytest.raises(NotebookError, match=r"^wrong\.ipynb, code cell 2 .*ValueError") as caught:
        execute(slow, wrong, heard=heard)
    assert [item.text for item in caught.value.stderr] == ["hm"]
    assert ("failed", "wrong") in heard.events
    assert kernels() == []


def test_a_question_to_the_person_fails_instead_of_waiting(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="StdinNotImplementedError"):
        execute(write(tmp_path, "a", "input('?')"))


def test_leaving_the_block_ends_the_kernels(tmp_path: Path) -> None:
    path = write(tmp_path, "slow", "import time; time.sleep(60)")
    heard = Heard()
    with Execution([path], variables={}, jobs=1, listener=heard) as execution:
        while not any(event[0] == "running" for event in heard.events):
            execution._done.wait(0.05)
        assert len(kernels()) == 1
    assert kernels() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not a notebook"),
        ("{}", "is not a notebook"),
        ('{"cells": 1, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "is not a notebook"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_notebook_is_named(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "draft.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NotebookError, match=rf"^draft\.ipynb {words}"):
        execute(path)


def test_first_lines_are_shortened() -> None:
    assert first_line("\n\n  x = 1\ny = 2") == "x = 1"
    assert first_line("x" * 100) == "x" * 71 + "…"
    assert first_line("") == ""


def test_there_is_at_least_one_processor() -> None:
    assert 1 <= usable_processors() <= (os.cpu_count() or 1)
