"""Molar masses and shares against hand algebra, and what is no formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.data.formula import atomic_weight, charges, element_name, element_share, molar_mass
from evidence.errors import InvalidArgumentError

#: Abridged standard atomic weights (Prohaska et al. 2022, table 1).
WEIGHTS = {"H": 1.008, "C": 12.011, "N": 14.007, "O": 15.999, "Mg": 24.305, "Cl": 35.45,
           "Ca": 40.078}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "atoms"),
    [
        ("C4H8MgN2O4", {"C": 4, "H": 8, "Mg": 1, "N": 2, "O": 4}),
        ("Mg(C2H4NO2)2", {"C": 4, "H": 8, "Mg": 1, "N": 2, "O": 4}),
        ("MgO", {"Mg": 1, "O": 1}),
        ("C12H10Mg3O14", {"C": 12, "H": 10, "Mg": 3, "O": 14}),
        ("MgCl2·6H2O", {"Mg": 1, "Cl": 2, "H": 12, "O": 6}),
        ("MgCl2.6H2O", {"Mg": 1, "Cl": 2, "H": 12, "O": 6}),
        ("Ca(OH)2", {"Ca": 1, "O": 2, "H": 2}),
    ],
)
def test_a_molar_mass_is_the_sum_of_its_atoms(formula: str, atoms: dict[str, int]) -> None:
    mass = sum(WEIGHTS[symbol] * count for symbol, count in atoms.items())
    assert molar_mass(formula) == pytest.approx(mass, rel=5e-5)
    for symbol, count in atoms.items():
        share = WEIGHTS[symbol] * count / mass
        assert element_share(formula, symbol) == pytest.approx(share, rel=1e-4)


def test_the_share_that_every_account_quotes() -> None:
    assert pytest.approx(element_share("C4H8MgN2O4", "Mg"), abs=1e-5) == 24.305 / 172.42
    assert round(100 * element_share("C4H8MgN2O4", "Mg"), 2) == 14.10
    assert 500 * element_share("C4H8MgN2O4", "Mg") == pytest.approx(70.5, abs=0.05)


@given(
    st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.integers(1, 200), min_size=1, max_size=6)
)
def test_shares_add_up_to_one_and_order_does_not_matter(atoms: dict[str, int]) -> None:
    formula = "".join(f"{symbol}{count}" for symbol, count in atoms.items())
    turned = "".join(f"{symbol}{count}" for symbol, count in reversed(atoms.items()))
    assert sum(element_share(formula, symbol) for symbol in atoms) == pytest.approx(1)
    assert molar_mass(formula) == pytest.approx(molar_mass(turned))
    twice = "".join(f"({symbol}{count})2" for symbol, count in atoms.items())
    assert molar_mass(twice) == pytest.approx(2 * molar_mass(formula))


@pytest.mark.parametrize(
    "text",
    ["", " ", "leaf", "mg", "Xy2", "GLYGLY", "Gly", "Mg++", "C2H5NO2+", "[Mg]2+", "C4H8(", ")", "1",
     "H2O0", "MgO·", "·MgO", "[13C]", "D", "O: 0.26", "Mg O", "MgO\n", "H99999", "ssdna(AC)"],
)  # fmt: skip
def test_what_is_no_formula_is_refused_and_told_how_to_write_one(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="write elements and counts") as error:
        molar_mass(text)
    assert repr(text) in str(error.value)


def test_an_element_that_is_none_or_is_not_in_it() -> None:
    with pytest.raises(InvalidArgumentError, match="it holds Mg, O"):
        element_share("MgO", "Ca")
    for symbol in ("magnesium", "", "Zz", "mg"):
        with pytest.raises(InvalidArgumentError, match="not the symbol of an element"):
            element_share("MgO", symbol)


def test_weights_charges_and_names() -> None:
    for symbol, weight in WEIGHTS.items():
        assert atomic_weight(symbol) == pytest.approx(weight, rel=1e-4)
    assert charges("Mg") == (2,)
    assert charges("Ca") == (2,)
    assert len(charges("Fe")) > 1
    assert element_name("Mg") == "magnesium"
