"""Reading the folder of a published analysis: everything that is wrong with it, at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from evidence.data.csv_file import CsvFile, Row, read_csv
from evidence.data.problems import Problem, Problems
from evidence.data.reported import ReportedNumber
from evidence.data.schema import Table
from evidence.data.text_file import decode
from evidence.data.toml_lines import TomlLines
from evidence.errors import InvalidReviewError, ReviewNotFoundError
from evidence.living.reproductions.tables import (
    ANALYSES,
    FILE,
    FORMS,
    HEAD,
    KINDS,
    MEASURES,
    PRINTED,
    SCHEMA,
    is_ratio,
)

__all__ = ["Analysis", "Paper", "Printed", "StudyTable", "read_paper"]

_COUNTED = ("Mantel-Haenszel", "Peto")
_WITH_TAU2 = ("random effects", "three levels")
_LIKELIHOODS = ("REML", "ML")
#: Quantities that stand on the scale of the effect.
_LOCATIONS = re.compile(r"estimate|ci_low|ci_high|prediction_\w+|(?:mu|predictive)_(?!sd|above)\w+")


@dataclass(frozen=True, slots=True)
class StudyTable:
    """The numbers of the studies as the paper gives them.

    Attributes
    ----------
    form
        Which columns there are; see `tables.FORMS`.
    labels
        Names of the studies.
    columns
        The numbers by column, shape (k,); the names of the groups as text.
    """

    form: str
    labels: tuple[str, ...]
    columns: dict[str, list[Any]]

    @property
    def people(self) -> int | None:
        """How many people there are in all, where the table tells."""
        names = ("total_treatment", "total_control", "people")
        found = [self.columns[name] for name in names if name in self.columns]
        return int(sum(map(sum, found))) if found else None


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis of the studies: a row of `analyses.csv`."""

    analysis_id: str
    title: str
    kind: str
    measure: str
    tau2_method: str = ""
    ci_method: str = ""
    tau_prior: str = ""
    tau_scale: float | None = None
    mu_mean: float | None = None
    mu_sd: float | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """One printed number with its words and its place: a row of `printed.csv`."""

    analysis_id: str
    quantity: str
    scale: str
    relation: str
    number: ReportedNumber
    quote: str
    source: str
    locator: str
    tier: str
    difference: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A published analysis: its studies, how they were analysed, what was printed.

    Attributes
    ----------
    folder
        Where it was read from.
    title, citation, doi
        What it is.
    numbers_source, numbers_tier, note
        Where the numbers of the studies were read, and what to know of them.
    studies, analyses, printed
        The tables.
    """

    folder: Path
    title: str
    citation: str
    doi: str
    numbers_source: str
    numbers_tier: str
    note: str
    studies: StudyTable
    analyses: tuple[Analysis, ...]
    printed: tuple[Printed, ...]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name


def read_paper(folder: str | Path) -> Paper:
    """Read and check the folder of a published analysis.

    Parameters
    ----------
    folder
        Holds `reproduction.toml`, `numbers.csv`, `analyses.csv` and `printed.csv`, and
        nothing else. All of it is data; nothing is run.

    Returns
    -------
    Paper

    Raises
    ------
    ReviewNotFoundError
        When there is no such folder.
    InvalidReviewError
        With all problems, each with file, line and column.
    """
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise ReviewNotFoundError(
            f"There is no folder {str(folder)!r}. A published analysis is a folder with "
            f"{FILE}, numbers.csv, analyses.csv and printed.csv."
        )
    raw, problems = _files(path)
    head, found = _read_head(raw[FILE]) if FILE in raw else ({}, [])
    problems += found
    tables = {"analyses": ANALYSES, "printed": PRINTED}
    form = head.get("numbers")
    if form in FORMS:
        tables["numbers"] = FORMS[form]
    files = {
        name: read_csv(raw[table.file], table) if table.file in raw else CsvFile(readable=False)
        for name, table in tables.items()
    }
    for name, file in files.items():
        problems += [*file.problems, *_repeated(file, tables[name])]
    if "numbers" in files:
        problems += _check_numbers(files["numbers"])
    problems += _check_analyses(files, str(form))
    problems += _check_printed(files)
    everything = Problems.collect(path, problems)
    if everything:
        raise InvalidReviewError(everything.summary(30), everything)
    return _paper(path, head, files)


def _files(path: Path) -> tuple[dict[str, bytes], list[Problem]]:
    wanted = (FILE, "numbers.csv", "analyses.csv", "printed.csv")
    there = {p.name: p for p in sorted(path.iterdir()) if not p.name.startswith(".")}
    problems = [
        Problem(name, 0, "", "the file is missing.", advice="Add the file.")
        for name in wanted
        if name not in there or not there[name].is_file()
    ]
    problems += [
        Problem(
            name,
            0,
            "",
            "a published analysis has no such file, so nobody would read it.",
            name,
            ", ".join(wanted),
            "Move it out of the folder.",
        )
        for name in there
        if name not in wanted
    ]
    raw: dict[str, bytes] = {}
    for name in wanted:
        if name in there and there[name].is_file():
            raw[name] = there[name].read_bytes()
    return raw, problems


def _read_head(raw: bytes) -> tuple[dict[str, Any], list[Problem]]:
    text, problems = decode(raw, FILE, holds="title, citation and the form of the study table")
    if problems:
        return {}, problems
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        at = re.search(r"\(at line (\d+)", str(error))
        line = int(at[1]) if at else 0
        message = f"the file cannot be read as TOML: {error}."
        return {}, [Problem(FILE, line, "", message, advice='Write key = "text".')]
    lines = TomlLines(text)
    known = {key.name: key for key in HEAD}
    absent = [name for name in known if name not in content]
    for name in content:
        if name in known:
            continue
        near = get_close_matches(name, absent, n=1, cutoff=0.6)
        if near:
            # One slip is one problem: the right key is not also reported as missing.
            absent.remove(near[0])
        advice = f"Did you mean {near[0]!r}?" if near else "Take it out."
        message, accepted = "there is no such key.", ", ".join(known)
        problems.append(Problem(FILE, lines.of(name), name, message, name, accepted, advice))
    for key in HEAD:
        if key.name not in content and not (key.required and key.name in absent):
            continue
        wrong = _wrong_head(key.name, content.get(key.name), key.choices)
        if wrong:
            message, accepted = wrong
            found = str(content.get(key.name, ""))
            place = (FILE, lines.of(key.name), key.name)
            problems.append(Problem(*place, message, found, accepted or key.description))
    return content, problems


def _wrong_head(name: str, value: Any, choices: tuple[str, ...]) -> tuple[str, str] | None:
    if value is None:
        return "the key is missing.", ""
    if name == "schema":
        right = type(value) is int and value == SCHEMA
        return None if right else ("this layout is not known.", str(SCHEMA))
    if not isinstance(value, str) or not value.strip():
        return "this is not a text.", 'text in "quotation marks"'
    if choices and value not in choices:
        return "the word is not one of the accepted ones.", ", ".join(choices)
    if name == "doi" and not re.fullmatch(r"10\.\d{4,9}/\S+", value):
        return "this is not a digital object identifier.", "for example 10.18637/jss.v036.i03"
    return None


def _repeated(file: CsvFile, table: Table) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], int] = {}
    for row in file.rows:
        key = tuple(row[name] for name in table.key)
        first = seen.setdefault(key, row.line)
        if first != row.line and row.sound(*table.key):
            message = f"line {first} has the same {', '.join(table.key)}."
            advice = "Each row stands once; tell them apart."
            yield Problem(table.file, row.line, table.key[0], message, key[0], advice=advice)


def _check_numbers(file: CsvFile) -> Iterator[Problem]:
    for row in file.rows:
        for arm in ("treatment", "control"):
            events, total = row.number(f"events_{arm}"), row.number(f"total_{arm}")
            if events is not None and total is not None and events > total:
                message = "there are more events than people."
                accepted = f"at most {total:g}"
                place = ("numbers.csv", row.line, f"events_{arm}")
                yield Problem(*place, message, f"{events:g}", accepted)
        low, high = row.number("ci_low"), row.number("ci_high")
        name = "ratio" if row["ratio"] else "estimate"
        middle = row.number(name)
        if low is None or high is None or middle is None:
            continue
        if not low < high:
            message = "the upper end of the interval is not above the lower one."
            yield Problem("numbers.csv", row.line, "ci_high", message, row["ci_high"])
        elif not low <= middle <= high:
            message = "the effect is outside its own interval."
            accepted = f"from {low:g} to {high:g}"
            yield Problem("numbers.csv", row.line, name, message, row[name], accepted)


def _check_analyses(files: dict[str, CsvFile], form: str) -> Iterator[Problem]:
    labels = {row["label"] for row in files["numbers"].rows} if "numbers" in files else set()
    for row in files["analyses"].rows:
        if not row.sound("kind", "measure", "tau2_method", "ci_method", "tau_prior"):
            continue

        def wrong(column: str, message: str, accepted: str, row: Row = row) -> Problem:
            return Problem("analyses.csv", row.line, column, message, row[column], accepted)

        kind, measure = row["kind"], row["measure"]
        if form in FORMS and form not in MEASURES[measure]:
            fitting = ", ".join(name for name, forms in MEASURES.items() if form in forms)
            message = f"a study table of {form} does not give this measure."
            yield wrong("measure", message, fitting)
        if form in FORMS:
            yield from _wrong_kind(kind, form, wrong)
        if kind == "coherence" and labels and row["analysis_id"] not in labels:
            message = "no row of numbers.csv has this label."
            yield wrong("analysis_id", message, ", ".join(sorted(labels)))
        yield from _wrong_options(row, kind, wrong)


def _wrong_kind(
    kind: str, form: str, wrong: Callable[[str, str, str], Problem]
) -> Iterator[Problem]:
    needed = {**dict.fromkeys(_COUNTED, "counts"), "coherence": "reported"}
    needed["three levels"] = "clusters"
    if kind in needed and form != needed[kind]:
        message = f"this analysis needs a study table of {needed[kind]}, and this one is {form}."
        yield wrong("kind", message, ", ".join(k for k in KINDS if needed.get(k, form) == form))
    elif form == "reported" and kind != "coherence":
        message = "printed pooled effects can only be held against their own intervals."
        yield wrong("kind", message, "coherence")


def _wrong_options(
    row: Row, kind: str, wrong: Callable[[str, str, str], Problem]
) -> Iterator[Problem]:
    """Yield an option that is missing, or that this kind of analysis would not look at."""
    takes = {
        "tau2_method": kind in _WITH_TAU2,
        "ci_method": kind == "random effects",
        "tau_prior": kind == "Bayesian",
        "tau_scale": kind == "Bayesian",
    }
    for column, wanted in takes.items():
        if wanted and not row[column]:
            yield wrong(column, f"{kind} needs this.", ANALYSES[column].accepted)
        if row[column] and not wanted:
            yield wrong(column, f"{kind} does not use this.", "an empty cell")
    if kind == "three levels" and row["tau2_method"] not in ("", *_LIKELIHOODS):
        yield wrong("tau2_method", f"{kind} is fitted by likelihood.", ", ".join(_LIKELIHOODS))
    for column in ("mu_mean", "mu_sd"):
        if row[column] and kind != "Bayesian":
            yield wrong(column, f"{kind} does not use this.", "an empty cell")
    if bool(row["mu_mean"]) != bool(row["mu_sd"]):
        column = "mu_sd" if row["mu_mean"] else "mu_mean"
        yield wrong(column, "a normal prior has both a mean and a standard deviation.", "a number")


def _check_printed(files: dict[str, CsvFile]) -> Iterator[Problem]:
    analyses = {row["analysis_id"]: row for row in files["analyses"].rows}
    used = set()
    for row in files["printed"].rows:

        def wrong(column: str, message: str, accepted: str, row: Row = row) -> Problem:
            return Problem("printed.csv", row.line, column, message, row[column], accepted)

        analysis = analyses.get(row["analysis_id"])
        used.add(row["analysis_id"])
        if analysis is None:
            if files["analyses"].whole:
                message = "analyses.csv has no such analysis."
                yield wrong("analysis_id", message, ", ".join(analyses))
            continue
        if not row.sound("quantity", "scale") or not analysis.sound("kind", "measure"):
            continue
        gives = KINDS.get(analysis["kind"], ())
        if row["quantity"] not in gives:
            message = f"an analysis of the kind {analysis['kind']!r} does not give this."
            yield wrong("quantity", message, ", ".join(gives))
        elif not _fits(row["scale"], row["quantity"], analysis["measure"]):
            message = f"{row['quantity']} of a {analysis['measure']} is not written this way."
            yield wrong("scale", message, "analysed, or the scale of the measure")
    for name, row in analyses.items():
        if name not in used and files["printed"].whole:
            message = "no number of printed.csv belongs to this analysis."
            yield Problem("analyses.csv", row.line, "analysis_id", message, name)


def _fits(scale: str, quantity: str, measure: str) -> bool:
    on_effect = _LOCATIONS.fullmatch(quantity) is not None
    return {
        "analysed": True,
        "ratio": on_effect and is_ratio(measure),
        "excess percent": on_effect and is_ratio(measure),
        "correlation": on_effect and measure == "correlation",
        "percent": "above" in quantity or quantity.endswith("p_value"),
        "fraction": quantity == "i2",
    }[scale]


def _paper(path: Path, head: dict[str, Any], files: dict[str, CsvFile]) -> Paper:
    table = FORMS[head["numbers"]]
    rows = files["numbers"].rows
    columns: dict[str, list[Any]] = {
        column.name: [
            float(row[column.name]) if column.numeric else row[column.name] for row in rows
        ]
        for column in table.columns
        if column.name != "label"
    }
    analyses = tuple(Analysis(**_cells(row, ANALYSES)) for row in files["analyses"].rows)
    printed = tuple(
        Printed(number=ReportedNumber(row["printed"]), **_cells(row, PRINTED, without="printed"))
        for row in files["printed"].rows
    )
    text: dict[str, Any] = {key.name: str(head.get(key.name, "")) for key in HEAD}
    return Paper(
        folder=path,
        studies=StudyTable(head["numbers"], tuple(row["label"] for row in rows), columns),
        analyses=analyses,
        printed=printed,
        **{name: each for name, each in text.items() if name not in ("schema", "numbers")},
    )


def _cells(row: Row, table: Table, without: str = "") -> dict[str, Any]:
    """Return the cells of a row, numbers as floats, or None where they are empty."""
    return {
        column.name: row.number(column.name) if column.numeric else row[column.name]
        for column in table.columns
        if column.name != without
    }
