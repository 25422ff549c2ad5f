"""What of an earlier report still holds, and why the rest does not.

A notebook need not run again when everything its last run rested on is as it was: its own
bytes, its folder, the review's folder, Python and the versions of all packages, the files
of this package that it used, and whatever it read: of a review, the tables it used. A page
is made again whenever anything changed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evidence.errors import EvidenceError
from evidence.finding import REVIEW_FILE, find_folder
from evidence.living.inputs import Inputs, changes, read_inputs
from evidence.living.manifest import EXECUTED, Manifest, read_manifest
from evidence.living.place import Place, find_place
from evidence.living.reads import Reads, hash_bytes, hash_file

__all__ = ["Plan", "current_report", "is_past", "listed", "place_hash", "plan_run", "today_here"]

_MANY = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does, and why.

    Attributes
    ----------
    to_run
        For each notebook to run, in reading order, the reason; empty where all of them
        run for the one reason in `overall`.
    kept
        The notebooks whose last execution still holds.
    overall
        Why everything runs; empty where it does not.
    """

    to_run: dict[str, str]
    kept: tuple[str, ...]
    overall: str = ""


def plan_run(
    earlier: Manifest | str, inputs: Inputs, place: Place, review: Path, *, force: bool = False
) -> Plan:
    """Decide which notebooks to run.

    Parameters
    ----------
    earlier
        The manifest of the earlier report, or why there is none.
    inputs
        What all pages rest on, now.
    place
        The notebooks, and the report's folder.
    review
        The review's folder.
    force
        Run all of them.
    """
    names = [path.stem for path in place.notebooks]
    overall = "--force" if force else _overall(earlier, inputs)
    if overall or isinstance(earlier, str):
        return Plan(dict.fromkeys(names, ""), (), overall)
    now = _Now(earlier, inputs, place, review)
    reasons = {path.stem: now.reason(path) for path in place.notebooks}
    return Plan(
        {name: reason for name, reason in reasons.items() if reason},
        tuple(name for name, reason in reasons.items() if not reason),
    )


def current_report(
    name: str | Path, *, output: Path | None = None, notebooks: Path | None = None
) -> Path | None:
    """Return the first page of a report that everything still agrees with, or None.

    Parameters
    ----------
    name
        Path or name of the review.
    output, notebooks
        As in `evidence.living.run.run_report`.
    """
    try:
        review = find_folder(name)
        if not (review / REVIEW_FILE).is_file():
            return None
        place = find_place(review, notebooks=notebooks, output=output)
    except EvidenceError:
        return None  # the run itself says what is wrong
    earlier = read_manifest(place.output)
    if isinstance(earlier, str):
        return None
    inputs = read_inputs(review, place)
    if inputs != earlier.inputs or list(inputs.notebooks) != list(earlier.inputs.notebooks):
        return None
    if plan_run(earlier, inputs, place, review).to_run or set(earlier.entries) != set(
        inputs.notebooks
    ):
        return None
    pages = earlier.pages.seen_from(place.output, back=True)
    if (
        pages.changed({})
        or pages.day not in ("", today_here())
        or is_past(earlier)
        or not earlier.is_intact(place.output)
    ):
        return None
    return place.output / "index.html"


def is_past(earlier: Manifest) -> bool:
    """Tell whether the pages of a report would say another age of the evidence by now.

    Parameters
    ----------
    earlier
        The report's manifest.
    """
    return bool(earlier.until) and today_here() >= earlier.until


def today_here() -> str:
    """Return the day as it stands in a manifest."""
    return datetime.now().astimezone().date().isoformat()


def place_hash(notebook: Path) -> str:
    """Return what stands for the folder of a notebook in a manifest."""
    return hash_bytes(str(notebook.parent).encode())


def _overall(earlier: Manifest | str, inputs: Inputs) -> str:
    if isinstance(earlier, str):
        return earlier
    before = earlier.inputs
    if before.review != inputs.review:
        return "the review's folder was moved or renamed"
    environment = changes(before.environment, inputs.environment)
    if environment:
        told = [_told(name, before.environment, inputs.environment) for name in environment]
        return f"another environment: {listed(told)}"
    return ""


def _told(name: str, before: object, after: object) -> str:
    old, new = (side.get(name) for side in (before, after))  # type: ignore[attr-defined]
    kind, _, short = name.partition(" ")
    if kind != "package":
        return name
    return f"{short} {old or 'absent'} \N{RIGHTWARDS ARROW} {new or 'absent'}"


class _Now:
    """What is there now beside what an earlier report rests on."""

    def __init__(self, earlier: Manifest, inputs: Inputs, place: Place, review: Path) -> None:
        self._earlier = earlier
        self._inputs = inputs
        self._place = place
        self._review = review
        self._code = _changed_code(earlier.inputs.code, inputs.code)
        self._known: dict[tuple[str, str], str] = {}

    def reason(self, notebook: Path) -> str:
        """Return why a notebook has to run again; empty where it has not."""
        entry = self._earlier.entries.get(notebook.stem)
        if entry is None:
            return "it is new"
        if entry.source != self._inputs.notebooks[notebook.stem]:
            return "the notebook changed"
        if entry.place != place_hash(notebook):
            return "the notebook was moved"
        return self._reason_in(entry.reads, notebook) or self._damage(notebook)

    def _reason_in(self, reads: Reads, notebook: Path) -> str:
        if reads.untraceable:
            return f"each time it does what cannot be foreseen: {reads.untraceable}"
        if reads.day not in ("", today_here()):
            return "what it says depends on the day, and that was another day"
        code = {self._code[name]: None for name in reads.code if name in self._code}
        if code:
            return f"code changed: {listed(list(code))}"
        paths = reads.seen_from(self._place.output, back=True).changed(self._known)
        inside = [Path(p) for p in paths if Path(p).is_relative_to(self._review)]
        if inside:
            names = [p.relative_to(self._review).as_posix() for p in inside]
            return f"data changed: {listed(names)}"
        if paths:
            names = [os.path.relpath(p, notebook.parent) for p in paths]
            return f"it read what changed: {listed(names)}"
        return ""

    def _damage(self, notebook: Path) -> str:
        name = f"{EXECUTED}/{notebook.stem}.ipynb"
        kept = self._earlier.outputs.get(name)
        if kept is None or hash_file(self._place.output / name) != kept:
            return "what was kept of its last run is damaged"
        return ""


def _changed_code(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return what changed, by each name under which a notebook may have used it."""
    found: dict[str, str] = {}
    for name in changes(before, after):
        found[name] = name
        if name not in before or name not in after:
            # Whoever looked into the folder could have seen it, or seen it missing.
            folder = name.rpartition("/")[0]
            found[f"{folder}/" if folder else ""] = name
    return found


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are.

    Parameters
    ----------
    names
        The names.
    """
    if len(names) <= _MANY:
        return ", ".join(names)
    return f"{', '.join(names[:_MANY])} and {len(names) - _MANY} more"
