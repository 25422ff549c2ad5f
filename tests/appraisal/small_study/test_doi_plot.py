"""The Doi plot: percentiles by hand, invariants, and that it never says more than it can."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from evidence.appraisal.check import CANNOT_BE_TESTED
from evidence.appraisal.small_study.doi_plot import doi_plot
from evidence.errors import InvalidArgumentError
from evidence.synthesis import pool

#: Pain in five trials: the example of Furuya-Kanamori, Barendregt and Doi 2018, as printed on the
#: reference page of `doiplot` of R's metasens.
PAIN = ([-4.270, -1.710, -0.580, -0.190, 0.000], [0.158, 0.076, 0.018, 0.022, 0.040])


def studies(k: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(size=k), random.uniform(0.01, 0.5, size=k)


def test_by_hand() -> None:
    found = doi_plot(*PAIN, labels=list("abcde"))
    weights = 1 / np.array(PAIN[1])
    middle = (np.cumsum(weights) - weights / 2) / weights.sum()
    table = found.to_frame()
    assert table["label"].tolist() == list("abcde")
    assert table["percentile"].to_numpy() == pytest.approx(100 * middle, rel=1e-12)
    assert table["z"].to_numpy() == pytest.approx(ndtri(middle), rel=1e-10)
    assert table["height"].to_numpy() == pytest.approx(np.abs(ndtri(middle)), rel=1e-10)
    assert table["share"].sum() == pytest.approx(100)
    # Middles of the ranks at 0.325 and 0.672: the fourth study lies nearer to 0.5.
    assert (found.tip, found.lower, found.higher) == (-0.19, 3, 1)


def test_equally_precise_studies_have_the_usual_percentiles() -> None:
    found = doi_plot([3.0, 1.0, 2.0, 4.0], [0.1] * 4)
    assert found.to_frame()["effect"].tolist() == [1, 2, 3, 4]
    assert found.to_frame()["percentile"].to_numpy() == pytest.approx([12.5, 37.5, 62.5, 87.5])
    assert (found.tip, found.lower, found.higher) == (2.5, 2, 2)


def test_equal_effects_share_their_place() -> None:
    found = doi_plot([1.0, 2.0, 2.0, 3.0], [1.0, 1.0, 0.2, 1.0])
    z = found.to_frame()["z"]
    assert z[1] == z[2] == 0
    assert (found.tip, found.lower, found.higher) == (2.0, 1, 1)


def test_it_is_never_a_verdict() -> None:
    for k in (1, 2, 3, 10, 40):
        found = doi_plot(*studies(k))
        assert found.status == CANNOT_BE_TESTED
        assert not found.tested
        assert "It is a picture and no test." in found.sentence
        assert "The LFK index that is usually read off it is left out" in found.sentence
        assert "between 0% and almost 30%" in found.sentence
        assert "Schwarzer, Rücker and Semaca 2024" in found.sentence
        assert "Look at Egger's test" in found.sentence
        assert "Semaca 2024" in found.reference
        assert "p_value" not in found.to_dict()
        json.dumps(found.to_dict(), allow_nan=False)


def test_where_there_are_no_limbs() -> None:
    one = doi_plot([0.3], [0.1])
    assert one.sentence.startswith("One study: a Doi plot shows nothing here; it needs 3")
    assert math.isnan(one.tip)
    assert one.to_dict()["tip"] is None
    assert one.to_frame()["height"].tolist() == [0]
    assert doi_plot([0.3, 0.4], [0.1, 0.1]).sentence.startswith("Two studies: a Doi plot shows")
    same = doi_plot([0.3] * 4, [0.1, 0.2, 0.3, 0.4])
    assert same.sentence.startswith("Four studies with identical effects: a Doi plot shows nothing")


def test_the_sentence_counts_the_limbs() -> None:
    assert doi_plot(*PAIN).sentence.startswith(
        "Doi plot of five studies: 3 of them lie below the effect at its tip, and 1 above it."
    )
    lone = doi_plot([1.0, 2.0, 3.0], [0.1] * 3)
    assert "1 of them lies below the effect at its tip, and 1 above it" in lone.sentence


@given(st.integers(3, 30), st.integers(0, 10_000), st.sampled_from([1e-8, 1.0, 1e8]))
def test_order_units_and_sign(k: int, seed: int, unit: float) -> None:
    y, v = studies(k, seed)
    table = doi_plot(y, v).to_frame()
    shuffled = np.random.default_rng(seed).permutation(k)
    again = doi_plot(unit * y[shuffled], unit**2 * v[shuffled])
    assert again.to_frame()["z"].to_numpy() == pytest.approx(table["z"].to_numpy(), abs=1e-9)
    turned = doi_plot(-y, v)
    assert turned.to_frame()["z"].to_numpy() == pytest.approx(-table["z"].to_numpy()[::-1])
    assert turned.tip == pytest.approx(-doi_plot(y, v).tip)
    assert (np.diff(table["z"]) >= 0).all()


def test_one_study_with_nearly_all_the_weight() -> None:
    found = doi_plot([1.0, 2.0, 3.0], [1.0, 1e-300, 1e300])
    heights = found.to_frame()["height"]
    assert np.isfinite(heights).all()
    assert heights[1] == pytest.approx(0, abs=1e-12)
    assert (found.tip, found.lower, found.higher) == (2.0, 1, 1)
    small = doi_plot([1.0, 2.0, 3.0], [1.0, 1e-12, 1.0]).to_frame()
    assert small["z"][2] == pytest.approx(-small["z"][0], rel=1e-12)
    assert small["z"][0] == pytest.approx(ndtri(0.5e-12), rel=1e-6)


def test_whatever_carries_the_studies() -> None:
    result = pool(*PAIN, labels=list("abcde"))
    given_as = {
        "pooled": doi_plot(result),
        "table": doi_plot(pd.DataFrame({"estimate": PAIN[0], "variance": PAIN[1]})),
        "errors": doi_plot(PAIN[0], standard_errors=np.sqrt(PAIN[1])),
    }
    for name, found in given_as.items():
        assert found.tip == -0.19, name
    assert given_as["pooled"].to_frame()["label"].tolist() == list("abcde")


def test_a_missing_row_is_left_out_visibly() -> None:
    found = doi_plot([*PAIN[0], math.nan], [*PAIN[1], 0.1], labels=list("abcdef"))
    assert found.k == 5
    assert any("f" in caution.message for caution in found.cautions)
    assert found.to_frame()["label"].tolist() == list("abcde")


@pytest.mark.parametrize(
    ("effects", "variances", "words"),
    [
        ([], [], "no study"),
        ([1.0, 2.0], [0.1], "2 effects and 1 variances"),
        ([1.0, 2.0], [0.1, -0.2], "variances"),
        ([1.0, 2.0], [0.1, 0.0], "variances"),
        ([1.0, 2.0], [0.1, math.inf], "finite"),
        ([1.0, math.inf], [0.1, 0.1], "effects"),
        (["a", "b"], [0.1, 0.1], "effects"),
        ([1.0, 2.0], None, "either variances or standard_errors"),
    ],
)
def test_bad_input_is_named(effects: object, variances: object, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        doi_plot(effects, variances)  # type: ignore[arg-type]
