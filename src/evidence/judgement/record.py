"""Conclusions as plain values: the layout of `conclusions.json`, in one place.

The file is made to be compared. Things that have a name stand under it and not at a place
in a list, so that one more trial is a few more lines and moves no others; the order is that
of the review; numbers are rounded to what every machine agrees on. Which line of a file a
row stands on is told once, under ``rows``, because lines move when rows are added.
"""

from __future__ import annotations

import hashlib
import math
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from evidence.data import Review
from evidence.data.tables import TABLES
from evidence.errors import EvidenceError

if TYPE_CHECKING:
    from evidence.effects.derivation.readings import Comparison, Reading
    from evidence.judgement.conclusions import AnalysisConclusion, Conclusions

__all__ = ["SCHEMA", "plain", "record", "row_keys"]

#: Version of the layout of `conclusions.json`. Raise it when a key changes its meaning or
#: goes away; a key that is added needs no new version.
SCHEMA = 2

#: Significant digits in `conclusions.json`: beyond what any conclusion rests on, within
#: what every machine agrees on.
_DIGITS = 8
#: Packages whose version can move a number.
_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
#: The name of the only reading where a trial's reports do not contradict each other.
_ONLY = "as reported"
_SHORT_HASH = 12


def record(conclusions: Conclusions) -> dict[str, object]:
    """Return conclusions as plain values in a stable order, fit for JSON.

    Parameters
    ----------
    conclusions
        The conclusions of a review.

    Returns
    -------
    dict
        The layout is described by `conclusions.schema.json` in `evidence.living`.
    """
    review = conclusions.review
    plan = review.plan
    rows = _Rows(review)
    content: dict[str, object] = {
        "schema": SCHEMA,
        "review": review.name,
        "title": plan.title,
        "question": plan.question,
        "evidence_age": conclusions.age.to_dict(),
        "data": {"fingerprint": review.fingerprint, "files": _file_hashes(review)},
        "code": _code(),
        "answer": list(conclusions.bottom_line.paragraphs),
        "outcomes": _outcomes(review),
        "headline": _headline(conclusions, rows),
        "analyses": {one.analysis_id: _analysis(one, review, rows) for one in conclusions.analyses},
        "direction": _direction(conclusions),
        "directness": _directness(conclusions),
        "risk_of_bias": _risk_of_bias(review),
        "claims": _claims(conclusions, rows),
        "missing": _missing(conclusions),
        "cautions": [caution.message for caution in conclusions.cautions],
    }
    content["rows"] = rows.used
    values: dict[str, object] = plain(content)
    return values


def row_keys(frame: pd.DataFrame, key: Iterable[str]) -> dict[int, str]:
    """Return what names each row of a table, whichever line it stands on.

    Parameters
    ----------
    frame
        The table as text, its index the lines.
    key
        The columns that tell rows apart.

    Returns
    -------
    dict
        By line; rows that a key does not tell apart are numbered.
    """
    columns = [name for name in key if name in frame.columns]
    named = (
        (int(str(line)), ", ".join(str(cell) for cell in cells if str(cell)))
        for line, cells in zip(
            frame.index, frame[columns].itertuples(index=False, name=None), strict=True
        )
    )
    return {line: name for name, line in _numbered((name, line) for line, name in named)}


class _Rows:
    """Names the rows that effects rest on, and remembers which were named."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._keys: dict[str, dict[int, str]] = {}
        self._found: dict[str, dict[int, str]] = {}

    def name(self, table: str, line: int) -> str:
        """Return the name of a row, with its file."""
        if table not in self._keys:
            self._keys[table] = row_keys(self._review.reported[table], TABLES[table].key)
        key = self._keys[table][line]
        self._found.setdefault(table, {})[line] = key
        return f"{TABLES[table].file}: {key}"

    def source(self, table: str, line: int) -> str:
        """Return the source of a row."""
        return str(self._review.reported[table].loc[line, "source_id"])

    @property
    def used(self) -> dict[str, object]:
        """The rows named, by file: line and a hash of the content."""
        return {
            TABLES[table].file: {
                key: {"line": line, "content": self._content(table, line)}
                for line, key in sorted(self._found[table].items())
            }
            for table in TABLES
            if table in self._found
        }

    def _content(self, table: str, line: int) -> str:
        cells = self._review.reported[table].loc[line]
        text = "\x1f".join(f"{name}\x1e{cell}" for name, cell in cells.items() if cell)
        return hashlib.sha256(text.encode()).hexdigest()[:_SHORT_HASH]


def _file_hashes(review: Review) -> dict[str, str]:
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in review.files.items()}


@cache
def _code() -> dict[str, object]:
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        # Read with plain line ends: a checkout on Windows is the same code.
        text = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(package).as_posix()} {len(text)}\n".encode() + text)
    return {
        "version": str(sys.modules["evidence"].__version__),  # no import goes upwards
        "fingerprint": digest.hexdigest(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _outcomes(review: Review) -> dict[str, object]:
    wanted = [review.plan.headline.outcome_id]
    wanted += [name for one in review.plan.analyses.values() for name in one.outcomes]
    found = (review.outcome(name) for name in dict.fromkeys(wanted))
    return {
        one.id: {"name": one.name, "short": one.short, "unit": one.unit, "better": one.better}
        for one in found
    }


def _headline(conclusions: Conclusions, rows: _Rows) -> dict[str, object] | None:
    headline = conclusions.headline
    if headline is None:
        return None
    names = _reading_names(headline.comparison, rows)
    return {
        **_comparison(headline.comparison, rows),
        "thresholds": {
            names[id(reading)]: _thresholds(compared.to_dict())
            for reading, compared in zip(headline.readings, headline.thresholds, strict=True)
        },
        "appraisal": _appraisal(conclusions),
    }


def _thresholds(compared: Mapping[str, Any]) -> dict[str, object]:
    """Return the thresholds for a difference between groups; the others decide nothing."""
    applying = [one for one in compared["thresholds"] if one["applies"]]
    wanted = ("id", "value", "unit", "label", "estimate_reaches", "interval_reaches", "source")
    return _named([{key: one[key] for key in wanted} for one in applying], "id")


def _appraisal(conclusions: Conclusions) -> dict[str, object]:
    from evidence.appraisal import appraise_trial

    wanted = conclusions.review.plan.headline
    try:
        appraised = appraise_trial(
            conclusions.review, wanted.study_id, wanted.outcome_id, timepoint=wanted.timepoint
        )
    except EvidenceError as error:
        return {"refusal": str(error), "in_words": [], "lines": {}}
    content: dict[str, Any] = appraised.to_dict()
    lines = (
        (" ".join(part for part in (line["reading"], line["what"]) if part), line)
        for line in content["lines"]
    )
    wanted_keys = ("value", "shown", "sentence", "reference")
    return {
        "refusal": None,
        "in_words": content["in_words"],
        "lines": {name: {k: line[k] for k in wanted_keys} for name, line in _numbered(lines)},
    }


def _comparison(comparison: Comparison, rows: _Rows) -> dict[str, object]:
    names = _reading_names(comparison, rows)
    content: dict[str, Any] = comparison.to_dict()
    return {
        **{k: v for k, v in content.items() if k != "readings"},
        "label": comparison.label,
        "readings": {
            names[id(reading)]: {
                "set": number,
                **{k: v for k, v in reading.to_dict().items() if k not in _OF_THE_COMPARISON},
                "rows": [rows.name(table, line) for table, line in reading.rows],
            }
            for number, reading in comparison.numbered
        },
    }


_OF_THE_COMPARISON = ("study_id", "outcome_id", "timepoint", "measure")


def _reading_names(comparison: Comparison, rows: _Rows) -> dict[int, str]:
    """Name readings by what they were derived from and in which source it stands."""

    def name(reading: Reading) -> str:
        sources = dict.fromkeys(rows.source(table, line) for table, line in reading.rows)
        return f"{reading.kind} ({', '.join(sources)})"

    named = _numbered((name(reading), reading) for reading in comparison.readings)
    return {id(reading): text for text, reading in named}


def _analysis(one: AnalysisConclusion, review: Review, rows: _Rows) -> dict[str, object]:
    plan = review.analysis(one.analysis_id)
    head: dict[str, object] = {
        "title": one.title,
        "refusal": one.refusal or None,
        "outcomes": list(plan.outcomes),
        "measure": plan.measure,
        "plan": {
            "model": plan.model,
            "tau2_method": plan.tau2_method,
            "ci_method": plan.ci_method,
            "approach": plan.approach,
        },
    }
    synthesis = one.synthesis
    if synthesis is None:
        nothing = ("effects", "left_out", "pooled", "certainty", "verdicts")
        return {**head, "participants": 0, **{name: {} for name in nothing}, "cautions": []}
    content: dict[str, Any] = synthesis.to_dict()
    readings = [scenario.name or _ONLY for scenario in synthesis.scenarios]
    effects = _numbered(
        (f"{c.study_id}, {c.outcome_id}, {c.timepoint}".rstrip(", "), c)
        for c in synthesis.derivation.comparisons
    )
    return {
        **head,
        "participants": synthesis.participants,
        "effects": {name: _comparison(comparison, rows) for name, comparison in effects},
        "left_out": {
            f"{out['study_id']}, {out['outcome_id']}": out["reason"] for out in content["left_out"]
        },
        "pooled": {
            name: _pooled(scenario)
            for name, scenario in zip(readings, content["scenarios"], strict=True)
        },
        "certainty": {
            name: _certainty(rated.to_dict())
            for name, rated in zip(readings, one.certainties, strict=True)
        },
        "verdicts": {
            name: verdict.to_dict() for name, verdict in zip(readings, one.verdicts, strict=True)
        },
        "cautions": content["cautions"],
    }


def _pooled(scenario: Mapping[str, Any]) -> dict[str, object]:
    values = {k: v for k, v in scenario.items() if k not in ("reading", "studies")}
    studies = _numbered((str(study["label"]), study) for study in scenario["studies"])
    values["studies"] = {
        name: {k: v for k, v in study.items() if k != "label"} for name, study in studies
    }
    return values


def _certainty(content: Mapping[str, Any]) -> dict[str, object]:
    values = {k: v for k, v in content.items() if k not in ("analysis", "reading")}
    values["domains"] = _named(content["domains"], "domain")
    values["decisions"] = _named(content["decisions"], "domain")
    return values


def _direction(conclusions: Conclusions) -> dict[str, object]:
    content: dict[str, Any] = conclusions.direction.to_dict()
    cells = _numbered((f"{c['study_id']}, {c['domain']}", c) for c in content["cells"])
    return {**content, "cells": dict(cells)}


def _directness(conclusions: Conclusions) -> dict[str, object]:
    content: dict[str, Any] = conclusions.directness.to_dict()
    return {**content, "trials": _named(content["trials"], "study_id")}


def _risk_of_bias(review: Review) -> dict[str, object]:
    from evidence.appraisal import appraise_risk_of_bias

    judgements: Any = appraise_risk_of_bias(review).to_dict()["judgements"]
    wanted = ("judgement", "origin", "who", "when", "support", "tier")
    named = ((f"{j['study_id']}, {j['tool']}, {j['domain']}", j) for j in judgements)
    return {name: {k: j[k] for k in wanted} for name, j in _numbered(named)}


def _claims(conclusions: Conclusions, rows: _Rows) -> dict[str, object]:
    audit = conclusions.claims
    content: Any = audit.to_dict()["claims"]
    entries = [
        {**values, "rows": [rows.name(table, line) for table, line in claim.outcome.finding.rows]}
        for claim, values in zip(audit, content, strict=True)
    ]
    return _named(entries, "claim_id")


def _missing(conclusions: Conclusions) -> dict[str, object]:
    found: Any = conclusions.gaps.to_dict()["gaps"]
    named = (
        (" ".join(part for part in (gap["study"], gap["outcome"], gap["what"]) if part), gap)
        for gap in found
    )
    return dict(_numbered(named))


def _named(entries: Any, name: str) -> dict[str, object]:
    """Turn a list of entries into one by their names."""
    found = _numbered((str(entry[name]), entry) for entry in entries)
    return {key: {k: v for k, v in entry.items() if k != name} for key, entry in found}


def _numbered(named: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield names and things, with a number on a name that was there before."""
    seen: dict[str, int] = {}
    for name, item in named:
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} #{seen[name]}"), item


_KINDS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (dict, lambda value: {str(key): plain(item) for key, item in value.items()}),
    ((list, tuple), lambda value: [plain(item) for item in value]),
    ((str, bool, int, type(None)), lambda value: value),
)


def plain(value: Any) -> Any:
    """Turn a value into what JSON can hold, rounded; missing numbers become null.

    Parameters
    ----------
    value
        Anything a result holds.
    """
    if hasattr(value, "item"):
        value = value.item()
    for kinds, turn in _KINDS:
        if isinstance(value, kinds):
            return turn(value)
    if isinstance(value, float):
        # Adding 0 takes the sign from a zero, which machines do not agree on.
        return float(f"{value:.{_DIGITS}g}") + 0.0 if math.isfinite(value) else None
    return None if pd.isna(value) else str(value)
