"""Means and SDs of whole scores, against every possible set of scores and by hand."""

from __future__ import annotations

import itertools
import math
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import Scores, debit, grim, grimmer
from evidence.errors import EvidenceError

WAYS = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)


def decimal_of(value: Fraction) -> Decimal:
    with localcontext(prec=40):
        return Decimal(value.numerator) / Decimal(value.denominator)


def printed(value: Decimal, decimals: int, how: str) -> str:
    """Print a number as a paper does."""
    return str(value.quantize(Decimal(1).scaleb(-decimals), rounding=how))


def summaries(data: tuple[int, ...], items: int = 1) -> tuple[Decimal, list[Decimal]]:
    """Return the mean, and the SD over n - 1 and over n, of scores in units of 1/items."""
    n = len(data)
    mean = Fraction(sum(data), n * items)
    squares = Fraction(sum(k * k for k in data), items**2) - n * mean**2
    with localcontext(prec=40):
        sds = [decimal_of(squares / d).sqrt() for d in (n - 1, n)]
    return decimal_of(mean), sds


# ------------------------------------------------------------------ published and by hand


def test_the_example_of_the_paper() -> None:
    # Brown and Heathers 2017: 28 whole numbers cannot have a mean of 5.19; 145/28 = 5.179 and
    # 146/28 = 5.214.
    found = grim("5.19", 28)
    assert found.status == CONTRADICTION
    assert list(found.table["sum_in_steps"]) == [145, 146]
    assert "5.1786 and 5.2143" in found.sentence
    assert grim("5.18", 28).status == OK
    assert grim("5.21", 28).status == OK


def test_a_mean_of_half_a_hundredth() -> None:
    # 69/20 = 3.45 exactly; 3.46 lies between 69/20 and 70/20.
    assert grim("3.45", n=20).status == OK
    assert grim("3.46", n=20).status == CONTRADICTION


def test_enough_people_can_have_any_mean() -> None:
    # Steps of 1/100 fill the hundredths; of 1/99 they leave gaps.
    assert grim("3.46", 100).status == CANNOT_BE_TESTED
    assert grim("3.5", 20).status == CANNOT_BE_TESTED
    assert grim("3.46", 99).status == OK  # 343/99 = 3.4646
    # Two items averaged halve the step.
    assert grim("3.46", 50, Scores(items=2)).status == CANNOT_BE_TESTED
    assert grim("3.48", 20, Scores(items=2)).status == OK  # 139/40 = 3.475
    assert grim("3.46", 20, Scores(items=2)).status == CONTRADICTION


def test_cut_off_digits_are_no_contradiction() -> None:
    # 41/12 = 3.41667: rounded 3.42, cut off 3.41.
    assert grim("3.42", 12).sentence.endswith("3.42.")
    assert grim("3.41", 12).status == OK
    assert "cut off" in grim("3.41", 12).sentence
    # Below 0 the other way round.
    assert grim("-3.41", 12).status == OK
    assert grim("-3.43", 12).status == CONTRADICTION


def test_the_ends_of_the_scale_count() -> None:
    assert grim("0.12", 8, Scores(minimum=0, maximum=4)).status == OK  # 1/8 = 0.125 to even
    assert grim("7.13", 8, Scores(minimum=1, maximum=7)).status == CONTRADICTION


def test_an_sd_by_hand() -> None:
    # Two whole numbers with a mean of 2: 2 and 2, 1 and 3, 0 and 4: SD 0, 1.414, 2.828 (or
    # 0, 1, 2 over n).
    possible = {
        sd for sd in (f"{k / 100:.2f}" for k in range(301)) if grimmer("2.00", sd, 2).status == OK
    }
    assert possible >= {"0.00", "1.41", "2.83", "1.00", "2.00"}
    assert not possible & {"0.50", "1.20", "1.60", "2.40"}


def test_an_sd_that_the_scale_cannot_have() -> None:
    scale = Scores(minimum=0, maximum=4)
    # Eight scores with a mean of 2: at most 4 at either end, SD √(32/7) = 2.138.
    assert grimmer("2.00", "2.14", 8, scale).status == OK
    assert grimmer("2.00", "2.20", 8, scale).status == CONTRADICTION
    # A mean between two scores needs some spread: 1 and 2 alone, at the least 0.5 over n.
    assert grimmer("1.50", "0.10", 8, scale).status == CONTRADICTION


def test_what_an_sd_cannot_be_asked_of() -> None:
    assert grimmer("3.46", "1.00", 20).status == CANNOT_BE_TESTED  # the mean is impossible
    assert grimmer("3.00", "1.00", 1).status == CANNOT_BE_TESTED
    assert grimmer("13.1", "4.7", 60).status == CANNOT_BE_TESTED


def test_yes_and_no_by_hand() -> None:
    # Heathers and Brown 2019: 7 of 20 is 0.35 with an SD of √(0.35 * 0.65 * 20/19) = 0.489.
    assert debit("0.35", "0.49", 20).status == OK
    assert debit("0.35", "0.477", 20).status == OK  # over n: √(0.35 * 0.65) = 0.47697
    wrong = debit("0.35", "0.18", 20)
    assert wrong.status == CONTRADICTION
    assert "0.489" in wrong.sentence
    assert debit("0.33", "0.47", 20).status == CONTRADICTION  # no k of 20
    assert debit("1.00", "0.00", 20).status == OK


@pytest.mark.parametrize(
    "call",
    [
        lambda: grim(3.45, 20),
        lambda: grim("3.45", 0),
        lambda: grim("3.45", 2.5),
        lambda: grim("3,45", 20),
        lambda: grim("3.45", 20, Scores(step=0)),
        lambda: grim("3.45", 20, Scores(items=0)),
        lambda: Scores(minimum=4, maximum=4),
        lambda: Scores(step=float("nan")),
        lambda: grimmer("3.45", "-1.0", 20),
        lambda: debit("0.5", "0.5", 1),
    ],
)
def test_what_cannot_be_meant_is_refused(call) -> None:
    with pytest.raises(EvidenceError, match=r"\d|nan|digits|scores"):
        call()


# ------------------------------------------------------------------ every set of scores


@pytest.mark.parametrize(("n", "top"), [(2, 9), (3, 8), (4, 6), (5, 5), (6, 4), (8, 3), (12, 2)])
@pytest.mark.parametrize("items", [1, 2, 3])
def test_no_possible_pair_is_refused(n: int, top: int, items: int) -> None:
    """Every set of n scores, three ways of rounding, two of dividing: nothing is accused."""
    scores = Scores(items=items, minimum=0, maximum=str(Fraction(top, items)) if items == 1 else 9)
    seen = set()
    for data in itertools.combinations_with_replacement(range(top + 1), n):
        mean, sds = summaries(data, items)
        for decimals, how, sd in itertools.product((1, 2), WAYS, sds):
            seen.add((printed(mean, decimals, how), printed(sd, decimals, how)))
    for mean, sd in seen:
        assert grim(mean, n, scores).status != CONTRADICTION, (mean, n)
        for scale in (scores, Scores(items=items)):
            assert grimmer(mean, sd, n, scale).status != CONTRADICTION, (mean, sd, n)


def test_most_impossible_pairs_are_refused() -> None:
    n, top = 6, 4
    scale = Scores(minimum=0, maximum=top)
    possible = set()
    for data in itertools.combinations_with_replacement(range(top + 1), n):
        mean, sds = summaries(data)
        for how, sd in itertools.product(WAYS, sds):
            possible.add((printed(mean, 2, how), printed(sd, 2, how)))
    means = {mean for mean, _ in possible}
    refused = 0
    tried = 0
    for mean in means:
        for hundredths in range(0, 260, 3):
            sd = f"{hundredths / 100:.2f}"
            if (mean, sd) not in possible:
                tried += 1
                refused += grimmer(mean, sd, n, scale).status == CONTRADICTION
    assert tried > 1000
    assert refused / tried > 0.85


@given(
    st.lists(st.integers(-30, 30), min_size=2, max_size=40),
    st.integers(0, 3),
    st.sampled_from(WAYS),
    st.sampled_from([0, 1]),
)
def test_no_scores_are_refused(data: list[int], decimals: int, how: str, divisor: int) -> None:
    mean, sds = summaries(tuple(data))
    texts = printed(mean, decimals, how), printed(sds[divisor], decimals, how)
    assert grim(texts[0], len(data)).status != CONTRADICTION
    assert grimmer(*texts, len(data)).status != CONTRADICTION


@given(st.integers(2, 60), st.data(), st.sampled_from(WAYS), st.sampled_from([0, 1]))
def test_no_answers_are_refused(n: int, data: st.DataObject, how: str, divisor: int) -> None:
    yes = data.draw(st.integers(0, n))
    mean, sds = summaries((1,) * yes + (0,) * (n - yes))
    for decimals in (2, 3):
        texts = printed(mean, decimals, how), printed(sds[divisor], decimals, how)
        assert debit(*texts, n).status == OK


def test_it_is_quick_for_many_people() -> None:
    # A million people: nothing to find, and nothing that takes long.
    assert grimmer("3.4567", "1.2345", 1_000_000).status == CANNOT_BE_TESTED
    assert math.isfinite(float(grim("3.4567", 1_000_000).table["mean"].iloc[0]))
