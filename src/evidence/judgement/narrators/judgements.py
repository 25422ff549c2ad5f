"""Appraisals in words: certainty, directness, harms, missing evidence, trials, multiverse."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from evidence.appraisal.certainty import Certainty
from evidence.appraisal.check import CONTRADICTION
from evidence.appraisal.directness import Directness
from evidence.appraisal.gaps import Gaps
from evidence.appraisal.harms import HarmsComparison
from evidence.appraisal.harms_together import HarmsTogether
from evidence.appraisal.missing_evidence import MissingEvidence
from evidence.appraisal.trial.result import TrialAppraisal
from evidence.data.frames import each_row
from evidence.display import (
    capital,
    few_names,
    format_interval,
    format_number,
    join_words,
    plural,
)
from evidence.judgement.claims import ClaimAudit
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.language import english as words
from evidence.judgement.narrators.around import Around
from evidence.judgement.phrases import inside
from evidence.synthesis.direction import DirectionSynthesis
from evidence.synthesis.specifications.result import Multiverse

__all__ = [
    "tell_certainty",
    "tell_claims",
    "tell_conclusions",
    "tell_direction",
    "tell_directness",
    "tell_gaps",
    "tell_harms",
    "tell_harms_together",
    "tell_missing",
    "tell_multiverse",
    "tell_trial",
]

Choices: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
_CHANCE = {(True, True): "yes", (False, True): "maybe", (False, False): "no"}


def tell_conclusions(found: Conclusions, around: Around) -> list[str]:
    """Tell what a review comes to: the answer in a few sentences."""
    told = list(found.bottom_line.paragraphs)
    if around.analyst:
        told += [words.NOTE.format(message=one.message) for one in found.cautions]
    return told


def tell_certainty(found: Certainty, around: Around) -> list[str]:
    """Tell what the level means, and what it was rated down for."""
    told = [words.CERTAINTY[found.level]]
    down = [domain.name for domain in found.rated_down]
    if down:
        told[0] += f" {words.RATED_DOWN.format(reasons=join_words(down))}"
    if around.analyst:
        told.append(found.summary())
        told += [
            f"{capital(str(row.domain))} ({row.concern}): {row.reason}"
            for row in each_row(found.to_frame())
        ]
    return told


def tell_directness(found: Directness, around: Around) -> list[str]:
    """Tell how many trials asked the question itself, and what keeps the others away."""
    told = list(found.paragraph().paragraphs)
    return [found.summary(), *told] if around.analyst else told


def tell_harms(found: HarmsComparison, around: Around) -> list[str]:
    """Tell how many people had an event in each group, and whether chance explains it."""
    told = [f"{_counts(found, around)} {_chance(found)}"]
    return [*told, found.summary()] if around.analyst else told


def _counts(found: HarmsComparison, around: Around) -> str:
    treatment, comparator = _names(around)
    exact = found.exact
    given = {
        "treated": exact.events_treatment,
        "control": exact.events_control,
        "treatment": treatment,
        "comparator": comparator,
    }
    if found.split_known:
        counts = words.HARMS_SPLIT.format(
            of_treated=found.total_treatment, of_control=found.total_control, **given
        )
    else:
        total = int(exact.splits[["total_treatment", "total_control"]].iloc[0].sum())
        counts = words.HARMS_TOGETHER.format(total=total, **given)
    return words.HARMS.format(study=found.label, outcome=found.outcome, counts=counts)


def _chance(found: HarmsComparison) -> str:
    return words.HARMS_CHANCE[_CHANCE[found.shows_difference, found.may_show_difference]]


def _names(around: Around) -> tuple[str, str]:
    if around.about is None and around.review is not None:
        target = around.review.plan.target
        return target.treatment, target.comparator
    if around.about is None:
        return "the treatment", "the control"
    return around.about.treatment, around.about.comparator


def tell_harms_together(found: HarmsTogether, around: Around) -> list[str]:
    """Tell what all studies together report of one harm, and which say nothing."""
    name = capital(found.outcome.name)
    told = []
    if found.pooled is not None:
        odds, low, high = (
            found.pooled.on_scale(value)
            for value in (found.pooled.estimate, found.pooled.ci_low, found.pooled.ci_high)
        )
        told.append(
            words.HARMS_POOLED.format(
                outcome=name,
                count=plural(found.usable, "trial"),
                odds=format_number(odds),
                span=format_interval(low, high),
                treatment=_names(around)[0],
            )
        )
    elif found.single is not None:
        told.append(f"{_counts(found.single, around)} {_chance(found.single)}")
    else:
        told.append(words.HARMS_NOT_POOLED.format(outcome=name))
    if found.silent:
        told.append(words.HARMS_SILENT.format(trials=few_names(found.silent, "trial")))
    return [*told, *_lines(found.summary())] if around.analyst else told


def tell_missing(found: MissingEvidence, around: Around) -> list[str]:
    """Tell whether evidence is known to be missing, and what the numbers can say of it."""
    told = [words.MISSING_UNLOOKED]
    if found.reporting is not None:
        known = found.findings[0].check.status == CONTRADICTION
        told = [words.MISSING_KNOWN if known else words.MISSING_REPORTED]
    tests = [one for one in found.numeric if one.is_test and one.check.tested]
    seen = [one for one in tests if one.check.status == CONTRADICTION]
    if seen:
        told.append(capital(words.MISSING_SEEN.format(count=plural(len(seen), "check"))))
    elif tests:
        told.append(words.MISSING_CLEAR)
    else:
        told.append(words.MISSING_SILENT.format(studies=plural(found.k, "study", "studies")))
    return [*told, *_lines(found.summary())] if around.analyst else told


def tell_multiverse(found: Multiverse, around: Around) -> list[str]:
    """Tell how many ways there are to analyse a question, and how often they agree."""
    told = [
        words.MULTIVERSE.format(count=f"{len(found):,}", outcome=inside(found.title)),
        words.MULTIVERSE_DIRECTION.format(share=_share(found.direction > 0)),
        words.MULTIVERSE_OPEN.format(share=_share(found.side == 1)),
    ]
    known = ~np.isnan(found.threshold)
    if known.any():
        sure = found.size[known] == 3
        told.append(words.MULTIVERSE_SIZE.format(share=_share(sure)))
    text = [" ".join(told)]
    return [*text, *_lines(found.summary())] if around.analyst else text


def _share(chosen: Choices) -> str:
    """Return a share in words: ``all of them``, ``less than 1%``, ``14%``."""
    share = float(chosen.mean())
    if share in (0.0, 1.0):
        return words.ALL_OF_THEM if share else words.NONE_OF_THEM
    if share < 0.005:
        return words.LESS_THAN_ONE
    return words.MORE_THAN_99 if share > 0.995 else f"{format_number(100 * share, 0)}%"


def tell_trial(found: TrialAppraisal, around: Around) -> list[str]:
    """Tell what one trial measured, and what to expect of it, reading by reading."""
    if not found.readings:
        return [words.TRIAL_NOTHING.format(label=found.label)]
    if around.analyst:
        return list(found.paragraph().paragraphs)
    several = len(found.readings) > 1
    told = [words.TRIAL_READINGS.format(label=found.label)] if several else []
    for battery in found.readings:
        told_of, curve = battery.effect.words, battery.curve
        form = words.TRIAL_READING if several else words.TRIAL_FITS
        text = form.format(
            label=found.label,
            reading=battery.effect.reading,
            effect=told_of.effect(curve.estimate),
            span=told_of.interval(curve.ci_low, curve.ci_high),
        )
        shrunken = battery.shrunken
        if shrunken is not None:
            expected = told_of.effect(shrunken.estimate)
            text += f" {words.TRIAL_EXPECT.format(effect=expected)}"
            share = f"{format_number(100 * shrunken.repeat, 0)}%"
            text += f" {words.TRIAL_REPEAT.format(share=share)}"
        told.append(text)
    return told


def tell_direction(found: DirectionSynthesis, around: Around) -> list[str]:
    """Tell which way the trials point, and what counting them cannot say."""
    total = found.favourable + found.unfavourable
    told = [
        words.DIRECTION.format(
            total=f"{total} {'trial' if total == 1 else 'trials'}",
            better=found.favourable or words.NONE_OF_THEM,
            worse=found.unfavourable or words.NONE_OF_THEM,
        )
        + f" {words.DIRECTION_ONLY}"
    ]
    return [*told, *_lines(found.summary())] if around.analyst else told


def tell_gaps(found: Gaps, around: Around) -> list[str]:
    """Tell what is not known and would sharpen the answer; for readers only the first."""
    rows = found.table if around.analyst else found.first
    if rows.empty:
        return [words.GAPS_NONE]
    return [
        words.GAP.format(what=capital(str(row.what)), why=str(row.why).rstrip("."))
        for row in each_row(rows)
    ]


def tell_claims(found: ClaimAudit, around: Around) -> list[str]:
    """Tell what becomes of the claims of each article."""
    told = _lines(str(found.paragraph()))
    return [*told, *_lines(found.summary())] if around.analyst else told


def _lines(summary: str) -> list[str]:
    return [line for line in summary.splitlines() if line.strip()]
