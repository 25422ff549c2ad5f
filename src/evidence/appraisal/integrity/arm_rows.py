"""Every row of `arms.csv` against itself: can its own numbers be true."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.appraisal.integrity.found import Placed, Row, numbers_of, told_otherwise
from evidence.appraisal.integrity.granularity import Scores, grim, grimmer
from evidence.appraisal.integrity.reconstruction import reconstruct
from evidence.appraisal.integrity.scale import sd_on_scale
from evidence.appraisal.integrity.spread import (
    sd_against_range,
    sd_against_se,
    spread_against_interval,
)
from evidence.data import Review
from evidence.effects.derivation.context import Sizes

__all__ = ["check_arms"]

_GRIM = "Brown and Heathers 2017, Social Psychological and Personality Science 8:363-369"
_SPRITE = "Heathers et al. 2018, SPRITE, PeerJ Preprints 6:e26968v1"
_BHATIA = "Bhatia and Davis 2000, American Mathematical Monthly 107:353-357"
_ALTMAN = "Altman and Bland 2005, BMJ 331:903"
_NOTHING_LEFT = "so many people can have nearly any such number"
#: Designs whose means are pooled from studies.
_NOT_OF_PEOPLE = ("meta-analysis", "systematic review", "guideline")
#: More people than this have scores in so many ways that one set says nothing.
_MOST_PEOPLE = 200


def check_arms(review: Review) -> Iterator[Placed]:
    """Yield every check of every row of `arms.csv` that has a mean.

    Parameters
    ----------
    review
        The review.
    """
    for row in numbers_of(review, "arms"):
        if row["mean"] is None:
            continue
        if row.design in _NOT_OF_PEOPLE:
            why = "the mean is one of studies, not of people"
            yield row.place.skip("mean of whole scores", why, _GRIM)
            continue
        yield from _scores(row)
        yield from _scale(row)
        yield from _spread(row)


def _fewest(row: Row) -> int | None:
    """Return the fewest people that can be behind a mean of the people randomised."""
    n = row.count("n")
    if n is None or row.word("n_basis") != "randomised":
        return None
    return max(round(min(pair[0] for pair in Sizes(n, n, randomised=True).possible)), 2)


def _why_no_scores(row: Row) -> str:
    """Say why a mean cannot be held against whole scores; empty where it can."""
    if row.outcome.step is None:
        return "review.toml gives no step for the outcome: only scores in steps can be tested"
    if row.count("n") is None:
        return "how many people are behind the mean is not reported"
    if row.word("n_basis") == "randomised":
        return "the people randomised are reported, not those behind the mean"
    if told_otherwise(row, "quote", "note"):
        return "the mean is said to be adjusted, imputed or transformed"
    if row["sd"] is None and row.word("kind") != "baseline":
        return "without an SD beside it nothing shows that it is a plain mean"
    return ""


def _scores(row: Row) -> Iterator[Placed]:
    place, mean, sd = row.place, row["mean"], row["sd"]
    why = _why_no_scores(row)
    if why or mean is None:
        yield place.skip("mean of whole scores", why, _GRIM)
        return
    n, scores = row.count("n") or 0, _scores_of(row)
    first = grim(mean, n, scores)
    yield place.put(first, _NOTHING_LEFT)
    if sd is None or first.status == "contradiction":
        return
    second = grimmer(mean, sd, n, scores)
    yield place.put(second, _NOTHING_LEFT)
    if second.status == "contradiction":
        return
    if scores.least is None or scores.most is None or n > _MOST_PEOPLE or n < 2:
        why = "without a minimum and a maximum there are scores for any mean and SD"
        more = "" if n <= _MOST_PEOPLE else ", and so there are with so many people"
        yield place.skip("scores behind mean and SD", why, _SPRITE, more)
        return
    yield place.put(reconstruct(mean, sd, n, scores).check(), "no scores were found, and no proof")


def _scores_of(row: Row) -> Scores:
    outcome = row.outcome
    step = 1.0 if outcome.step is None else outcome.step
    low, high = outcome.minimum, outcome.maximum
    if row.word("kind") != "change":
        return Scores(step=step, minimum=low, maximum=high)
    if low is None or high is None:
        return Scores(step=step)
    return Scores(step=step, minimum=low - high, maximum=high - low)


def _scale(row: Row) -> Iterator[Placed]:
    mean, sd, place = row["mean"], row["sd"], row.place
    if mean is None or sd is None:
        return
    low, high = row.outcome.minimum, row.outcome.maximum
    name = "SD that the scale allows"
    if low is None or high is None:
        yield place.skip(name, "review.toml gives no minimum and maximum for the outcome", _BHATIA)
        return
    if told_otherwise(row, "quote", "note"):
        yield place.skip(name, "the mean is said to be adjusted, imputed or transformed", _BHATIA)
        return
    if row.word("kind") == "change":
        low, high = low - high, high - low
    people = row.count("n") if row.word("n_basis") != "randomised" else _fewest(row)
    people = people if people is not None and people >= 2 else None
    yield place.put(sd_on_scale(mean, sd, minimum=low, maximum=high, n=people))


def _spread(row: Row) -> Iterator[Placed]:
    place, n = row.place, row.count("n")
    sd, se, low, high = row["sd"], row["se"], row["ci_low"], row["ci_high"]
    ends = row["minimum"], row["maximum"]
    name = "SD, standard error and interval"
    given = [sd is not None, se is not None, low is not None and high is not None]
    if sum(given) < 2 and (sd is None or ends[0] is None or ends[1] is None):
        why = "one measure of spread alone has nothing to be held against"
        yield place.skip(name, why if any(given) else "no measure of spread is reported", _ALTMAN)
        return
    if n is None or n < 2:
        yield place.skip(name, "how many people are behind the mean is not reported", _ALTMAN)
        return
    if told_otherwise(row, "quote", "note"):
        why = "the mean is said to be adjusted, imputed or transformed"
        yield place.skip(name, why, _ALTMAN)
        return
    fewest = _fewest(row)
    if (row.word("kind") == "period" or row.design == "crossover trial") and sum(given) > 1:
        why = "a crossover's standard error or interval may be one within people"
        yield place.skip(name, why, _ALTMAN)
        return
    if sd is not None and se is not None:
        yield place.put(sd_against_se(sd, se, n, fewest))
    if low is not None and high is not None:
        level = row["ci_level"]
        options = {"mean": row["mean"], "fewest": fewest} | (
            {} if level is None else {"level": level.value / 100}
        )
        for spread in ({"se": se}, {"sd": sd}):
            if None not in spread.values():
                found = spread_against_interval((low, high), n, **spread, **options)  # type: ignore[arg-type]
                yield place.put(found, "an interval that is not centred was made in another way")
    if sd is not None and ends[0] is not None and ends[1] is not None:
        yield place.put(sd_against_range(sd, ends[0], ends[1], n, row["mean"], fewest=fewest))
