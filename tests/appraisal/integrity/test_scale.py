"""How large and how small an SD can be."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.appraisal.check import CONTRADICTION, OK
from evidence.appraisal.integrity import largest_sd, sd_on_scale, smallest_sd
from evidence.errors import InvalidArgumentError


def test_by_hand() -> None:
    # Half at either end of 0 to 28: SD 14 over n; of eight √(8/7) times as much.
    assert largest_sd(14, 0, 28, 8) == pytest.approx(14 * (8 / 7) ** 0.5)
    assert largest_sd(0, 0, 28, 8) == 0
    # 0, 5, 5, 10: the two ends alone give 2 * 25 / 3.
    assert smallest_sd(0, 10, 4) == pytest.approx((50 / 3) ** 0.5)
    assert smallest_sd(0, 10, 4) == pytest.approx(statistics.stdev([0, 5, 5, 10]))


def test_an_sd_that_is_too_large() -> None:
    ends = {"minimum": 0, "maximum": 28}
    assert sd_on_scale("4.0", "9.9", **ends, n=50).status == OK  # √(24 * 4) = 9.80, √(50/49)
    found = sd_on_scale("4.0", "10.5", **ends, n=50)
    assert found.status == CONTRADICTION
    assert "10.5 is printed" in found.sentence
    # Two people can differ more than many.
    assert sd_on_scale("4.0", "10.5", **ends).status == OK


def test_a_scale_without_ends_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="finite minimum below"):
        sd_on_scale("4.0", "1.0", minimum=0, maximum=float("inf"))


@given(st.lists(st.integers(0, 28), min_size=2, max_size=50), st.integers(0, 2))
def test_no_values_on_the_scale_are_refused(data: list[int], decimals: int) -> None:
    mean, sd = statistics.fmean(data), statistics.stdev(data)
    texts = f"{mean:.{decimals}f}", f"{sd:.{decimals}f}"
    assert sd_on_scale(*texts, minimum=0, maximum=28, n=len(data)).status == OK
    assert sd_on_scale(*texts, minimum=0, maximum=28).status == OK
    assert sd >= smallest_sd(min(data), max(data), len(data)) - 1e-9
