"""How a pooled mean came to be as studies were added.

References
----------
Lau J, Antman EM, Jimenez-Silva J, Kupelnick B, Mosteller F, Chalmers TC (1992). Cumulative
meta-analysis of therapeutic trials for myocardial infarction. New England Journal of Medicine
327:248-254.
Leimu R, Koricheva J (2004). Cumulative meta-analysis: a new tool for detection of temporal trends
and publication bias in ecology. Proceedings of the Royal Society B 271:1961-1966 (other orders).
Wetterslev J, Thorlund K, Brok J, Gluud C (2008). Trial sequential analysis may establish when
firm evidence is reached in cumulative meta-analysis. Journal of Clinical Epidemiology 61:64-75
(repeated looks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import (
    Display,
    format_interval,
    format_number,
    html_table,
    join_words,
    plural,
)
from evidence.errors import Caution, InvalidArgumentError, did_you_mean
from evidence.synthesis.batch import pool_subsets
from evidence.synthesis.batch_result import BatchResult
from evidence.synthesis.checked import check_result
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["CumulativeResult", "cumulate"]


@dataclass(frozen=True)
class CumulativeResult(Display):
    """A pooled mean after each study that was added.

    Attributes
    ----------
    steps
        One row per step; the first is a single study, with its own result.
    added
        The study that each step adds.
    order
        In words, what the studies were ordered by.
    values
        What they were ordered by, one a step; nothing where the order itself was given.
    cautions
        What a reader should know.
    """

    steps: BatchResult
    added: tuple[str, ...]
    order: str
    values: tuple[Any, ...] | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def excludes_zero_from(self) -> int | None:
        """From how many studies on no interval has 0 in it; None where the last one has."""
        contains = (self.steps.ci_low <= 0) & (self.steps.ci_high >= 0)
        if contains[-1]:
            return None
        return int(np.flatnonzero(contains)[-1]) + 2 if contains.any() else 1

    def summary(self) -> str:
        """Return where the mean started, where it ended, and from when on it was past 0."""
        count = plural(len(self.added), "study", "studies")
        level = f"{100 * self.steps.method.level:g}%"
        lines = [f"Cumulative pooling of {count} {self.order}, {self.steps.method.in_words()}"]
        for place, words in ((0, f"first, {self.added[0]} alone"), (-1, "with all")):
            interval = format_interval(self.steps.ci_low[place], self.steps.ci_high[place])
            estimate = format_number(self.steps.estimate[place])
            lines.append(f"{words}: estimate {estimate} ({level} CI {interval})")
        start = self.excludes_zero_from
        if start is None:
            lines.append("With all studies the interval contains 0.")
        elif start == len(self.added):
            lines.append(f"Only the last study, {self.added[-1]}, makes the interval exclude 0.")
        else:
            lines.append(
                f"From {plural(start, 'study', 'studies')} on (with {self.added[start - 1]}) "
                "every interval excludes 0."
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per step, unrounded; `label` is the study that the step adds."""
        table = self.steps.to_frame()
        if self.values is not None:
            table.insert(1, "by", list(self.values))
        return table

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        method = self.steps.method
        table = self.to_frame()
        if "by" in table and table["by"].dtype.kind == "M":
            table["by"] = [each.isoformat() for each in table["by"]]
        return {
            "model": method.model,
            "tau2_method": method.tau2_method,
            "ci_method": method.ci_method,
            "level": method.level,
            "order": self.order,
            "excludes_zero_from": self.excludes_zero_from,
            "steps": table.to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        table = self.to_frame()
        rounded = pd.DataFrame(
            {
                "added": table["label"],
                "studies": table["k"],
                "estimate": [format_number(v) for v in table["estimate"]],
                "CI": [
                    format_interval(low, high)
                    for low, high in zip(table["ci_low"], table["ci_high"], strict=True)
                ],
                "tau²": [format_number(v, 3) for v in table["tau2"]],
            }
        )
        return html_table(rounded) + super()._repr_html_()


def cumulate(
    result: PooledResult,
    *,
    by: ArrayLike | Mapping[str, Any] | Sequence[str] | None = None,
    descending: bool = False,
) -> CumulativeResult:
    """Pool again after each added study, by the result's own method.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.
    by
        What the studies are ordered by, for example their years or sample sizes: numbers or
        dates, shape (k,), in the order of the result's studies; or a mapping from label to
        number. Or the labels themselves, each once, in the order in which they are to be added.
        Or ``"precision"``, from the least variance on. Nothing: as they stand in the result.
    descending
        Whether large values come first. Ties stay in the order of the result.

    Returns
    -------
    CumulativeResult

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, or an order that does not fit its studies.
    InsufficientEvidenceError
        For one study.

    References
    ----------
    Lau, Antman, Jimenez-Silva, Kupelnick, Mosteller and Chalmers (1992).
    """
    check_result(result, "cumulate")
    places, values, words = _order(result, by, descending=descending)
    method = result.method
    added = tuple(result.labels[place] for place in places)
    steps = pool_subsets(
        result.effects[places],
        result.variances[places],
        np.tri(result.k, dtype=bool),
        labels=added,
        model=method.model,
        tau2_method=method.tau2_method,
        ci_method=method.ci_method,
        level=method.level,
    )
    looks = Caution(
        "repeated-looks",
        "The intervals do not allow for looking again after each study, so that one of them "
        "excludes 0 by chance more often than its level says.",
        "Wetterslev and others 2008",
    )
    return CumulativeResult(
        steps=steps,
        added=added,
        order=words,
        values=None if values is None else tuple(values[places].tolist()),
        cautions=(looks, *_tied(values, added, places)),
    )


def _tied(
    values: NDArray[Any] | None, added: tuple[str, ...], places: NDArray[np.int64]
) -> tuple[Caution, ...]:
    if values is None:
        return ()
    ordered = values[places]
    same = ordered[1:] == ordered[:-1]
    if not same.any():
        return ()
    member = np.r_[same, False] | np.r_[False, same]
    names = join_words([added[place] for place in np.flatnonzero(member)])
    message = f"Studies with equal values stand in the order of the result: {names}."
    return (Caution("ties", message),)


def _order(
    result: PooledResult, by: Any, *, descending: bool
) -> tuple[NDArray[np.int64], NDArray[Any] | None, str]:
    """Return places in the order of adding, what they are ordered by, and both in words."""
    if by is None or _is_labels(by):
        if descending:
            raise InvalidArgumentError(
                "descending is for values; turn the order of the labels round instead."
            )
        if by is None:
            return np.arange(result.k), None, "as they stand"
        return _places_of_labels(result.labels, list(by)), None, "in the given order"
    if isinstance(by, str):
        if by != "precision":
            raise InvalidArgumentError(
                f"by is {by!r}; it is 'precision', values such as years (one a study), or all "
                "labels in order."
            )
        values, words = result.variances, "from the most precise one on"
        if descending:
            words = "from the least precise one on"
    else:
        values = _values(result, by)
        words = "by value, the largest first" if descending else "by value, the smallest first"
    order = np.argsort(values, kind="stable")
    if descending:
        # Turned round twice, so that ties stay as they are.
        order = result.k - 1 - np.argsort(values[::-1], kind="stable")[::-1]
    return order, values, words


def _is_labels(by: Any) -> bool:
    if isinstance(by, str | Mapping):
        return False
    listed = np.asarray(by, dtype=object).ravel()
    return listed.size > 0 and all(isinstance(each, str) for each in listed)


def _places_of_labels(labels: tuple[str, ...], given: list[str]) -> NDArray[np.int64]:
    _unique(labels)
    for each in given:
        if each not in labels:
            raise InvalidArgumentError(
                f"by names {each!r}, which is no study of the result. {did_you_mean(each, labels)} "
                "Texts are read as labels; years and other values have to be numbers or dates."
            )
    missing = [label for label in labels if label not in given]
    if missing or len(given) != len(labels):
        what = f"{join_words(missing)} missing" if missing else "a label given twice"
        raise InvalidArgumentError(f"by must name each study once; found {what}.")
    return np.array([labels.index(each) for each in given], dtype=np.int64)


def _unique(labels: tuple[str, ...]) -> None:
    if len(set(labels)) < len(labels):
        raise InvalidArgumentError(
            "Several studies of the result have one label, so labels cannot order them; give by "
            "as values, one a study."
        )


def _values(result: PooledResult, by: Any) -> NDArray[Any]:
    if isinstance(by, Mapping):
        _unique(result.labels)
        missing = [label for label in result.labels if label not in by]
        if missing:
            raise InvalidArgumentError(f"by has no value for {join_words(missing)}.")
        by = [by[label] for label in result.labels]
    values = _as_values(by)
    if values.dtype.kind not in "biufM" or values.ndim != 1:
        raise InvalidArgumentError(
            "by must hold one number or date a study, or all labels in order, or be 'precision'."
        )
    if values.size != result.k:
        raise InvalidArgumentError(
            f"by has {plural(values.size, 'value')} for the result's "
            f"{plural(result.k, 'study', 'studies')}. Where studies were left out of the result, "
            "give values by label: {'label': value, ...}."
        )
    bad = np.isnat(values) if values.dtype.kind == "M" else ~np.isfinite(values)
    if bad.any():
        names = join_words([result.labels[place] for place in np.flatnonzero(bad)[:5]])
        raise InvalidArgumentError(
            f"by must be known and finite for each study; it is not for {names}."
        )
    return values


def _as_values(by: Any) -> NDArray[Any]:
    """Return numbers or dates as an array; anything else as an empty one of objects."""
    neither = np.empty(0, dtype=object)
    try:
        values = np.asarray(by)
        if values.dtype.kind == "M":
            return values.astype("datetime64[us]")
        if values.dtype.kind != "O":
            return values
        # Dates of the standard library or of pandas, or numbers with something missing.
        known = [each for each in values.ravel() if not pd.isna(each)]
        if any(isinstance(each, str) for each in known):
            return neither
        if not known or not all(hasattr(each, "year") for each in known):
            return np.where(pd.isna(values), np.nan, values).astype(np.float64)
        dates = pd.to_datetime(list(values), utc=True).tz_localize(None)
        return np.asarray(dates, dtype="datetime64[us]")
    except (TypeError, ValueError):
        return neither
