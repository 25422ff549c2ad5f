"""What can be computed, by name, and which of it a review plans; read from the package."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from types import ModuleType
from typing import Any

import pandas as pd

from evidence.data import Review
from evidence.display import Display, Table, capital, html_table, join_words, plural
from evidence.errors import InvalidArgumentError, did_you_mean
from evidence.living.methods.defaults import read_source
from evidence.synthesis import tau2
from evidence.synthesis.result import CI_NAMES, PoolingMethod
from evidence.synthesis.tau2 import TAU2_NAMES

__all__ = [
    "KINDS",
    "Method",
    "MethodsTable",
    "list_methods",
    "planned_methods",
    "read_references",
]

#: What the functions of each folder or file do, in the order of the tables.
KINDS = {
    "evidence.effects.measures": "effect measures",
    "evidence.effects.conversions": "conversions",
    "evidence.effects.exact": "exact intervals and tests of one study",
    "evidence.effects.derivation": "from a report to an effect",
    "tau2": "estimators of tau²",
    "mean": "intervals of the mean effect",
    "evidence.synthesis.intervals": "intervals of tau², of a further setting, of shares",
    "evidence.synthesis.sparse": "sparse data",
    "evidence.synthesis.regression": "meta-regression and subgroups",
    "evidence.synthesis.dependence": "dependent effects",
    "evidence.synthesis.bayes": "Bayesian pooling",
    "evidence.synthesis.borrowing": "evidence borrowed from indirect studies",
    "evidence.synthesis.sensitivity": "sensitivity and influence",
    "evidence.synthesis.further": "the next trial, and its worth",
    "evidence.synthesis.specifications": "every defensible analysis",
    "evidence.synthesis.p_values": "combining p values",
    "evidence.synthesis": "pooling, and what hangs on it",
    "evidence.appraisal.small_study": "small-study effects",
    "evidence.appraisal.selection": "selection of results",
    "evidence.appraisal.trial": "appraisal of one trial",
    "evidence.appraisal.risk_of_bias": "risk of bias",
    "evidence.appraisal.dose": "doses, and what was tested",
    "evidence.appraisal.integrity": "can the numbers be true",
    "evidence.appraisal.certainty": "certainty of a body of evidence",
    "evidence.appraisal": "appraisal, and missing evidence",
}
#: The intervals of the mean by what their names say, with their papers.
_INTERVALS = {
    "ad hoc": "Röver, Knapp and Friede 2015",
    "Hartung-Knapp": "Hartung and Knapp 2001; Sidik and Jonkman 2002",
    "Henmi": "Henmi and Copas 2010",
    "profile likelihood": "Hardy and Thompson 1996",
    "t quantiles": "Follmann and Proschan 1999",
    "Wald": "DerSimonian and Laird 1986",
}
_SECTION = re.compile(r"^References?\n-+\n(.*?)(?=^\w[\w ]*\n-{3,}|\Z)", re.DOTALL | re.MULTILINE)
#: The start of a reference: authors and a year, or a handbook.
_START = re.compile(
    r"^(?:(?P<authors>(?:(?:van|von|de|den|der) )*[A-ZÀ-Þ][^()]{2,}?)"
    r"(?: \(editors?\))?[ .,]*\((?P<year>\d{4}[a-z]?)\)"
    r"|(?P<book>Cochrane Handbook\b|.{0,80}\(editors?\)))"
)
#: What stands for further authors.
_OTHERS = re.compile(r",? (?:et al\b\.?|and others\b)")
#: A module that leaves its references to another one.
_ELSEWHERE = re.compile(r"See `(evidence[\w.]+\w)`\.")
#: Where a second reference begins on the line of the first.
_SECOND = re.compile(r"(?<=\)); (?=[A-ZÀ-Þ])")


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    Attributes
    ----------
    kind
        What sort of thing it does, one of the values of `KINDS`.
    name
        The function, or the name that an argument takes.
    does
        What it does or is, in one line.
    references
        Its papers, short.
    """

    kind: str
    name: str
    does: str
    references: str


@dataclass(frozen=True, slots=True)
class MethodsTable(Display):
    """Methods by kind, with their references.

    Attributes
    ----------
    methods
        One for each row.
    """

    methods: tuple[Method, ...]

    def verdict(self) -> str:
        """Return how many there are of how many kinds, in a sentence."""
        kinds = len({method.kind for method in self.methods})
        return f"{capital(plural(len(self.methods), 'method'))} of {plural(kinds, 'kind')}."

    def summary(self) -> str:
        """Return the methods as plain text, one a line."""
        lines = [
            f"{method.kind}: {method.name}. {method.does}"
            + (f" ({method.references})" if method.references else "")
            for method in self.methods
        ]
        return "\n".join([self.verdict(), *lines])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per method."""
        columns = ["kind", "name", "does", "references"]
        rows = [tuple(getattr(method, name) for name in columns) for method in self.methods]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, object]:
        """Return the rows as plain values."""
        return {"methods": self.to_frame().to_dict("records")}

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.verdict())}</p>"]
        for kind in dict.fromkeys(method.kind for method in self.methods):
            shown = _by_references([method for method in self.methods if method.kind == kind])
            table = html_table(shown, caption=capital(kind))
            parts.append(f'<div style="margin-top:1.5em">{table}</div>')
        return "".join(parts)


def _by_references(methods: Sequence[Method]) -> pd.DataFrame:
    """Return one row for each set of papers; short names stay apart and keep their words."""
    if methods[0].kind in (KINDS["tau2"], KINDS["mean"]):
        rows = [(method.name, method.does, method.references) for method in methods]
        return pd.DataFrame(rows, columns=["name", "what it is", "references"])
    names: dict[str, list[str]] = {}
    for method in methods:
        names.setdefault(method.references, []).append(method.name)
    rows_of = [(", ".join(found), papers) for papers, found in names.items()]
    return pd.DataFrame(rows_of, columns=["functions", "references"])


def list_methods(kind: str = "") -> MethodsTable:
    """Return every method that effects, their synthesis and its appraisal offer, by name.

    Names, one-line descriptions and references are read from the package's own tables of
    names and docstrings.

    Parameters
    ----------
    kind
        One of the values of `KINDS`, for example ``"effect measures"``; all when empty.

    Returns
    -------
    MethodsTable

    Raises
    ------
    InvalidArgumentError
        When there is no such kind.
    """
    kinds = tuple(KINDS.values())
    if kind and kind not in kinds:
        raise InvalidArgumentError(
            f"kind is {kind!r}; known are {', '.join(kinds)}. {did_you_mean(kind, kinds)}"
        )
    found = sorted(_methods(), key=lambda method: kinds.index(method.kind))
    return MethodsTable(tuple(method for method in found if kind in ("", method.kind)))


def _methods() -> Iterator[Method]:
    for name, words in TAU2_NAMES.items():
        yield Method(KINDS["tau2"], name, capital(words), _of_estimator(name))
    for name, words in CI_NAMES.items():
        yield Method(KINDS["mean"], name, capital(words), _of_interval(words))
    for folder in ("evidence.effects", "evidence.synthesis", "evidence.appraisal"):
        for function in _functions(import_module(folder)):
            module = function.__module__
            kind = next(kind for path, kind in KINDS.items() if f"{module}.".startswith(f"{path}."))
            does = (inspect.getdoc(function) or "").split("\n", 1)[0]
            yield Method(kind, function.__name__, does, _of_function(function))


def _functions(folder: ModuleType) -> Iterator[Callable[..., Any]]:
    for name in folder.__all__:
        thing = getattr(folder, name)
        if inspect.isfunction(thing):
            yield thing


def _of_estimator(name: str) -> str:
    """Return the papers that the module's docstring marks with an estimator's short name."""
    # A mark is a list of names at the start of parentheses, or after a semicolon in them.
    mark = re.compile(rf"\((?:[^();]*; )?(?:\w+, )*{name}(?=[,;)])")
    return _joined(short for text, short in read_references(tau2) if mark.search(text))


def _of_interval(words: str) -> str:
    return next((paper for part, paper in _INTERVALS.items() if part in words), "")


def _of_function(function: Callable[..., Any]) -> str:
    own = [short for _, short in read_references(function)]
    of_module = read_references(import_module(function.__module__))
    # A function that names its papers in short leaves the rest of them to its module.
    section = _SECTION.search(inspect.getdoc(function) or "")
    named = [short for text, short in of_module if section and _names(section[1], text)]
    return _joined(own or named or [short for _, short in of_module])


def _names(told: str, reference: str) -> bool:
    """Return whether a reference is named in short: its first author, and its year after that."""
    start = _START.match(reference)
    if start is None or start["book"]:
        return False
    first = _surnames(start["authors"])[0]
    return re.search(rf"{re.escape(first)}\b[^;]*\b{start['year']}\b", told) is not None


def _joined(found: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(found))


def read_references(documented: object) -> list[tuple[str, str]]:
    """Return the references of a docstring: each in full, and short as in a sentence.

    Parameters
    ----------
    documented
        A module or a function.
    """
    section = _SECTION.search(inspect.getdoc(documented) or "")
    elsewhere = _ELSEWHERE.match(section[1]) if section else None
    if elsewhere:
        return read_references(import_module(elsewhere[1]))
    found: list[str] = []
    for line in section[1].split("\n") if section else []:
        ended = not found or found[-1].endswith((".", ")"))
        if line.startswith("Cochrane Handbook") and found and "(editors)" in found[-1]:
            ended = False  # what the editors' chapter stands in
        if _START.match(line) and ended:
            found.append(line)
        elif found:
            found[-1] = f"{found[-1]} {line.strip()}".rstrip()
    texts = [part for text in found for part in _SECOND.split(text) if _START.match(part)]
    return [(text, _short(text)) for text in texts]


def _short(reference: str) -> str:
    """Write ``Hedges and Olkin 1985``; a handbook by its name and section."""
    start = _START.match(reference)
    assert start is not None
    if start["book"]:
        section = re.search(r"(section|chapter)s? (\d[\d.]*\d|\d)", reference)
        return f"Cochrane Handbook{f', {section[1]} {section[2]}' if section else ''}"
    surnames = _surnames(start["authors"])
    several = len(surnames) > 2 or _OTHERS.search(start["authors"]) is not None
    who = f"{surnames[0]} et al." if several else join_words(surnames)
    return f"{who} {start['year']}"


def _surnames(authors: str) -> list[str]:
    """Return the names of people, without initials and without "et al."."""
    people = re.split(r", | and ", _OTHERS.sub("", authors))
    return [re.sub(r"(?: [A-ZÀ-Þ]{1,4})+$", "", name.strip(" ,")) for name in people if name]


def planned_methods(review: Review) -> Table:
    """Return by which methods a review plans to pool, and where it leaves the defaults.

    Parameters
    ----------
    review
        The review; its plan stands in `review.toml`.
    """
    names = ("model", "tau2_method", "ci_method")
    default = {name: read_source(f"evidence.synthesis.pool:pool({name})") for name in names}
    rows = []
    for analysis in review.plan.analyses.values():
        planned = {name: getattr(analysis, name) for name in names}
        other = [f"{planned[name]} in place of {default[name]}" for name in names
                 if planned[name] != default[name]]  # fmt: skip
        method = PoolingMethod(analysis.model, analysis.tau2_method, analysis.ci_method)
        papers = [] if analysis.model == "common" else [_of_estimator(analysis.tau2_method)]
        papers.append(_of_interval(CI_NAMES[analysis.ci_method]))
        rows.append(
            (
                analysis.title,
                analysis.measure,
                capital(method.in_words()),
                f"no: {join_words(other)}" if other else "yes",
                _joined(filter(None, papers)),
            )
        )
    columns = ["analysis", "effect measure", "pooled by", "as the defaults", "references"]
    return Table(
        pd.DataFrame(rows, columns=columns),
        caption="How this review plans to pool",
        note="Where one trial alone can be used, nothing is pooled, whatever is planned.",
    )
