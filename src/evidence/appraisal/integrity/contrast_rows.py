"""Every row of `contrasts.csv`, and every comparison over its rows: whether the reports agree.

Comparisons of two groups in a trial are read as `evidence.effects` derives them, in every way
their reports allow, with everything that rounding, the usual tests and unreported group sizes
leave open; so a contradiction here is one there. Rows of pooled results, and rows without a
number of people, are held against themselves alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.harms import compare_harms
from evidence.appraisal.integrity.crossover import crossover_against_p
from evidence.appraisal.integrity.events import counts_against_p
from evidence.appraisal.integrity.found import (
    TRIALS,
    Lines,
    Place,
    Placed,
    Row,
    comparisons_of,
    derived,
    numbers_of,
    several_pairs,
    study_of,
    told_otherwise,
)
from evidence.appraisal.integrity.printed import contradicted
from evidence.appraisal.integrity.statistics import (
    estimate_against_t,
    f_against_t,
    interval_against_p,
    se_against_interval,
    t_against_p,
)
from evidence.data import ReportedNumber, Review
from evidence.display import (
    capital,
    format_number,
    format_p,
    format_p_range,
    join_words,
    plural,
)
from evidence.effects.conversions.spread import t_from_p
from evidence.effects.derivation.context import Sizes, group_sizes
from evidence.effects.derivation.derive import context_of
from evidence.effects.derivation.from_contrasts import from_contrasts
from evidence.effects.derivation.readings import Comparison, Reading, agreeing_sets
from evidence.errors import InsufficientEvidenceError

__all__ = ["check_comparisons", "check_contrasts", "check_crossovers"]

_HANDBOOK = "Cochrane Handbook, section 6.5.2"
_CAMPBELL = "Campbell 2007, Statistics in Medicine 26:3661-3675"
_ELBOURNE = "Elbourne et al. 2002, International Journal of Epidemiology 31:140-149"
_RATIOS = ("risk ratio", "odds ratio")
_SMDS = ("standardised mean difference", "Hedges g", "Cohen d")
_ONE_ROW = "statistics of one row"
_ONE_COMPARISON = "reports of one comparison"
_WAYS = {"effect size": "the standardised effect", "interval": "the difference with its interval"}
_WAYS |= {"standard error": "the difference with its standard error", "p": "the p value"}
_WAYS |= {"t": "the t statistic", "F": "the F statistic"}


# ------------------------------------------------------------------ one row


def check_contrasts(review: Review) -> Iterator[Placed]:
    """Yield every check of every row of `contrasts.csv`.

    Parameters
    ----------
    review
        The review.
    """
    for row in numbers_of(review, "contrasts"):
        yield from _row(row)


def _row(row: Row) -> Iterator[Placed]:
    place = row.place
    given = [name for name in ("estimate", "se", "ci_low", "p", "t", "f") if row[name] is not None]
    if not given:
        yield place.skip(_ONE_ROW, "the row holds words and no number", _HANDBOOK)
        return
    if len(given) == 1:
        yield place.skip(_ONE_ROW, "one number alone has nothing to be held against", _HANDBOOK)
        return
    why = _another_test(row)
    if why:
        yield place.skip(_ONE_ROW, why, _HANDBOOK)
        return
    found = [*_direct(row), *_read(row)]
    if not found:
        reason = "an estimate and its interval have no third number to be held against"
        yield place.skip(_ONE_ROW, reason, _HANDBOOK)
    yield from found


def _another_test(row: Row) -> str:
    """Say why the numbers of a row are not those of one plain test; empty where they are."""
    if row.word("p_test") == "several groups":
        return "the p value is of several groups at once, the estimate of two"
    if told_otherwise(row, "p_of", "quote", "note"):
        return "a number of the row is said to be adjusted or corrected"
    if row.word("p_of") and row.word("p_test") == "" and row["p"] is not None:
        return "the p value is said to be of a test of its own"
    return ""


def _least_df(row: Row) -> float:
    """Return the fewest degrees of freedom that a comparison of so many people has."""
    if row.design not in TRIALS:
        return 1
    treatment, control = row.count("n_treatment"), row.count("n_control")
    if treatment is not None and control is not None:
        sizes = Sizes(treatment, control, randomised=row.word("n_basis") == "randomised")
        return max(math.floor(min(min(pair) for pair in sizes.possible)) - 1, 1)
    return 1


def _direct(row: Row) -> Iterator[Placed]:
    """Yield the checks of numbers that need no number of people."""
    place, level = row.place, row["ci_level"]
    share = 0.95 if level is None else level.value / 100
    estimate, se, t, f = row["estimate"], row["se"], row["t"], row["f"]
    low, high = row["ci_low"], row["ci_high"]
    p, relation = row["p"], row.word("p_relation") or "="
    ratio = row.word("measure") in _RATIOS
    several = "an interval that is not centred was made in another way"
    if estimate is not None and low is not None and high is not None:
        if p is not None:
            found = interval_against_p(
                (estimate, low, high),
                p,
                relation=relation,
                ratio=ratio,
                level=share,
                least_df=_least_df(row),
            )
            yield place.put(found, several)
        if se is not None and not ratio:
            found = se_against_interval(se, (low, high), least_df=_least_df(row), level=share)
            yield place.put(found)
    if estimate is not None and se is not None and t is not None and not ratio:
        yield place.put(estimate_against_t(estimate, se, t), "the standard error may be nothing")
    if t is not None and f is not None:
        yield place.put(f_against_t(f, t))
    for statistic, squared in ((t, False), (f, True)):
        if statistic is not None and p is not None and row["df"] is not None:
            yield place.put(
                t_against_p(statistic, p, row["df"], relation=relation, squared=squared)
            )


def _read(row: Row) -> Iterator[Placed]:
    """Yield the check of an effect size against a test of the same row, by its people."""
    if row.design not in TRIALS or row.word("measure") not in _SMDS:
        return
    context = context_of(
        row.review,
        row.word("study_id"),
        row.word("outcome_id"),
        timepoint=row.word("timepoint"),
        measure="standardised mean difference",
    )
    context = replace(context, contrasts=context.contrasts.loc[[row.line]])
    sizes = group_sizes(context, row.line)
    refused: list[str] = []
    readings = tuple(from_contrasts(context, refused))
    points = [reading for reading in readings if not reading.bound]
    if sizes is None or len(points) < 2:
        reason = refused[0] if refused else "how many people were compared is not reported"
        yield row.place.skip("effect size against test", reason, _HANDBOOK)
        return
    yield row.place.put(_effect_size(row, points, sizes))


def _effect_size(row: Row, readings: list[Reading], sizes: Sizes) -> Check:
    sets = agreeing_sets(tuple(readings))
    effect = next(reading for reading in readings if reading.kind == "effect size")
    others = [reading for reading in readings if reading is not effect]
    told = join_words(_WAYS[reading.kind] for reading in others)
    low = min(reading.p_range[0] for reading in others)
    high = max(reading.p_range[1] for reading in others)
    printed = format_p(low) if high - low < 0.005 else format_p_range(low, high)
    if row["p"] is not None:
        printed = f"p {row.word('p_relation') or '='} {row['p']}"
    people = f"{sizes.people:.0f} people"
    head = (
        f"A standardised effect of {row['estimate']} in {people} implies "
        f"{format_p_range(*effect.p_range)}; {told} printed with it "
        f"{'says' if len(others) == 1 else 'say'} {printed}"
    )
    needed = t_from_p(min(max(high, 1e-12), 1.0), sizes.df) * sizes.scale
    table = pd.DataFrame(
        [(_WAYS[r.kind], *r.p_range) for r in readings], columns=["report", "p_low", "p_high"]
    )
    return contradicted(
        "effect size against test",
        len(sets) > 1,
        fine=(f"{head}: they fit."),
        wrong=(
            f"{head}. With as many people the smallest effect that gives that p value is "
            f"{format_number(needed)}. These cannot both be right as printed, if both are of a "
            "plain comparison of two groups."
        ),
        table=table,
        reference=_HANDBOOK,
    )


# ------------------------------------------------------------------ one comparison


def check_comparisons(review: Review) -> Iterator[Placed]:
    """Yield the check of all reports of each comparison of two groups in a trial.

    Parameters
    ----------
    review
        The review.
    """
    for key, lines in comparisons_of(review).items():
        yield _comparison(review, key, lines)


def _measure(review: Review, study_id: str, outcome_id: str) -> str:
    outcome = review.outcome(outcome_id)
    if outcome.kind != "dichotomous":
        crossover = study_of(review, study_id).design == "crossover trial"
        return "mean difference" if crossover else "standardised mean difference"
    rows = review.rows_of("contrasts", study_id, outcome_id)
    return "odds ratio" if "odds ratio" in set(rows["measure"].astype(str)) else "risk ratio"


def _comparison(review: Review, key: tuple[str, str, str], lines: Lines) -> Placed:
    study_id, outcome_id, timepoint = key
    about = review.outcome(outcome_id).short + (f", {timepoint}" if timepoint else "")
    place = Place(review, study_id, lines, about=about)
    if several_pairs(review, lines):
        return place.skip(
            _ONE_COMPARISON, "several pairs of groups are reported under one outcome", _HANDBOOK
        )
    counts = _counts(review, key, place)
    if counts is not None:
        return counts
    try:
        comparison = derived(review, key, _measure(review, study_id, outcome_id))
    except InsufficientEvidenceError as error:
        return place.skip(_ONE_COMPARISON, "nothing to compare", _HANDBOOK, f": {error}")
    points = [reading for reading in comparison.readings if not reading.bound]
    if len(points) < 2:
        return _alone(place, review, comparison)
    adjusted = [
        row
        for table in ("contrasts", "arms")
        for row in numbers_of(review, table)
        if (table, row.line) in lines
        and told_otherwise(row, *(("p_of",) if table == "contrasts" else ()), "quote", "note")
    ]
    if comparison.contradiction and adjusted:
        reason = "a report of the comparison is said to be adjusted or corrected"
        return place.skip(_ONE_COMPARISON, reason, _HANDBOOK, ", and need not agree with others")
    used = tuple(dict.fromkeys(line for reading in comparison.readings for line in reading.rows))
    return replace(place, lines=used).put(_agreement(comparison))


def _counts(review: Review, key: tuple[str, str, str], place: Place) -> Placed | None:
    """Hold the events of two groups against a p value; None where there are not both."""
    arms, tests = (
        [
            row
            for row in numbers_of(review, table)
            if (table, row.line) in place.lines and row[column] is not None
        ]
        for table, column in (("arms", "events"), ("contrasts", "p"))
    )
    roles = {row.word("role"): row for row in arms}
    tests = [row for row in tests if row["estimate"] is None]
    if len(arms) != 2 or set(roles) != {"treatment", "control"} or len(tests) != 1:
        return None
    test, pair = tests[0], (roles["treatment"], roles["control"])
    name, reference = "counts of events against p", _CAMPBELL
    if told_otherwise(test, "p_of", "quote", "note") or test.word("p_test") == "several groups":
        return place.skip(name, "the p value is said to be adjusted or corrected", reference)
    if key[0] in _within(review):
        return place.skip(name, "the same people are in both groups", reference)
    if "randomised" in {row.word("n_basis") for row in pair}:
        reason = "the people randomised are reported, not those counted"
        return place.skip(name, reason, reference)
    events = [row.count("events") or 0 for row in pair]
    people = [row.count("total") or 1 for row in pair]
    check = counts_against_p(
        (events[0], events[1]),
        (people[0], people[1]),
        _known(test["p"]),
        relation=test.word("p_relation") or "=",
    )
    return place.put(check, "nobody, or everybody, had the event")


def _within(review: Review) -> set[str]:
    """Return the studies in which the same people are in both groups."""
    studies = review.tables["studies"]
    return set(studies.loc[studies["design"] == "crossover trial", "study_id"])


def _alone(place: Place, review: Review, comparison: Comparison) -> Placed:
    """Say of a comparison that is reported once what that report comes to."""
    more = ""
    if any(reading.kind == "arms" for reading in comparison.readings):
        try:
            harms = compare_harms(review, comparison.study_id, comparison.outcome_id)
        except InsufficientEvidenceError:
            more = ""
        else:
            exact = format_p_range(harms.exact.p_low, harms.exact.p_high)
            events = f"{harms.exact.events_treatment} against {harms.exact.events_control} events"
            more = f": {events} have an exact {exact}, and no p value is printed"
    reason = "the comparison is reported in one way only"
    return place.skip(_ONE_COMPARISON, reason, _HANDBOOK, more)


def _agreement(comparison: Comparison) -> Check:
    count = capital(plural(len(comparison.readings), "report"))
    if comparison.values_and_changes:
        fine = f"{count} of the comparison: values and changes are two, and need not agree."
    else:
        fine = f"{count} of the comparison agree within rounding."
    rows = [
        (number, reading.path, format_p_range(*reading.p_range), *reading.p_range)
        for number, group in enumerate(comparison.sets, start=1)
        for reading in group
    ]
    table = pd.DataFrame(rows, columns=["set", "report", "implied", "p_low", "p_high"])
    bad = comparison.contradiction_in_words().partition(": ")[2]
    return contradicted(
        _ONE_COMPARISON,
        comparison.contradiction,
        fine=(fine),
        wrong=(capital(bad)),
        table=table,
        reference=_HANDBOOK,
    )


# ------------------------------------------------------------------ crossovers


def check_crossovers(review: Review) -> Iterator[Placed]:
    """Yield the check of a crossover's period summaries against its p value.

    Parameters
    ----------
    review
        The review.
    """
    arms: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in numbers_of(review, "arms"):
        within = row.word("kind") == "period" or row.design == "crossover trial"
        if within and row.word("kind") not in ("baseline", "change") and row["mean"] is not None:
            names = ("study_id", "outcome_id", "timepoint", "source_id")
            key = tuple(row.word(name) for name in names)
            arms.setdefault(key, {})[row.word("role")] = row
    for (study_id, outcome_id, timepoint, _), pair in arms.items():
        if "treatment" in pair and "control" in pair:
            tests = [
                row
                for row in numbers_of(review, "contrasts")
                if (row.word("study_id"), row.word("outcome_id"), row.word("timepoint"))
                == (study_id, outcome_id, timepoint)
                and row["p"] is not None
                and row.word("p_test") != "several groups"
            ]
            yield from _crossover((pair["treatment"], pair["control"]), tests)


def _crossover(pair: tuple[Row, Row], tests: list[Row]) -> Iterator[Placed]:
    place = replace(pair[0].place, lines=tuple(("arms", row.line) for row in pair))
    outcome, timepoint = pair[0].outcome.short, pair[0].word("timepoint")
    place = replace(place, about=f"{outcome}, {timepoint}" if timepoint else outcome)
    name = "means and SDs of the periods against p"
    means = [row["mean"] for row in pair]
    sds = [row["sd"] for row in pair]
    people = [n for row in pair if (n := row.count("n")) is not None]
    if None in sds or len(people) < 2 or min(people) < 2:
        yield place.skip(name, "the periods' SDs or people are not reported", _ELBOURNE)
        return
    if not tests:
        yield place.skip(name, "no p value of the two periods is reported", _ELBOURNE)
    for row in tests:
        here = replace(place, lines=(*place.lines, ("contrasts", row.line)))
        if told_otherwise(row, "p_of", "quote", "note"):
            yield here.skip(name, "the p value is said to be adjusted or corrected", _ELBOURNE)
            continue
        found = crossover_against_p(
            (_known(means[0]), _known(means[1])),
            (_known(sds[0]), _known(sds[1])),
            min(people),
            _known(row["p"]),
            relation=row.word("p_relation") or "=",
        )
        yield here.put(found, "the p value bounds nothing")


def _known(number: ReportedNumber | None) -> ReportedNumber:
    assert number is not None
    return number
