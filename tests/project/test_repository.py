"""What holds for the files of the repository as a whole."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOT_OURS = {".git", ".venv", "reports", "build", "dist", "node_modules"}

# Written in pieces, so that this file passes its own test.
HOSTS = [
    f"{name}.{top}"
    for name, top in [
        ("py" + "pi", "org"),
        ("python" + "hosted", "org"),
        ("ana" + "conda", "org"),
        ("ana" + "conda", "com"),
        ("npm" + "js", "org"),
        ("npm" + "js", "com"),
        ("deb.deb" + "ian", "org"),
        ("security.deb" + "ian", "org"),
        ("archive.ubu" + "ntu", "com"),
        ("cran.r-" + "project", "org"),
    ]
]
MACHINE_PATH = re.compile(r"(?<![\w.:/~$)}<-])/(?:root|home|Users|work|tmp|opt)/[\w.-]")


def repository_files() -> list[Path]:
    """List what git tracks or would track; without git, all files but caches and products."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        paths = (
            path
            for path in ROOT.rglob("*")
            if not NOT_OURS.intersection(path.relative_to(ROOT).parts)
            and not any(part.endswith(("cache", "cache__")) for part in path.parts)
        )
    else:
        paths = (ROOT / name for name in done.stdout.split("\0") if name)
    return sorted({path for path in paths if path.is_file()})


def matching_lines(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" in content:  # not text
            continue
        lines = content.decode("utf-8", errors="replace").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(lines, start=1)
            if pattern.search(line)
        ]
    return found


def test_no_file_names_a_path_of_one_machine() -> None:
    assert matching_lines(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    hosts = "|".join(re.escape(host) for host in HOSTS)
    assert matching_lines(re.compile(rf"(?<![\w-])(?:{hosts})\b", re.IGNORECASE)) == []


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells
    with_output = [
        "".join(cell["source"])[:60]
        for cell in cells
        if cell["outputs"] or cell["execution_count"] is not None
    ]
    assert with_output == [], "clear the outputs: jupyter nbconvert --clear-output --inplace FILE"


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["make report", "make test", "make lab"])
def test_the_readme_names_the_commands(command: str) -> None:
    assert command in readme()


def test_every_relative_link_of_the_readme_leads_somewhere() -> None:
    text = re.sub(r"^```.*?^```", "", readme(), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(<?([^)\s>]+)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    links += re.findall(r"^\[[^\]]+\]:\s*(\S+)", text, flags=re.MULTILINE)
    headings = re.findall(r"^#+ +(.+?) *$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    broken = []
    for link in links:
        if re.match(r"[a-z]+:", link):  # another site; not looked up here
            continue
        path, _, anchor = link.partition("#")
        if (path and not (ROOT / path).exists()) or (not path and anchor not in anchors):
            broken.append(link)
    assert broken == []


def test_ci_run_can_be_executed() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
