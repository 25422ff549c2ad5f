"""The questions that are put to every trial, in reading order; what each method answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.appraisal.trial import bayes_factors, credibility, equivalence, trial_size
from evidence.appraisal.trial.confidence_curve import ConfidenceCurve, confidence_curve
from evidence.appraisal.trial.effect import TrialEffect, described
from evidence.appraisal.trial.false_positive import (
    PRIORS,
    FalsePositiveRisk,
    false_positive_risk,
    noncentrality_of_power,
)
from evidence.appraisal.trial.line import Answer, Findable, TrialLine, answered, line_of, refused
from evidence.appraisal.trial.retrodesign import design_errors
from evidence.appraisal.trial.shrinkage import ShrunkenTrial, shrink_trial
from evidence.appraisal.trial.words import probability
from evidence.display import capital, format_interval, format_number, format_p
from evidence.errors import InsufficientEvidenceError

__all__ = ["Battery", "ImportantDifference", "TrialOptions", "run_battery"]

FITS = "What the result fits with"
MATTERS = "Is the effect large enough to matter?"
ODDS = "An effect, or none?"
USUAL = "What trials usually show"
COULD = "What a trial of this size can find"
BELIEF = "What one would have to believe"

_DIENES = "Dienes 2014, Frontiers in Psychology 5:781"
#: Powers that the size of a trial is worked out for: the two in common use (Cohen 1988 for 0.8).
POWERS = (0.8, 0.9)
#: Spread of the informed prior around the smallest difference that matters, as a share of it
#: (Dienes 2014).
INFORMED_SPREAD = 0.5
_NO_THRESHOLD = (
    "No difference between groups is known that matters on this scale, so this cannot be asked; "
    "give threshold=... (a size that matters for a difference between groups, not for the change "
    "of one person)."
)


@dataclass(frozen=True)
class ImportantDifference:
    """A difference between groups that matters.

    Attributes
    ----------
    value
        Its size, without sign; a logarithm for a ratio.
    label
        Who called it important, in a few words.
    """

    value: float
    label: str = ""


@dataclass(frozen=True)
class TrialOptions:
    """The choices behind the appraisal of a trial.

    Attributes
    ----------
    level
        Of intervals.
    jzs_scale
        Scale of the Cauchy prior of a standardised effect.
    informed_prior
        Location, scale and, for a t prior, degrees of freedom, in the unit of the effect. None
        for a normal prior around the smallest difference that matters.
    prior_probabilities
        Of an effect, for the false-positive risk.
    powers
        For the size of the trial one would need.
    width
        Of the interval one would want; None for the smallest difference that matters.
    replication
        Estimate and standard error of a second trial of the same question.
    """

    level: float = 0.95
    jzs_scale: float = bayes_factors.JZS_SCALE
    informed_prior: tuple[float, ...] | None = None
    prior_probabilities: tuple[float, ...] = PRIORS
    powers: tuple[float, ...] = POWERS
    width: float | None = None
    replication: tuple[float, float] | None = None


#: What is chosen where nothing is said.
USUAL_OPTIONS = TrialOptions()


@dataclass(frozen=True)
class Battery:
    """What one reading of a trial comes to.

    Attributes
    ----------
    effect
        The reading.
    thresholds
        The differences that matter, smallest first.
    lines
        One for each question.
    curve, shrunken
        The results that the figure draws; nothing is shrunken where the result is not that of
        one randomised trial.
    """

    effect: TrialEffect
    thresholds: tuple[ImportantDifference, ...]
    lines: tuple[TrialLine, ...]
    curve: ConfidenceCurve = field(repr=False)
    shrunken: ShrunkenTrial | None = field(repr=False)


def run_battery(
    effect: TrialEffect, thresholds: tuple[ImportantDifference, ...], options: TrialOptions
) -> Battery:
    """Put every question to one reading of a trial.

    Parameters
    ----------
    effect
        The reading.
    thresholds
        The differences that matter.
    options
        Choices of the methods.
    """
    ordered = tuple(sorted(thresholds, key=lambda one: one.value))
    asked = _Asked(effect, ordered, options)
    lines = (
        *asked.fits(),
        *asked.matters(),
        *asked.odds(),
        *asked.usual(),
        *asked.could_find(),
        *asked.size_needed(),
        *asked.belief(),
    )
    return Battery(effect, ordered, lines, asked.curve, asked.shrunken)


class _Asked:
    """The questions to one reading, part by part."""

    def __init__(
        self,
        effect: TrialEffect,
        thresholds: tuple[ImportantDifference, ...],
        options: TrialOptions,
    ) -> None:
        self.effect, self.thresholds, self.options = effect, thresholds, options
        self.curve = confidence_curve(
            effect.estimate,
            effect.standard_error,
            df=effect.df,
            thresholds=tuple(effect.side * one.value for one in thresholds),
            level=options.level,
            words=effect.words,
        )
        self.shrunken = None
        if not effect.no_trial:
            self.shrunken = shrink_trial(
                effect.estimate,
                effect.standard_error,
                df=effect.df,
                level=options.level,
                words=effect.words,
            )

    @property
    def smallest(self) -> float:
        """The smallest difference that matters, or a refusal."""
        if not self.thresholds:
            raise InsufficientEvidenceError(_NO_THRESHOLD)
        return self.thresholds[0].value

    def fits(self) -> Iterator[TrialLine]:
        """Ask what the result fits with."""
        curve = self.curve
        yield answered(
            FITS,
            "Which effect fits best?",
            Answer(curve, described(self.effect), curve.estimate, curve.estimate_in_words()),
        )
        bits = f"{format_p(curve.p_none)}, {format_number(curve.s_none, 1)} bits"
        yield answered(
            FITS,
            "How surprising is it without any effect?",
            Answer(curve, bits, curve.s_none, curve.surprise_in_words()),
        )
        for place, one in enumerate(self.thresholds):
            p = curve.p_thresholds[place]
            label = f" It is the {one.label}." if one.label else ""
            yield answered(
                FITS,
                f"How well does it fit with {self.effect.words.effect(curve.thresholds[place])}?",
                Answer(curve, format_p(p), p, curve.threshold_in_words(place) + label),
            )

    def matters(self) -> Iterator[TrialLine]:
        """Ask whether the effect is larger or smaller than what matters."""
        effect = self.effect

        def minimal() -> Answer:
            found = equivalence.minimal_effect_test(
                effect.estimate,
                effect.standard_error,
                self.smallest,
                df=effect.df,
                words=effect.words,
            )
            return Answer(found, format_p(found.p_value), found.p_value)

        def equivalent() -> Answer:
            found = equivalence.equivalence_test(
                effect.estimate,
                effect.standard_error,
                self.smallest,
                df=effect.df,
                words=effect.words,
            )
            return Answer(found, format_p(found.p_value), found.p_value)

        murphy = "Murphy and Myors 1999, Journal of Applied Psychology 84:234-248"
        lakens = "Lakens 2017, Social Psychological and Personality Science 8:355-362"
        yield line_of(MATTERS, "Are effects too small to matter ruled out?", minimal, murphy)
        yield line_of(MATTERS, "Are effects that matter ruled out?", equivalent, lakens)

    def odds(self) -> Iterator[TrialLine]:
        """Ask how the result speaks for an effect and against it."""
        effect, options = self.effect, self.options

        def jzs() -> Answer:
            if effect.measure not in ("mean difference", "standardised mean difference"):
                raise InsufficientEvidenceError(
                    "This prior is one of a standardised difference of means, and the effect "
                    + (f"is a {effect.measure}" if effect.measure else "does not say what it is")
                    + "; look at the other two."
                )
            groups = effect.groups()
            found = bayes_factors.jzs_bayes_factor(
                effect.statistic, *groups, scale=options.jzs_scale
            )
            return _factor(found)

        def unit() -> Answer:
            found = bayes_factors.unit_information_bayes_factor(effect.statistic, *effect.groups())
            return _factor(found)

        def bound() -> Answer:
            found = bayes_factors.bayes_factor_bound(max(effect.p_value, 1e-300))
            told = (
                f"Even {found.prior} makes the result at most "
                f"{found.size_in_words} times as likely with an effect as without one."
            )
            return Answer(found, f"at most {found.size_in_words}", found.factor, told)

        def risk() -> Answer:
            found = self.false_positive()
            low, high = min(found.p_equals), max(found.p_equals)
            shown = f"{format_interval(100 * low, 100 * high, 0)}%"
            return Answer(found, shown, found.p_equals[-1])

        rouder = "Rouder et al. 2009, Psychonomic Bulletin & Review 16:225-237"
        kass = "Kass and Wasserman 1995, Journal of the American Statistical Association 90:928-934"
        sellke = "Sellke, Bayarri and Berger 2001, The American Statistician 55:62-71"
        colquhoun = "Colquhoun 2017, Royal Society Open Science 4:171085"
        yield line_of(ODDS, "Bayes factor, default prior (JZS)", jzs, rouder)
        yield line_of(ODDS, "Bayes factor, prior worth one observation", unit, kass)
        yield line_of(ODDS, "Bayes factor, informed prior", self._informed, _DIENES)
        yield line_of(ODDS, "The most that any prior could make of it", bound, sellke)
        yield line_of(ODDS, "Risk that there is no effect (false-positive risk)", risk, colquhoun)

    def _informed(self) -> Answer:
        effect, given = self.effect, self.options.informed_prior
        error = effect.standard_error
        if given is not None:
            location, scale, *prior_df = given
            words = "a prior around " + effect.words.effect(location)
            words += f" with a spread of {effect.words.size(scale)}"
            both = False
        else:
            location, prior_df = effect.side * self.smallest, []
            scale = INFORMED_SPREAD * self.smallest
            both = not effect.words.better
            words = f"a normal prior around {effect.words.effect(location)}"
            words += " and as far on the other side" if both else ""
            words += ", the smallest difference that matters, with a spread of half of it"
        found = bayes_factors.informed_bayes_factor(
            effect.statistic,
            location=location / error,
            scale=scale / error,
            prior_df=prior_df[0] if prior_df else None,
            df=effect.df,
            both_sides=both,
            prior=words,
        )
        return _factor(found)

    def false_positive(self) -> FalsePositiveRisk:
        """Return the false-positive risk against the smallest difference that matters."""
        effect = self.effect
        if self.thresholds:
            size = self.smallest / effect.standard_error
            alternative = effect.words.size(self.smallest)
            alternative = f"an effect of {alternative}, the smallest that matters,"
        else:
            size = noncentrality_of_power(POWERS[0], effect.df)
            alternative = f"an effect that a trial of this size finds with power {POWERS[0]:g}"
        return false_positive_risk(
            effect.statistic,
            noncentrality=size,
            df=effect.df,
            priors=self.options.prior_probabilities,
            alternative=alternative,
        )

    def usual(self) -> Iterator[TrialLine]:
        """Ask what trials with such a result usually show."""
        found, words = self.shrunken, self.effect.words
        if found is None:
            why = (
                f"What trials usually show says nothing here: {self.effect.no_trial}. It was "
                "learned from single randomised trials."
            )
            zwet = "van Zwet, Schwab and Senn 2021, Statistics in Medicine 40:6107-6117"
            yield refused(USUAL, "What is to be expected of the true effect?", why, zwet)
            return
        yield answered(
            USUAL,
            "What is to be expected of the true effect?",
            Answer(found, words.effect(found.estimate), found.estimate, found.effect_in_words()),
        )
        yield answered(
            USUAL,
            "Is it on the right side?",
            Answer(found, probability(found.right_sign), found.right_sign, found.sign_in_words()),
        )
        yield answered(
            USUAL,
            "Would an exact repeat reach p < 0.05?",
            Answer(found, probability(found.repeat), found.repeat, found.power_in_words()),
        )

    def could_find(self) -> Iterator[TrialLine]:
        """Ask how wrong a significant result of such a trial can be."""
        gelman = "Gelman and Carlin 2014, Perspectives on Psychological Science 9:641-651"
        if not self.thresholds:
            what = "Power and errors where the effect is one that matters"
            yield refused(COULD, what, _NO_THRESHOLD, gelman)
            return
        sizes = [self.smallest / 2, *(one.value for one in self.thresholds)]
        effect = self.effect
        for size in sizes:
            found = design_errors(
                effect.side * size, effect.standard_error, df=effect.df, words=effect.words
            )
            shown = (
                f"power {probability(found.power)}, {format_number(found.type_m, 1)} times too "
                f"large, wrong sign {probability(found.type_s)}"
            )
            what = f"Power and errors where the truth is {effect.words.effect(found.true_effect)}"
            yield answered(COULD, what, Answer(found, shown, found.power))

    def size_needed(self) -> Iterator[TrialLine]:
        """Ask which trial one would need."""
        effect, options, words = self.effect, self.options, self.effect.words
        cohen = "Cohen 1988, Statistical power analysis for the behavioral sciences"
        kelley = "Kelley and Rausch 2006, Psychological Methods 11:363-385"
        for power in options.powers:

            def for_power(power: float = power) -> Answer:
                if math.isnan(effect.sd):
                    return self._times(power)
                found = trial_size.size_for_power(
                    self.smallest, effect.sd, power=power, words=words
                )
                return Answer(found, f"{found.per_arm:,} in each group", found.per_arm)

            what = f"The trial one would need, power {power:g}"
            yield line_of(COULD, what, for_power, cohen)

        def for_width() -> Answer:
            width = self.smallest if options.width is None else options.width
            if math.isnan(effect.sd):
                raise InsufficientEvidenceError(
                    "The standard deviation between people does not follow from this effect; the "
                    "width of the interval goes with one over the root of the number of people."
                )
            found = trial_size.size_for_width(width, effect.sd, level=options.level, words=words)
            return Answer(found, f"{found.per_arm:,} in each group", found.per_arm)

        yield line_of(COULD, "The trial one would need, narrow interval", for_width, kelley)

    def _times(self, power: float) -> Answer:
        effect = self.effect
        factor = trial_size.times_as_large(self.smallest, effect.standard_error, power=power)
        aim = (
            f"To find an effect of {effect.words.size(self.smallest)} with probability {power:g} "
            "(p < 0.05)"
        )
        told = trial_size.size_in_words(factor, effect.people, aim)
        finding = _Told(
            told,
            "Cohen 1988, Statistical power analysis for the behavioral sciences",
            ("The standard error falls with the root of the number of people.",),
        )
        return Answer(finding, f"{format_number(factor, 1)} times as large", factor)

    def belief(self) -> Iterator[TrialLine]:
        """Ask which beliefs would turn the result."""
        effect, words = self.effect, self.effect.words
        found = credibility.analyse_credibility(
            effect.estimate,
            effect.standard_error,
            df=effect.df,
            level=self.options.level,
            words=words,
        )
        if found.excludes_none:
            limit, shown = found.sceptical_limit, words.size(found.sceptical_limit)
            what = "Which sceptic is not convinced?"
        else:
            limit = found.advocacy_limit
            shown = "none" if math.isnan(limit) else f"up to {words.effect(limit)}"
            what = "Which advocate is convinced?"
        yield answered(BELIEF, what, Answer(found, shown, limit, found.limit_in_words()))
        told = found.intrinsic_in_words()
        shown = format_p(found.p_intrinsic)
        what = "Does it convince those whom it contradicts?"
        yield answered(BELIEF, what, Answer(found, shown, found.p_intrinsic, told))

        def replicated() -> Answer:
            if self.options.replication is None:
                raise InsufficientEvidenceError(
                    "This takes a second trial of the same question; give it as "
                    "TrialOptions(replication=(estimate, standard_error)). Several trials are "
                    "better pooled."
                )
            second = credibility.sceptical_p_value(
                effect.estimate, effect.standard_error, *self.options.replication
            )
            return Answer(second, format_p(second.p_value), second.p_value)

        held = "Held 2020, Journal of the Royal Statistical Society A 183:431-448"
        yield line_of(BELIEF, "Does a replication convince a sceptic?", replicated, held)


@dataclass(frozen=True)
class _Told:
    """A sentence with its paper, where no result stands behind it."""

    told: str
    reference: str
    assumptions: tuple[str, ...]

    def sentence(self) -> str:
        return self.told


def _factor(found: bayes_factors.BayesFactor) -> Answer:
    finding: Findable = found
    size = found.size_in_words
    side = "neither" if size == "1.0" else "an effect" if found.log_factor > 0 else "none"
    return Answer(finding, f"{size} for {side}", found.factor, capital(found.sentence()))
