"""The command line, as a person or a script meets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import standin
from typer.testing import CliRunner

import evidence.data
from evidence.cli import app
from evidence.data import Problem, Problems
from evidence.data.codebook import codebook

PROBLEMS = Problems(
    Path("data/sleep"),
    (
        Problem(
            file="arms.csv",
            line=12,
            column="standard_deviation",
            message="An SD cannot be negative.",
            found="-1.2[bold]\x1b[31m",
            accepted="a number from 0 up",
            advice="Was it a difference?",
        ),
        Problem(file="review.toml", line=0, column="", message="The file is missing."),
    ),
)


def evidence_command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evidence.cli", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> object:
    for name in ("EVIDENCE_REVIEW", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments, **more: CliRunner().invoke(app, list(arguments), **more)


def test_help_is_there_at_once() -> None:
    code = (
        "import sys; from evidence.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'scipy', 'nbclient', 'nbconvert', 'nbformat'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    for word in ("run", "check", "codebook", "Examples", "Not medical advice"):
        assert word in result.stdout


@pytest.mark.parametrize("command", ["run", "check", "integrity", "codebook", "watch", "diff"])
def test_each_command_shows_an_example(command: str, invoke) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert f"evidence {command}" in result.output.split("Example")[1]


def test_version(invoke) -> None:
    result = invoke("--version")
    assert result.exit_code == 0
    assert result.output.startswith("evidence ")


def test_without_arguments_there_is_help(invoke) -> None:
    assert "Usage" in invoke().output


class TestCheck:
    @pytest.fixture(autouse=True)
    def problems(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(evidence.data, "check_review", lambda name: PROBLEMS)

    def test_lists_the_problems(self, invoke) -> None:
        result = invoke("check")
        assert result.exit_code == 1
        head, *_ = result.stdout.splitlines()
        assert head == "sleep: two problems found."
        for words in ("arms.csv", "line 12", "An SD cannot be negative.", "-1.2[bold]"):
            assert words in result.stdout
        assert "Accepted: a number from 0 up." in result.stdout
        assert "\x1b" not in result.stdout
        assert max(map(len, result.stdout.splitlines())) <= 120

    @pytest.mark.parametrize("width", [30, 59, 60, 80, 200])
    def test_fits_the_terminal(self, invoke, width: int) -> None:
        result = invoke("check", env={"COLUMNS": str(width)})
        assert max(map(len, result.stdout.splitlines())) <= width
        squeezed = "".join(result.stdout.split())
        assert "standard_deviation" in squeezed
        assert "Thefileismissing." in squeezed

    def test_says_so_when_all_is_well(self, invoke, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(evidence.data, "check_review", lambda name: Problems(Path("sleep")))
        result = invoke("check")
        assert result.exit_code == 0
        assert result.output == "sleep: no problems found.\n"

    def test_the_review_comes_from_argument_or_environment(
        self, invoke, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[str] = []
        monkeypatch.setattr(
            evidence.data, "check_review", lambda name: (seen.append(name), Problems(Path("x")))[1]
        )
        invoke("check")
        invoke("check", env={"EVIDENCE_REVIEW": "other"})
        invoke("check", "third", env={"EVIDENCE_REVIEW": "other"})
        assert seen == ["magnesium-sleep", "other", "third"]


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_folder_that_is_no_review_is_one_clear_line(command: str, tmp_path: Path) -> None:
    result = evidence_command(command, str(tmp_path))
    assert result.returncode == 1
    assert result.stdout == ""
    assert "is not a review" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_what_cannot_be_true_is_told_and_is_no_error(invoke) -> None:
    result = invoke("integrity", "magnesium-sleep")
    assert result.exit_code == 0
    first, *lines = result.stdout.splitlines()
    assert "cannot all be right as printed" in first
    assert any(line.endswith("[contrasts.csv, line 3]") for line in lines)
    assert "\x1b" not in result.stdout


def test_a_name_that_is_no_review(tmp_path: Path) -> None:
    result = evidence_command("check", "no-such-review")
    assert result.returncode == 1
    assert result.stderr.startswith("Error: There is no review at 'no-such-review'")


def test_problems_stop_a_run_before_anything_is_written(clone: Path) -> None:
    result = evidence_command("run", str(clone / "data/trial-review"))
    assert result.returncode == 1
    assert "problems found" in result.stderr
    assert result.stdout == ""
    assert not (clone / "reports").exists()


def test_a_failing_cell_ends_with_its_name(clone: Path) -> None:
    standin.write_notebook(clone / "notebooks/01-the-answer.ipynb", [("code", "1 / 0")])
    result = subprocess.run(
        [sys.executable, standin.__file__, str(clone), "run"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        'Error: 01-the-answer.ipynb, code cell 1 ("1 / 0") failed: '
        "ZeroDivisionError: division by zero"
    )
    assert "\x1b" not in result.stderr
    assert "nbclient" not in result.stderr


def test_a_run_ends_with_where_the_report_is(clone: Path) -> None:
    result = subprocess.run(
        [sys.executable, standin.__file__, str(clone), "run"],
        cwd=clone / "notebooks",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"Report: {clone}/reports/trial-review/index.html (")


def test_a_fault_of_ours_keeps_its_traceback(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(evidence.data, "check_review", fail)
    assert isinstance(invoke("check").exception, ZeroDivisionError)


def test_the_codebook_is_printed_and_written(
    invoke, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone / "notebooks")
    assert invoke("codebook").stdout == codebook()
    assert not (clone / "data/README.md").exists()
    assert "is written" in invoke("codebook", "--write").stdout
    assert (clone / "data/README.md").read_text("utf-8") == codebook()
    assert "is up to date" in invoke("codebook", "--write").stdout


def test_the_package_can_be_run_by_its_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evidence", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("evidence ")
