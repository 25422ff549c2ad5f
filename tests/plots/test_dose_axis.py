"""Doses on one axis: every mark at its dose, nothing overlaps or is cut, and all of it in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.plots import boxes, charts

from evidence.appraisal import elemental_doses, ranges_in_claims, stated_range
from evidence.appraisal.check import CANNOT_BE_TESTED, Check
from evidence.appraisal.dose.amounts import Amount
from evidence.appraisal.dose.limits import Limit
from evidence.appraisal.dose.trial_doses import COMPUTED, DISPUTED, ElementalDose, ElementalDoses
from evidence.data import Review, load_review
from evidence.errors import InvalidArgumentError
from evidence.plots import alt_text, dose_axis


@pytest.fixture(scope="module")
def review() -> Review:
    return load_review("magnesium-sleep")


def made_up(*amounts: tuple[float, float], kind: str = COMPUTED, limits: Any = ()) -> Any:
    """Return doses of as many trials, in forms of changing length."""
    import pandas as pd

    check = Check(name="", status=CANNOT_BE_TESTED, sentence="", table=pd.DataFrame(), reference="")
    doses = tuple(
        ElementalDose(
            f"s{i}", f"Author {i} " + "and others " * (i % 3),
            f"form {i // 3} " + "long " * (i % 5),
            Amount(low, high, low, high), kind, "", "secondary" if i % 2 else "primary", check,
        )
        for i, (low, high) in enumerate(amounts)
    )  # fmt: skip
    found = tuple(Limit(f"l{v:g}", "upper", f"limit {v:g}", v, "primary", "x") for v in limits)
    return ElementalDoses("Mg", doses, found)


def assert_tidy(axes: Any) -> list[boxes.Seen]:
    seen = boxes.assert_tidy(axes)
    assert charts.edge_is_empty(axes)
    scale = axes.get_figure(root=True).dpi / 72
    for line in axes.lines:
        if line.get_marker() in ("o", "s"):
            half = line.get_markersize() * scale / 2 - 1
            for x, y in axes.transData.transform(np.column_stack(line.get_data())):
                mark = np.array([(x - half, y - half), (x + half, y - half), (x + half, y + half),
                                 (x - half, y + half)])  # fmt: skip
                assert not [one.text for one in seen if boxes.overlaps(one.corners, mark, 1.0)]
    return seen


def positions(axes: Any) -> list[float]:
    """Return the doses at which marks are drawn, by the ticks of the axis."""
    seen = {one.text: one for one in boxes.texts(axes)}
    ticks = {float(text.replace(",", "")): one for text, one in seen.items()
             if one.artist.get_ha() == "center" and one.artist.get_va() == "top"
             and text.replace(",", "").isdigit()}  # fmt: skip
    low, high = min(ticks), max(ticks)
    x0, x1 = (ticks[end].artist.get_position()[0] for end in (low, high))
    return [
        low + (float(x) - x0) / (x1 - x0) * (high - low)
        for line in axes.lines
        if line.get_marker() in ("o", "s")
        for x in line.get_xdata()
    ]


def test_every_mark_lies_at_its_dose(review: Review) -> None:
    doses = elemental_doses(review)
    axes = dose_axis(doses, ranges_in_claims(review)[2:])
    assert_tidy(axes)
    wanted = {
        round(end) for dose in doses.known if dose.amount for end in (dose.amount.low,
                                                                      dose.amount.high)
    }  # fmt: skip
    assert {round(x) for x in positions(axes)} == wanted


def test_the_bars_are_the_two_readings(review: Review) -> None:
    stated = stated_range(review, 200, 400)
    axes = dose_axis(elemental_doses(review), [stated])
    bars = [patch for patch in axes.patches if 0 < patch.get_height() < 0.2]
    assert len(bars) == 2
    assert bars[1].get_width() / bars[0].get_width() == pytest.approx(stated.factor, rel=1e-6)
    # Told apart by hatching as well as by their fill.
    assert [bool(bar.get_hatch()) for bar in bars] == [False, True]


@pytest.mark.parametrize("size", [(3.0, 3.0), (5.0, 4.0), (8.0, 2.5), (10.0, 12.0)])
def test_given_axes_are_filled_and_nothing_is_cut(
    review: Review, size: tuple[float, float]
) -> None:
    _, ax = plt.subplots(figsize=size)
    boxes.assert_tidy(dose_axis(elemental_doses(review), ranges_in_claims(review), ax))


@pytest.mark.parametrize(
    ("amounts", "limits"),
    [
        ([(1, 1)], ()),
        ([(0.002, 0.004)], (0.003,)),
        ([(5000, 90000)], (250, 350)),
        ([(10, 10)], (100, 100.5, 101, 102, 110)),
        ([(i + 1, 2 * i + 1) for i in range(25)], (10, 20)),
    ],
)
@pytest.mark.parametrize("kind", [COMPUTED, DISPUTED])
def test_whatever_the_doses_and_limits_nothing_overlaps(
    amounts: list[tuple[float, float]], limits: tuple[float, ...], kind: str
) -> None:
    assert_tidy(dose_axis(made_up(*amounts, kind=kind, limits=limits)))


def test_all_of_it_is_in_words(review: Review) -> None:
    doses = elemental_doses(review)
    axes = dose_axis(doses, [stated_range(review, 200, 400)])
    text = alt_text(axes)
    for dose in doses.doses:
        assert dose.label in text
    assert "seven are at or below 250 mg" in text
    assert "28 to 56 mg read as the compound" in text
    said = charts.joined(boxes.texts(axes))
    assert "second-hand" in said
    assert "350" in said


def test_without_a_dose_a_sentence_stands_there() -> None:
    assert "no daily dose of magnesium is known" in alt_text(dose_axis(made_up()))


def test_another_element_belongs_into_another_figure(review: Review) -> None:
    stated = replace(stated_range(review, 1, 2), element="Zn")
    with pytest.raises(InvalidArgumentError, match="figure of its own"):
        dose_axis(elemental_doses(review), [stated])
