"""Doses on the scale of the element: by hand, at the edges, and on the worked case."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.small import copy_row, set_cells

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.dose.amounts import Amount, milligrams
from evidence.appraisal.dose.compounds import (
    active_element,
    compounds_in,
    compounds_named,
    compounds_required,
    list_compounds,
)
from evidence.appraisal.dose.limits import reference_intakes, upper_limits
from evidence.appraisal.dose.trial_doses import (
    BOTH,
    COMPUTED,
    DISPUTED,
    NOT_KNOWN,
    REPORTED,
    amount_text,
    elemental_doses,
)
from evidence.data import Review
from evidence.errors import InsufficientEvidenceError, UnknownNameError

Changed = Callable[..., Review]

# ---------------------------------------------------------------- compounds


def test_names_find_compounds_and_one_name_can_stand_for_two(review: Review) -> None:
    known = list_compounds(review)
    (one,) = compounds_named(known, "Magnesium  GLYCINATE")
    assert one.compound_id == "bisglycinate"
    assert {c.compound_id for c in compounds_named(known, "magnesium citrate")} == {
        "citrate-3-2",
        "citrate-1-1",
    }
    (water,) = compounds_named(known, "magnesium chloride, hexahydrate")
    assert water.formula == "MgCl2·6H2O"
    assert compounds_named(known, "not stated") == ()
    # The longest name counts, and a name that only looks alike does not.
    (hydrate,) = compounds_in(known, "tablets of magnesium L-threonate monohydrate, daily")
    assert hydrate.hydration == "monohydrate"
    assert compounds_in(known, "magnesium with saffron") == ()
    assert compounds_named(known, "magnesium") == ()


def test_weight_and_contents_turn_into_each_other(review: Review) -> None:
    for compound in list_compounds(review):
        assert compound.holds(compound.weighs(250)) == pytest.approx(250)
        assert compound.rest(250) + 250 == pytest.approx(compound.weighs(250))


def test_a_name_that_is_not_there_is_answered_with_the_nearest(review: Review) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'magnesium oxide'"):
        compounds_required(review, "magnesium oxyde")


def test_without_one_element_there_is_nothing_to_count_in(changed: Changed) -> None:
    assert active_element(changed()) == "Ca"
    two = partial(set_cells, table="compounds", line=3, formula="MgCl2", element="Mg")
    with pytest.raises(InsufficientEvidenceError, match=r"several elements \(Ca, Mg\)"):
        active_element(changed(two))


def test_a_review_without_compounds_says_what_it_needs(changed: Changed) -> None:
    def drop(folder: Path) -> None:
        (folder / "compounds.csv").unlink()

    with pytest.raises(InsufficientEvidenceError, match=r"has no row.*formula"):
        elemental_doses(changed(drop))


# ---------------------------------------------------------------- units


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("mg/day", 1),
        ("mg", 1),
        ("g/day", 1000),
        ("g a day", 1000),
        ("mcg/d", 0.001),
        ("µg per day", 0.001),
        ("mg, twice a day", 2),
        ("mg, three times a day", 3),
        ("mg once daily", 1),
        ("mmol/day", 24.305),
        ("mEq/day", 24.305 / 2),
    ],
)
def test_a_unit_is_so_many_milligrams_a_day(unit: str, factor: float) -> None:
    assert milligrams(unit, "Mg") == pytest.approx(factor, rel=1e-5)


@pytest.mark.parametrize(
    "unit", ["", "mg of oxide per intake", "mg/week", "IU/day", "mg/kg/day", "percent", "capsules"]
)
def test_what_is_no_weight_a_day_is_none(unit: str) -> None:
    assert math.isnan(milligrams(unit, "Mg"))


def test_moles_need_an_element_and_equivalents_one_charge() -> None:
    assert math.isnan(milligrams("mmol/day"))
    assert math.isnan(milligrams("mEq/day", "Fe"))


@given(
    st.floats(0.1, 1e4), st.floats(0.1, 1e4), st.floats(0.001, 1), st.floats(0.001, 1)
)  # fmt: skip
def test_amounts_keep_their_order(a: float, b: float, share: float, other: float) -> None:
    low, high = sorted((a, b))
    first, last = sorted((share, other))
    amount = Amount(low, high, 0.9 * low, 1.1 * high).times(first, last)
    assert amount.lowest <= amount.low <= amount.high <= amount.highest
    assert amount.meets(amount)
    joined = amount.joined(Amount(low, high, low, high))
    assert joined.low <= amount.low
    assert joined.high >= high


# ---------------------------------------------------------------- limits


def test_limits_are_read_from_the_facts(review: Review) -> None:
    assert [limit.value for limit in upper_limits(review)] == [250, 350]
    assert [limit.value for limit in reference_intakes(review)] == [310, 320, 400, 420]
    # The European one is now read at its own panel's.
    assert [limit.tier for limit in upper_limits(review)] == ["primary", "secondary"]


# ---------------------------------------------------------------- doses, made up


def test_a_dose_is_computed_with_its_path_and_its_rounding(changed: Changed) -> None:
    dose = elemental_doses(changed()).study("alpha2020")
    # 2.50 g of CaCO3: 40.078 / 100.086 of it is calcium.
    assert dose.amount is not None
    assert dose.amount.low == dose.amount.high == pytest.approx(2500 * 40.078 / 100.086, rel=1e-4)
    assert dose.amount.lowest == pytest.approx(2495 * 40.078 / 100.086, rel=1e-4)
    assert dose.amount.highest == pytest.approx(2505 * 40.078 / 100.086, rel=1e-4)
    assert dose.known == COMPUTED
    assert dose.path == "2.50 g/day × 40.04% (anhydrous) = 1,001 mg"
    assert dose.tier == "primary"
    assert dose.check.status == CANNOT_BE_TESTED


def test_what_is_not_known_says_why(changed: Changed) -> None:
    doses = elemental_doses(changed())
    beta = doses.study("beta2021")
    assert beta.amount is None
    assert (beta.known, beta.path, beta.tier) == (NOT_KNOWN, "no daily dose was read", "")
    assert [dose.study_id for dose in doses.unknown] == ["beta2021", "gamma2022"]
    assert beta.against(1) == NOT_KNOWN
    with pytest.raises(UnknownNameError, match="alpha2020"):
        doses.study("alpha2021")


def with_element(review: Path, value: str, unit: str = "mg/day", stage: str = "") -> None:
    """Report a dose of the element beside that of the compound."""
    copy_row(review, "study_facts", 2)
    lines = len((review / "study_facts.csv").read_text("utf-8").splitlines())
    set_cells(review, "study_facts", lines, item="dose_elemental", value=f"{value} {unit}",
              number=value, unit=unit, stage=stage)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "status", "known", "words"),
    [
        ("1001", OK, BOTH, "they agree"),
        ("1003", OK, BOTH, "they agree"),  # within 2.495 and 2.505 g
        ("1004", CONTRADICTION, DISPUTED, "more than the pure compound can hold"),
        ("998", OK, BOTH, "less than the pure compound holds"),
        ("1.0e3", OK, BOTH, "they agree"),
    ],
)
def test_a_reported_element_is_held_against_the_compound(
    changed: Changed, value: str, status: str, known: str, words: str
) -> None:
    dose = elemental_doses(changed(partial(with_element, value=value))).study("alpha2020")
    assert (dose.check.status, dose.known) == (status, known)
    assert words in dose.check.sentence
    assert dose.amount is not None
    assert dose.amount.high == pytest.approx(float(value))
    assert dose.amount.low <= dose.amount.high


def test_a_dose_of_an_unknown_compound_is_reported_only(changed: Changed) -> None:
    load = partial(with_element, value="900")
    dust = partial(set_cells, table="studies", line=2, form="moonwort dust")
    dose = elemental_doses(changed(load, dust)).study("alpha2020")
    assert dose.known == REPORTED
    assert "has no formula here" in dose.check.sentence


def test_a_registered_dose_counts_where_nothing_is_published(changed: Changed) -> None:
    load = partial(with_element, value="900", stage="registered")
    dose = elemental_doses(changed(load)).study("alpha2020")
    assert dose.path.startswith("reported (registered): 900 mg/day")


# ---------------------------------------------------------------- the worked case


def test_every_trial_has_its_dose_or_a_reason(review: Review) -> None:
    doses = elemental_doses(review)
    found = {d.study_id: amount_text(d.amount) for d in doses.known}
    assert found == {
        "schuster2025": "250",
        "abbasi2012": "500",
        "held2002": "729",
        "nielsen2010": "320",
        "rondanelli2011": "225",
        "hausenblas2024": "75",
        "lopresti2026": "145",
        "saba2022": "302 to 500",
        "jadidi2023": "151",
        "gorantla2024": "23 to 200",
        "liu2016": "117 to 165",
    }
    assert len(doses.known) + len(doses.unknown) == (review.studies["role"] == "trial").sum()
    assert all(d.path for d in doses.doses)
    assert {d.study_id for d in doses.disputed} == {"saba2022", "gorantla2024"}


def test_the_headline_material_holds_a_little_less_than_the_pure_compound(review: Review) -> None:
    dose = elemental_doses(review).study("schuster2025")
    assert dose.check.status == OK
    assert dose.check.table["contents"].item() == pytest.approx(1786 * 24.305 / 172.42, rel=1e-4)
    assert "less than the pure compound holds" in dose.check.sentence
    assert dose.against(250) == "at or below"
    assert dose.tier == "secondary"


def test_oxide_doses_agree_in_milligrams_and_in_moles(review: Review) -> None:
    doses = elemental_doses(review)
    held = doses.study("held2002")
    assert held.amount is not None
    assert held.amount.low == pytest.approx(30 * 24.305, rel=1e-4)
    assert held.check.status == doses.study("abbasi2012").check.status == OK


def test_an_unnamed_salt_is_only_a_condition(review: Review) -> None:
    dose = elemental_doses(review).study("breus2024")
    assert dose.amount is None
    assert "were it nano magnesium chloride, as a source says (secondary), 120 to 255 mg" in (
        dose.path
    )


def test_other_documents_are_told_where_they_differ(review: Review) -> None:
    told = elemental_doses(review).study("nielsen2010").told_elsewhere
    assert "registered" in told
    assert "preprint" in told


def test_above_the_limits(review: Review) -> None:
    text = elemental_doses(review).summary()
    assert "Above 350 mg a day" in text
    above = [d.study_id for d in elemental_doses(review).known if d.against(350) == "above"]
    assert sorted(above) == ["abbasi2012", "held2002"]


def test_the_faces_of_the_table(review: Review) -> None:
    doses = elemental_doses(review)
    json.dumps(doses.to_dict(), allow_nan=False)
    frame = doses.to_frame()
    assert len(frame) == len(doses.doses)
    assert {"upper-limit-us", "upper-limit-eu"} <= set(frame)
    html = doses._repr_html_()
    assert "Schuster 2025" in html
    assert ">nan<" not in html
    assert len(doses.of_form("magnesium bisglycinate")) == 1


def test_it_is_quick(review: Review) -> None:
    elemental_doses(review)
    start = perf_counter()
    elemental_doses(review)
    assert perf_counter() - start < 0.5
