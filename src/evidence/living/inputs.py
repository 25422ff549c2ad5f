"""What all pages of a report rest on, as hashes, had in a tenth of a second.

Nothing heavy is imported here: whether anything changed is known before pandas would be
loaded.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.finding import REVIEW_FILE
from evidence.living.place import Place
from evidence.living.reads import hash_bytes, hash_file

__all__ = ["Inputs", "changes", "read_inputs"]

#: Environment variables that can change what a notebook shows begin with one of these.
_VARIABLES = ("EVIDENCE_", "LANG", "LC_", "MPL", "NUMBA_", "PYTHON", "TZ")
#: Set by a run itself, or without effect on the notebooks.
_OWN_VARIABLES = {"EVIDENCE_REVIEW", "EVIDENCE_BROWSER_TESTS", "EVIDENCE_CHROMIUM", "MPLBACKEND"}
_PACKAGES = (".dist-info", ".egg-info")
_TOOLS = "tools"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What all pages of a report rest on.

    Attributes
    ----------
    review
        Stands for the place of the review's folder, which notebooks may show.
    data
        Hashes of the review's files by name.
    code
        Hashes of the files of this package by path.
    environment
        Python, the machine, environment variables, and the version of each package.
    notebooks
        Hashes of the notebooks by name, in reading order.
    """

    review: str
    data: Mapping[str, str]
    code: Mapping[str, str]
    environment: Mapping[str, str]
    notebooks: Mapping[str, str]

    def moved_on(self, later: Inputs) -> list[str]:
        """Return what another look finds changed, notebooks aside.

        Parameters
        ----------
        later
            The other look.
        """
        found = changes(self.data, later.data) + changes(self.code, later.code)
        return found + changes(self.environment, later.environment)


def read_inputs(review: Path, place: Place, sources: Mapping[Path, bytes] | None = None) -> Inputs:
    """Look at everything that all pages of a report rest on.

    Parameters
    ----------
    review
        The review's folder.
    place
        Its notebooks.
    sources
        The notebooks as they were read for execution; else they are read here.
    """
    return Inputs(
        review=hash_bytes(str(review).encode()),
        data=_data(review),
        code=_code(),
        environment=_environment(),
        notebooks={
            path.stem: hash_bytes(sources[path]) if sources else hash_file(path)
            for path in place.notebooks
        },
    )


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the names whose values differ, or that only one side has, in order.

    Parameters
    ----------
    before, after
        Hashes or versions by name.
    """
    return [n for n in {**before, **after} if before.get(n) != after.get(n)]


def _data(review: Path) -> dict[str, str]:
    try:
        names = [p.name for p in review.iterdir() if p.suffix.lower() == ".csv"]
        tools = [f"{_TOOLS}/{p.name}" for p in (review / _TOOLS).glob("*.toml")]
    except OSError:
        return {}
    kept = [name for name in names + tools if not Path(name).name.startswith(".")]
    return {name: hash_file(review / name) for name in (REVIEW_FILE, *sorted(kept))}


def _code() -> dict[str, str]:
    package = Path(__file__).resolve().parents[1]
    found: dict[str, str] = {}
    for folder, folders, files in os.walk(package):
        folders[:] = sorted(f for f in folders if f != "__pycache__" and f[0] != ".")
        for name in sorted(files):
            if name[0] != "." and not name.endswith((".pyc", "~")):
                path = Path(folder, name)
                found[path.relative_to(package).as_posix()] = hash_file(path)
    return found


def _environment() -> dict[str, str]:
    found = {
        "Python": f"{sys.version} in {hash_bytes(sys.prefix.encode())[:16]}",
        "machine": f"{sys.platform} {platform.machine()}",
    }
    for name, value in sorted(os.environ.items()):
        if name.startswith(_VARIABLES) and name not in _OWN_VARIABLES:
            # A relative path means another folder elsewhere.
            meant = _resolved(value) if name == "PYTHONPATH" else value
            found[f"variable {name}"] = hash_bytes(meant.encode("utf-8", "surrogateescape"))[:16]
    for folder in sys.path:
        try:
            names = sorted(os.listdir(folder or "."))  # noqa: PTH208 - as found on the path
        except OSError:
            continue
        for name in names:
            if name.endswith(_PACKAGES):
                package, _, version = name.rpartition(".")[0].partition("-")
                if package != "evidence":  # its code is looked at itself
                    found.setdefault(f"package {package}", version)
    return found


def _resolved(paths: str) -> str:
    return os.pathsep.join(str(Path(path).resolve()) for path in paths.split(os.pathsep))
