"""The Makefile, as a newcomer meets it. Nothing here installs anything."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

DEBIAN_WITHOUT_VENV = """#!/bin/sh
case "$*" in
    *ensurepip*) echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1 ;;
    "-m venv"*)
        echo "The virtual environment was not created successfully because ensurepip is not"
        echo "available.  On Debian/Ubuntu systems, you need to install the python3-venv"
        exit 1 ;;
esac
exec "{python}" "$@"
"""
VENV_FAILS_LATE = """#!/bin/sh
case "$*" in "-m venv"*) exit 1 ;; esac
exec "{python}" "$@"
"""
TOO_OLD = """#!/bin/sh
case "$*" in *sys.exit*) exit 1 ;; *print*) echo 3.9 ;; esac
"""
# Makes a .venv whose python succeeds or fails at whatever it is asked, and counts the installs.
FAKE = """#!/bin/sh
case "$*" in
    "-m venv"*)
        mkdir -p .venv/bin
        printf '%s\\n' '#!/bin/sh' 'case "$*" in' \
            '*"pip install"*) echo install >>installs; echo "no network"; exit {pip_status} ;;' \
            '*) exec "{python}" "$@" ;;' 'esac' >.venv/bin/python
        chmod +x .venv/bin/python
        exit 0 ;;
esac
exec "{python}" "$@"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder's copy"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def fake_python(folder: Path, script: str, pip_status: int = 0) -> Path:
    path = folder.parent / "fake python"
    text = script.replace("{python}", sys.executable).replace("{pip_status}", str(pip_status))
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    from_make = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PYTHON", "ARGS"}
    environment = {k: v for k, v in os.environ.items() if k not in from_make}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_help_is_the_default_and_lists_every_phony_target(project: Path) -> None:
    targets = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, flags=re.MULTILINE)[0].split()
    result = make(project)
    assert result.returncode == 0
    assert result.stdout == make(project, "help").stdout
    listed = re.findall(r"^  make (\w+) +(\S.*)$", result.stdout, flags=re.MULTILINE)
    assert [name for name, _ in listed] == targets
    assert {"report", "test", "lab", "check", "clean", "help"} <= set(targets)
    assert all(len(line) <= 100 for line in result.stdout.splitlines())
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("script", [DEBIAN_WITHOUT_VENV, VENV_FAILS_LATE])
def test_a_python_without_venv_is_told_what_to_install(project: Path, script: str) -> None:
    result = make(project, "setup", f"PYTHON={fake_python(project, script)}")
    assert result.returncode != 0
    for words in ("venv", "sudo apt install python3-venv", "Fedora", "brew install"):
        assert words in result.stderr
    assert not (project / ".venv/.ready").exists()


def test_a_python_that_is_too_old_is_told_what_to_install(project: Path) -> None:
    result = make(project, "setup", f"PYTHON={fake_python(project, TOO_OLD)}")
    assert result.returncode != 0
    assert "is Python 3.9" in result.stderr
    for words in ("Python 3.11, 3.12 or 3.13 is needed", "sudo apt install", "Fedora", "brew"):
        assert words in result.stderr
    assert not (project / ".venv").exists()


def test_a_python_that_is_not_there_is_told_so(project: Path) -> None:
    result = make(project, "setup", "PYTHON=python-of-nowhere")
    assert result.returncode != 0
    assert '"python-of-nowhere" does not run' in result.stderr


def test_a_second_call_installs_nothing(project: Path) -> None:
    python = f"PYTHON={fake_python(project, FAKE)}"
    first = make(project, "setup", python)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Setting up .venv with Python 3.")
    assert "Setting up" not in make(project, "setup", python).stdout
    assert (project / "installs").read_text(encoding="utf-8").split() == ["install"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_needed_brings_it_up_to_date(project: Path, name: str) -> None:
    python = f"PYTHON={fake_python(project, FAKE)}"
    make(project, "setup", python)
    later = (project / ".venv/.ready").stat().st_mtime + 5
    os.utime(project / name, (later, later))
    assert "Bringing .venv up to date ..." in make(project, "setup", python).stdout
    assert (project / "installs").read_text(encoding="utf-8").split() == ["install"] * 2


def test_a_failed_install_shows_why_and_is_tried_again(project: Path) -> None:
    failing = make(project, "setup", f"PYTHON={fake_python(project, FAKE, pip_status=1)}")
    assert failing.returncode != 0
    assert "no network" in failing.stderr
    assert "did not succeed" in failing.stderr
    assert not (project / ".venv/.ready").exists()
    assert make(project, "setup", f"PYTHON={fake_python(project, FAKE)}").returncode == 0
    assert (project / ".venv/.ready").exists()


def test_a_moved_folder_is_set_up_anew(project: Path) -> None:
    python = f"PYTHON={fake_python(project, FAKE)}"
    make(project, "setup", python)
    moved = project.rename(project.with_name("moved"))
    assert "Setting up" in make(moved, "setup", python).stdout


def test_clean_removes_the_environment_and_keeps_reports(project: Path) -> None:
    make(project, "setup", f"PYTHON={fake_python(project, FAKE)}")
    for name in ("reports", "src/evidence/__pycache__", ".mypy_cache"):
        (project / name).mkdir(parents=True)
    assert make(project, "clean").returncode == 0
    left = sorted(str(path.relative_to(project)) for path in project.rglob("*") if path.is_dir())
    assert left == ["reports", "src", "src/evidence"]
