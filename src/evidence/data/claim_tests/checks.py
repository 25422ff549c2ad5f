"""What must hold of the tests of claims: that they can be read, and name what exists."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from evidence.data.claim_tests.grammar import Call, ClaimTestError, parse_test
from evidence.data.claim_tests.vocabulary import ALL, CLAIM_TESTS, LOOKUPS, Argument, ClaimTest
from evidence.data.compounds import names_of
from evidence.data.problems import Problem
from evidence.data.reported import ReportedNumber
from evidence.data.schema import Reference
from evidence.data.sections import FILE
from evidence.data.study_tables import STUDY_FACTS

if TYPE_CHECKING:
    from evidence.data.csv_file import CsvFile, Row
    from evidence.data.review_file import ReviewFile

__all__ = ["check_claim_tests"]

Files = Mapping[str, "CsvFile"]
#: Returns the names that exist and those that may; None where that is not known.
Known = Callable[[Reference], "tuple[set[str], set[str]] | None"]
#: Message, found, accepted, advice.
Wrong = tuple[str, str, str, str]

_REFERENCES = {
    "study": Reference("studies", "study_id"),
    "outcome": Reference(FILE, "outcomes"),
    "threshold": Reference(FILE, "thresholds"),
    "analysis": Reference(FILE, "analyses"),
    "fact": Reference("facts", "fact_id"),
}
#: What stands in the rows of a comparison, by kind of argument.
_IN_ROWS = {"timepoint": "timepoint", "treatment": "treatment", "arm": "arm"}
_BETWEEN = "difference between groups"
_SHOWN = 12


def check_claim_tests(
    files: Files, review: ReviewFile, known: Known, found: Sequence[Problem]
) -> list[Problem]:
    """Check the tests of claims, and what the misreported numbers look up.

    Parameters
    ----------
    files
        What was read from the CSV files, by table name.
    review
        What was read from `review.toml`.
    known
        Tells which names can be referred to.
    found
        The problems found before: nothing is concluded from a table that has any.

    Returns
    -------
    list of Problem
    """
    broken = {problem.file for problem in (*found, *review.problems)}
    names = _Names(files, review, known, broken)
    problems = []
    for table, column, tests in (
        ("claims", "test", CLAIM_TESTS),
        ("misreported", "truth", LOOKUPS),
    ):
        for row in files[table].rows:
            if row[column] and row.sound(column):
                place = (f"{table}.csv", row.line, column)
                problems += [Problem(*place, *wrong) for wrong in _wrong(row[column], tests, names)]
    return problems


def _wrong(text: str, tests: Mapping[str, ClaimTest], names: _Names) -> Iterator[Wrong]:
    try:
        call = parse_test(text)
    except ClaimTestError as error:
        advice = f"Look at sign {error.place + 1} of the cell."
        example = next(iter(tests))
        if error.place == 0:
            advice = f"For example {example}(...); data/README.md lists them."
        yield error.message, error.found, error.accepted, advice
        return
    yield from _wrong_call(call, tests, names)


def _wrong_call(call: Call, tests: Mapping[str, ClaimTest], names: _Names) -> Iterator[Wrong]:
    test = tests.get(call.name)
    if test is None:
        yield "there is no such test.", call.name, *_near(call.name, tests)
        return
    if call.name == ALL and ALL in tests:
        if call.arguments or len(call.parts) < 2:
            message = "this test joins others, at least two of them."
            yield message, str(call), f"{ALL}(test, test, ...)", "Write the tests inside it."
        for part in call.parts:
            yield from _wrong_call(part, tests, names)
        return
    if call.parts:
        accepted = ", ".join(each.name for each in test.arguments)
        message = f"{call.name} holds no other tests."
        yield message, str(call.parts[0]), accepted, f"Only {ALL}(...) does."
        return
    wrong = [*_wrong_arguments(call, test), *_wrong_values(call, test, names)]
    yield from wrong or _wrong_together(call, test, names)


def _wrong_arguments(call: Call, test: ClaimTest) -> Iterator[Wrong]:
    accepted = [each.name for each in test.arguments]
    unknown = [name for name, _ in call.arguments if name not in accepted]
    missing = [each.name for each in test.arguments if each.required and each.name not in call]
    for name in unknown:
        listed, advice = _near(name, [each for each in accepted if each not in call])
        if advice.startswith("Did"):
            # One slip is one problem.
            missing = [each for each in missing if f"'{each}'" not in advice]
        message = f"{call.name} has no such argument."
        yield message, name, listed or ", ".join(accepted), advice or "Take it out."
    for name in missing:
        argument = test.argument(name)
        assert argument is not None
        message = f"{call.name} needs the argument {name!r}."
        yield message, str(call), f"{name}={argument.kind}", f"It names {argument.meaning}."


def _wrong_values(call: Call, test: ClaimTest, names: _Names) -> Iterator[Wrong]:
    for name, value in call.arguments:
        argument = test.argument(name)
        if argument is None:
            continue
        if isinstance(value, tuple) and not argument.many:
            message = f"{name} takes one value, not a list."
            yield message, ", ".join(value), "one value", "Take the brackets off."
            continue
        for text in call.many(name):
            yield from _wrong_value(argument, text, names)


def _wrong_value(argument: Argument, text: str, names: _Names) -> Iterator[Wrong]:
    accepted: set[str] | tuple[str, ...] | None = None
    if not text.strip():
        message = f"{argument.name} is empty."
        yield message, "''", argument.meaning, "Leave the argument out, or fill it."
    elif argument.kind == "number":
        accepted_number = argument.accepted_number
        if not ReportedNumber.is_number(text):
            message = f"{argument.name} is not a number."
            yield message, text, accepted_number, "Write digits only."
        elif not (math.isfinite(float(text)) and argument.takes(float(text))):
            message = f"{argument.name} is out of range."
            yield message, text, accepted_number, f"It gives {argument.meaning}."
    elif argument.kind == "choice":
        accepted = argument.choices
    elif argument.kind == "item":
        accepted = tuple(STUDY_FACTS["item"].choices)
    elif argument.kind != "text":
        accepted = names.of(argument.kind)
    if accepted is not None and text.strip() and text not in accepted:
        message = f"{names.where(argument.kind)} no such {argument.kind}."
        yield message, text, *_near(text, accepted)


def _wrong_together(call: Call, test: ClaimTest, names: _Names) -> Iterator[Wrong]:
    """Yield what is wrong with arguments that exist one by one, and not together."""
    for name in ("study", "than"):
        if name in call and "outcome" in call and test.tables:
            rows = names.rows(test.tables, call[name], call["outcome"])
            if rows is not None:
                yield from _wrong_rows(call, test, name, rows)
    if "threshold" in call and "outcome" in call:
        yield from names.wrong_threshold(call["threshold"], call["outcome"])
    if "item" in call and "study" in call:
        facts = names.facts_of(call["study"])
        if facts is not None and call["item"] not in facts:
            message = "study_facts.csv has no such item of this study."
            yield message, f"{call['study']} / {call['item']}", *_near(call["item"], facts)
    if "low" in call and "high" in call and call.number("low") > call.number("high"):
        message = "the range runs backwards."
        found = f"{call['low']} to {call['high']}"
        yield message, found, "low at most as large as high", "Give the smaller number as low."


def _wrong_rows(call: Call, test: ClaimTest, name: str, rows: Sequence[Row]) -> Iterator[Wrong]:
    tables = " and ".join(f"{table}.csv" for table in test.tables)
    if not rows:
        message = f"{tables} have no row of this study and outcome."
        if len(test.tables) == 1:
            message = f"{tables} has no row of this study and outcome."
        found = f"{call[name]} / {call['outcome']}"
        yield message, found, "a study with rows of the outcome", "Add the row, or name another."
        return
    for argument in test.arguments:
        column = _IN_ROWS.get(argument.kind)
        if name == "study" and column and argument.name in call:
            told = {row[column] for row in rows if row[column]}
            if call[argument.name] not in told:
                message = f"no row of this study and outcome has this {argument.kind}."
                yield message, call[argument.name], *_near(call[argument.name], told)
    if "contrasts" in test.tables and test.family != "lookup":
        yield from _wrong_choice(call, test, name, rows)


def _wrong_choice(call: Call, test: ClaimTest, name: str, rows: Sequence[Row]) -> Iterator[Wrong]:
    """Yield what is left open where a study reports several comparisons of one outcome."""
    for column, told in (("timepoint", _times(rows)), ("treatment", _treatments(rows))):
        if len(told) < 2 or (name == "study" and column in call):
            continue
        message = f"{call[name]} reports this outcome for several {column}s."
        accepted = ", ".join(sorted(told)[:_SHOWN])
        advice = f"Name one with {column}='...'."
        if name != "study" or test.argument(column) is None:
            advice = "Name another study; this test cannot say which one is meant."
        yield message, call[name], accepted, advice


def _times(rows: Sequence[Row]) -> set[str]:
    """Return the times at which groups are compared."""
    compared = (row for row in rows if row["kind"] != "baseline" and row["role"] != "all")
    return {row["timepoint"] for row in compared}


def _treatments(rows: Sequence[Row]) -> set[str]:
    return {row["treatment"] for row in rows if row["treatment"]}


class _Names:
    """What the tests may name; says nothing of what could not be read."""

    def __init__(self, files: Files, review: ReviewFile, known: Known, broken: set[str]) -> None:
        self._files = files
        self._review = review
        self._known = known
        self._broken = broken

    def of(self, kind: str) -> set[str] | None:
        """Return the names of a kind, with those that may exist; None where not known."""
        if kind in _REFERENCES:
            found = self._known(_REFERENCES[kind])
            return None if found is None else found[0] | found[1]
        if kind == "domain":
            domains = {str(each.get("domain", "")) for each in self._review.entries("outcomes")}
            return None if FILE in self._broken else domains
        if kind == "form":
            return self._forms()
        return None  # of a comparison; looked for among its rows

    def where(self, kind: str) -> str:
        """Return how a sentence begins that says that a name does not exist."""
        reference = _REFERENCES.get(kind)
        if reference is not None:
            return f"{reference.file} has"
        return {"domain": f"{FILE} has", "form": "compounds.csv and studies.csv have"}.get(
            kind, "there is"
        )

    def _forms(self) -> set[str] | None:
        if not self._whole("compounds", "studies"):
            return None
        named = {row["form"] for row in self._files["studies"].rows if row["form"]}
        for row in self._files["compounds"].rows:
            named.update(names_of(row["name"], row["also_called"]))
        return named

    def rows(self, tables: Sequence[str], study: str, outcome: str) -> list[Row] | None:
        """Return the rows of a study and outcome; None where that is not known."""
        if not self._whole(*tables):
            return None
        return [
            row
            for table in tables
            for row in self._files[table].rows
            if (row["study_id"], row["outcome_id"]) == (study, outcome)
        ]

    def facts_of(self, study: str) -> set[str] | None:
        """Return the items that are told of a study; None where that is not known."""
        if not self._whole("study_facts"):
            return None
        rows = self._files["study_facts"].rows
        return {row["item"] for row in rows if row["study_id"] == study}

    def wrong_threshold(self, name: str, outcome: str) -> Iterator[Wrong]:
        """Yield what is wrong with judging a difference of an outcome by a threshold."""
        if FILE in self._broken:
            return
        entries = self._review.entries("thresholds")
        entry = next((each for each in entries if each.get("id") == name), None)
        mine = {
            str(each.get("id"))
            for each in entries
            if (each.get("outcome_id"), each.get("applies_to")) == (outcome, _BETWEEN)
        }
        if name in mine or entry is None:
            return
        message = "the threshold belongs to another outcome."
        if entry.get("outcome_id") == outcome:
            message = f"the threshold is for a {entry.get('applies_to')}, not between groups."
        yield message, name, *_near(name, mine)

    def _whole(self, *tables: str) -> bool:
        return all(
            self._files[table].whole and f"{table}.csv" not in self._broken for table in tables
        )


def _near(name: str, known: Sequence[str] | Mapping[str, object] | set[str]) -> tuple[str, str]:
    """Return what is accepted, and the nearest name as advice."""
    names = sorted(known)
    accepted = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    near = get_close_matches(name[:80], names, n=1, cutoff=0.6)
    return accepted, f"Did you mean {near[0]!r}?" if near else "Name one of these."
