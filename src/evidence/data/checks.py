"""What must hold between the rows and files of a review: keys, references, tiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from evidence.data.arithmetic import Scale, Surroundings, check_row
from evidence.data.cells import identifier_like
from evidence.data.certainty_checks import check_decisions
from evidence.data.claim_tests.checks import check_claim_tests
from evidence.data.compounds import check_compounds
from evidence.data.csv_file import CsvFile
from evidence.data.directness_rules import check_directness
from evidence.data.misreported import check_misreported
from evidence.data.problems import Problem
from evidence.data.registration import check_registration
from evidence.data.review_file import ReviewFile
from evidence.data.schema import Reference, Table
from evidence.data.sections import FILE, SECTIONS
from evidence.data.tables import TABLES

__all__ = ["check_rows"]

Files = Mapping[str, CsvFile]
#: Suggestions and lists are for people: so many names are searched and shown at most.
_SUGGESTIONS = 200
_SHOWN = 12


def check_rows(files: Files, review: ReviewFile) -> list[Problem]:
    """Check keys, references, tiers and arithmetic of all files together.

    Parameters
    ----------
    files
        What was read from the CSV files, by table name.
    review
        What was read from `review.toml`.

    Returns
    -------
    list of Problem
    """
    problems: list[Problem] = []
    references = _References(files, review)
    for name, table in TABLES.items():
        problems += _check_keys(files[name], table)
        for column in table.columns:
            if column.reference is not None:
                for row in files[name].rows:
                    if row[column.name] and row.sound(column.name):
                        place = (table.file, row.line, column.name)
                        problems += references.check(place, row[column.name], column.reference)
    problems += _check_plan(review, references)
    problems += _check_headline(files, review, references, problems)
    problems += _check_numbers(files, review) + _check_tiers(files, review)
    problems += check_registration(files) + check_directness(review)
    problems += check_compounds(files) + check_decisions(files) + check_misreported(files)
    return problems + check_claim_tests(files, review, references.known, problems)


class _References:
    """What can be referred to; knows nothing where the target could not be read."""

    def __init__(self, files: Files, review: ReviewFile) -> None:
        self._files = files
        self._review = review
        self._known: dict[Reference, tuple[set[str], set[str]] | None] = {}
        self._advice: dict[tuple[Reference, str], str] = {}

    def known(self, reference: Reference) -> tuple[set[str], set[str]] | None:
        """Return the names that exist and those that may, or None where that is not known."""
        if reference not in self._known:
            self._known[reference] = self._find(reference)
        return self._known[reference]

    def _find(self, reference: Reference) -> tuple[set[str], set[str]] | None:
        lost: set[str] = set()
        if reference.table == FILE:
            names = self._review.ids(reference.column)
        else:
            file = self._files[reference.table]
            names = {row[reference.column] for row in file.rows}
            lost = set(file.lost)
        if not names or "" in names:
            return None
        # A name with a slip in it, or in a line that could not be read, has its own problem.
        return names, lost | {identifier_like(name) for name in names}

    def has(self, name: object, reference: Reference) -> bool:
        """Whether the name certainly exists."""
        known = self.known(reference)
        return known is not None and isinstance(name, str) and name in known[0]

    def check(self, place: tuple[str, int, str], name: str, reference: Reference) -> list[Problem]:
        """Return a problem when the name certainly does not exist."""
        known = self.known(reference)
        if known is None or name in known[0] or name in known[1]:
            return []
        names = sorted(known[0])
        accepted = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
        message = f"{reference.file} has no such entry."
        advice = self._suggest(name, names, reference)
        return [Problem(*place, message, name, accepted, advice)]

    def _suggest(self, name: str, names: Sequence[str], reference: Reference) -> str:
        if (reference, name) not in self._advice:
            near = []
            if len(self._advice) < _SUGGESTIONS:
                near = get_close_matches(name, names, n=1, cutoff=0.6)
            self._advice[reference, name] = (
                f"Did you mean {near[0]!r}?" if near else f"Add it to {reference.file} first."
            )
        return self._advice[reference, name]


def _check_keys(file: CsvFile, table: Table) -> list[Problem]:
    if not file.unread.isdisjoint(table.key):
        return []
    first: dict[tuple[str, ...], int] = {}
    problems: list[Problem] = []
    for row in file.rows:
        key = tuple(row[column] for column in table.key)
        if not row.sound(*table.key):
            continue
        if key in first:
            problems.append(
                Problem(
                    table.file,
                    row.line,
                    table.key[0] if len(table.key) == 1 else "",
                    f"the row repeats line {first[key]}.",
                    " / ".join(part for part in key if part),
                    "one row for each " + ", ".join(table.key),
                    "Remove one of the two, or make clear what differs.",
                )
            )
        first.setdefault(key, row.line)
    return problems


def _check_plan(review: ReviewFile, references: _References) -> list[Problem]:
    problems: list[Problem] = []
    for section in SECTIONS:
        for index, entry in enumerate(review.entries(section.name) if section.name else ()):
            for key in section.keys:
                if key.reference is not None:
                    value = entry.get(key.name)
                    names = value if isinstance(value, list) else [value]
                    place = review.place(section, index, key.name)
                    for name in names:
                        if isinstance(name, str) and name:
                            problems += references.check(place, name, key.reference)
    return problems


def _check_headline(
    files: Files, review: ReviewFile, references: _References, found: Sequence[Problem]
) -> list[Problem]:
    """Check that the comparison which the claim rests on has a row."""
    section = next(section for section in SECTIONS if section.name == "headline")
    tables = [TABLES["arms"], TABLES["contrasts"]]
    # A row with a wrong name in it may be the one that is looked for.
    rows_known = all(files[table.name].whole for table in tables) and not any(
        problem.file == table.file for problem in found for table in tables
    )
    for entry in review.entries(section.name):
        names_known = all(
            references.has(entry.get(key.name), key.reference)
            for key in section.keys
            if key.reference is not None
        )
        timepoint = entry.get("timepoint")
        if not rows_known or not names_known or not isinstance(timepoint, str):
            continue
        wanted = (entry["study_id"], entry["outcome_id"])
        timepoints = {
            row["timepoint"]
            for table in tables
            for row in files[table.name].rows
            if (row["study_id"], row["outcome_id"]) == wanted
        }
        if timepoint not in timepoints:
            message = (
                "arms.csv and contrasts.csv have no row for this study, outcome and timepoint."
            )
            place = review.place(section, 0, "timepoint" if timepoints else "")
            shown = " / ".join((*wanted, timepoint))
            accepted = ", ".join(sorted(timepoints))
            near = get_close_matches(timepoint, sorted(timepoints), n=1)
            advice = f"Did you mean {near[0]!r}?" if near else "Add the row, or name another one."
            return [Problem(*place, message, shown, accepted, advice)]
    return []


def _check_numbers(files: Files, review: ReviewFile) -> list[Problem]:
    studies = files["studies"].rows
    around = Surroundings(
        scales={str(e.get("id")): Scale.from_entry(e) for e in review.entries("outcomes")},
        sizes={row["study_id"]: row.number("n_randomised") for row in studies},
        designs={r["study_id"]: r["design"] for r in studies if r["design"] and r.sound("design")},
    )
    return [
        problem
        for name, table in TABLES.items()
        # Where columns are missing, a row cannot be said to lack anything.
        if not files[name].unread
        for row in files[name].rows
        for problem in check_row(name, table.file, row, around)
    ]


def _check_tiers(files: Files, review: ReviewFile) -> list[Problem]:
    tiers = {row["source_id"]: row["tier"] for row in files["sources"].rows}
    problems: list[Problem] = []

    def check(place: tuple[str, int, str], tier: object, source: object) -> None:
        if tier == "primary" and isinstance(source, str) and tiers.get(source) == "secondary":
            message = "this is marked primary, but its source is second-hand."
            found = f"primary, source {source}"
            advice = "Name the study's own report as the source, or mark it secondary."
            problems.append(Problem(*place, message, found, "secondary", advice))

    for name, table in TABLES.items():
        if "tier" in table.names and name != "sources":
            for row in files[name].rows:
                check((table.file, row.line, "tier"), row["tier"], row["source_id"])
    section = next(section for section in SECTIONS if section.name == "thresholds")
    for index, entry in enumerate(review.entries(section.name)):
        place = review.place(section, index, "tier")
        check(place, entry.get("tier"), entry.get("source_id"))
    return problems
