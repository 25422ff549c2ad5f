"""What hangs on the choice of model, in sentences computed from the models' results."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.display import capital, format_interval, format_number, join_words, plural
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.synthesis.regression.rounding import digits
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from evidence.synthesis.model_choice import ModelComparison, ModelRow

__all__ = [
    "EffectWords",
    "choice_in_words",
    "factor",
    "is_ratio",
    "plain_words",
    "prediction_in_words",
    "spread_of",
    "times",
]

#: So many models are named in a sentence; of more only how many they are.
_MOST_NAMED = 4
#: A ratio beyond this, or its inverse, is told as a bound.
_LARGEST_RATIO = 1e6
#: Widths nearer than this share of themselves are the same: they differ by rounding.
_TIE = 1e-9
#: An end that would read as 0 without being 0 gets further decimals, up to so many.
_MOST_DECIMALS = 5


@dataclass(frozen=True, slots=True)
class EffectWords:
    """How effects read in a sentence or in a cell.

    Attributes
    ----------
    number
        Writes one effect, once it is multiplied by `sign`.
    span
        Writes an interval, its lower end first, likewise.
    sign
        +1, or -1 where a negative effect is to be told as a positive one.
    """

    number: Callable[[float], str]
    span: Callable[[float, float], str]
    sign: int = 1

    def of(self, value: float) -> str:
        """Return an effect in words."""
        return self.number(self.sign * value)

    def between(self, low: float, high: float) -> str:
        """Return an interval in words; a dash where there is none."""
        if math.isnan(low) or math.isnan(high):
            return format_number(None)
        return self.span(*sorted((self.sign * low, self.sign * high)))

    @classmethod
    def bare(cls, sign: int = 1, decimals: int = 2, scale: float = 1.0) -> EffectWords:
        """Return words that are numbers alone; an end beside 0 never reads as 0.

        Parameters
        ----------
        sign
            As for the class.
        decimals
            How many to show.
        scale
            What an effect is multiplied with before it is shown.
        """

        def span(low: float, high: float) -> str:
            low, high, more = low * scale, high * scale, decimals
            while more < max(decimals, _MOST_DECIMALS) and any(
                end and float(f"{end:.{more}f}") == 0 for end in (low, high)
            ):
                more += 1
            return format_interval(low, high, more)

        return cls(lambda value: format_number(value * scale, decimals), span, sign)

    @classmethod
    def ratios(cls) -> EffectWords:
        """Return words for logarithms of ratios: the ratios."""
        return cls(_ratio, lambda low, high: f"{_ratio(low)} to {_ratio(high)}")


def _ratio(logarithm: float) -> str:
    """Write the ratio behind a logarithm, however large."""
    limit = math.log(_LARGEST_RATIO)
    if logarithm > limit:
        return f"more than {_LARGEST_RATIO:,.0f}"
    if logarithm < -limit:
        return f"less than {1 / _LARGEST_RATIO:f}"
    ratio = math.exp(logarithm)
    decimals = 2 if ratio >= 0.1 else 3
    while decimals < _MOST_DECIMALS and logarithm and float(f"{ratio:.{decimals}f}") in (0, 1):
        decimals += 1
    return format_number(ratio, decimals)


def is_ratio(measure: str) -> bool:
    """Return whether the effects of a measure are logarithms of ratios.

    Parameters
    ----------
    measure
        Its name.
    """
    return measure in LOG_MEASURES or measure.startswith("log ")


def spread_of(result: PooledResult) -> float:
    """Return the standard error that says how many digits an effect deserves."""
    return result.standard_error or math.sqrt(float(result.variances.min()))


def plain_words(result: PooledResult, measure: str) -> EffectWords:
    """Return words without a unit, with as many digits as the result deserves.

    Parameters
    ----------
    result
        A pooled result.
    measure
        Name of the effect measure; empty where it is not known.
    """
    if is_ratio(measure):
        return EffectWords.ratios()
    return EffectWords.bare(decimals=len(digits(1.0, spread_of(result)).partition(".")[2]))


def times(widths: Sequence[float]) -> float:
    """Return the largest of some widths over the smallest; 1 where they are all alike."""
    if not widths or max(widths) - min(widths) <= _TIE * max(widths):
        return 1.0
    return max(widths) / min(widths) if min(widths) > 0 else math.inf


def factor(ratio: float) -> str:
    """Write how many times as wide something is."""
    return format_number(ratio, 1 if ratio < 100 else 0)


def _ends(rows: Sequence[ModelRow], width: Callable[[ModelRow], float]) -> list[ModelRow]:
    """Return the row with the smallest and that with the largest width; of equals the first."""
    widths = [width(row) for row in rows]
    low, high = min(widths), max(widths)
    narrow = next(row for row in rows if width(row) <= low * (1 + _TIE))
    wide = next(row for row in rows if width(row) >= high * (1 - _TIE))
    return [narrow, wide]


# ---------------------------------------------------------------- the mean


def choice_in_words(models: ModelComparison, words: EffectWords) -> tuple[str, ...]:
    """Return how far estimate and interval move over the models, and what moves them most.

    Parameters
    ----------
    models
        The comparison.
    words
        How effects read.
    """
    found = (
        *_moves(models, words),
        _no_effect(models),
        _widths(models, words),
        _what_matters(models),
        *models.left_out,
        (
            "The planned model stays the answer. The others show how much hangs on it; to pick "
            "among them by their results would be to pick the result."
        ),
    )
    return tuple(filter(None, found))


def _moves(models: ModelComparison, words: EffectWords) -> tuple[str, str]:
    estimates = [row.estimate for row in models.rows]
    planned, studies = models.planned, plural(models.result.k, "study", "studies")
    known = words.of(planned.estimate)
    if {words.of(min(estimates)), words.of(max(estimates))} == {known}:
        moves = f"The estimate is {known} under every one of them"
    else:
        span = words.between(min(estimates), max(estimates))
        moves = f"The estimate is anywhere from {span}, by the planned model {known}"
    return (
        (
            f"The same {studies} were pooled under {plural(len(models.rows), 'model')}. The "
            f"planned one: {models.result.method.in_words()}."
        ),
        f"{moves} ({models.level} CI {words.between(planned.ci_low, planned.ci_high)}).",
    )


def _no_effect(models: ModelComparison) -> str:
    holding = [row for row in models.rows if row.includes_no_effect]
    others = [row for row in models.rows if not row.includes_no_effect]
    if not (holding and others):
        verb = "includes" if holding else "excludes"
        return f"The interval {verb} no effect under every one of them."
    fewer, verb = (others, "exclude") if len(others) <= len(holding) else (holding, "include")
    names = f": {join_words(row.inside for row in fewer)}" if len(fewer) <= _MOST_NAMED else ""
    return (
        f"Whether the interval includes no effect hangs on the model: that of the planned model "
        f"{'includes' if models.planned.includes_no_effect else 'excludes'} it, and "
        f"{len(fewer)} of the {len(models.rows)} {verb}{'s' if len(fewer) == 1 else ''} "
        f"it{names}."
    )


def _widths(models: ModelComparison, words: EffectWords) -> str:
    narrow, wide = _ends(models.rows, lambda row: row.width)
    ratio = times([narrow.width, wide.width])
    if ratio == 1:
        return "All intervals are equally wide."
    ends = words.between(wide.ci_low, wide.ci_high)
    if not math.isfinite(ratio):
        return (
            f"The interval of {narrow.inside} has no width at all; the widest, of "
            f"{wide.inside}, runs from {ends}."
        )
    return (
        f"The narrowest interval is that of {narrow.inside} "
        f"({words.between(narrow.ci_low, narrow.ci_high)}), the widest that of {wide.inside} "
        f"({ends}), {factor(ratio)} times as wide."
    )


def _what_matters(models: ModelComparison) -> str:
    by_interval = models.widest_to_narrowest("interval")
    by_tau2 = models.widest_to_narrowest("tau2")
    head = f"With {plural(models.result.k, 'study', 'studies')} "
    texts = factor(by_interval), factor(by_tau2)
    if texts[0] == texts[1]:
        return (
            f"{head}the way to build the interval and the estimator of tau² matter alike: the "
            f"widest interval is {texts[0]} times as wide as the narrowest over either."
        )
    more, less = "the way to build the interval", "the estimator of tau²"
    counts = (
        f"{plural(len(models.among('interval')), 'way')} to build it",
        plural(len(models.among("tau2")), "estimator"),
    )
    if by_interval < by_tau2:
        more, less, texts, counts = less, more, texts[::-1], counts[::-1]
    if math.isinf(max(by_interval, by_tau2)):
        return (
            f"{head}{more} matters more than {less}: over {counts[0]} there are intervals with "
            "and without width."
        )
    return (
        f"{head}{more} matters more than {less}: the widest interval is {texts[0]} times as "
        f"wide as the narrowest over {counts[0]}, and {texts[1]} times over {counts[1]}."
    )


# ---------------------------------------------------------------- a further setting


def prediction_in_words(models: ModelComparison, words: EffectWords) -> tuple[str, ...]:
    """Return what the models say of the true effect in one further setting.

    Parameters
    ----------
    models
        The comparison.
    words
        How effects read.
    """
    planned, result = models.planned, models.result
    if result.method.model == "common":
        text = (
            "The planned model takes the true effect to be the same in every setting, so it has "
            "no prediction interval: a further setting would have that effect again."
        )
        return (text,)
    if not planned.has_prediction:
        text = (
            f"{capital(plural(result.k, 'study', 'studies'))} cannot tell how far the true "
            "effect of a further setting may lie from their mean, so the planned model has no "
            "prediction interval."
        )
        return (text,)
    span = words.between(planned.prediction_low, planned.prediction_high)
    held = "includes" if planned.predicts_no_effect else "excludes"
    meaning = (
        "The interval of the mean says where the average over settings lies; the prediction "
        "interval says where the true effect in one further setting may lie."
    )
    first = (
        f"By the planned model that is anywhere from {span} ({models.level} prediction interval), "
        f"which {held} no effect."
    )
    rows = [row for row in models.rows if row.has_prediction]
    holding = sum(row.predicts_no_effect for row in rows)
    which = {0: "all exclude", len(rows): "all include"}.get(holding, f"{holding} of them include")
    count = capital(plural(len(rows), "model"))
    second = f"{count} {'have' if len(rows) > 1 else 'has'} such an interval, and {which} no effect"
    narrow, wide = _ends(rows, lambda row: row.prediction_high - row.prediction_low)
    if narrow is wide:
        return meaning, first, f"{second}."
    narrowest, widest = (
        words.between(row.prediction_low, row.prediction_high) for row in (narrow, wide)
    )
    ends = f"from {narrowest} ({narrow.inside}), the widest from {widest} ({wide.inside})"
    return meaning, first, f"{second}; the narrowest runs {ends}."
