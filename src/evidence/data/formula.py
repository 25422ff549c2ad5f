"""Molar masses of chemical formulas, by `molmass`: how much of a compound an element is.

The atomic weights are those of the library, averages over the isotopes found in nature.
"""

from __future__ import annotations

import re
from functools import lru_cache

from evidence.errors import InvalidArgumentError

__all__ = ["atomic_weight", "charges", "element_name", "element_share", "molar_mass"]

#: One formula unit: elements, counts and brackets.
_UNIT = r"(?:[A-Z][a-z]?(?:[1-9]\d{0,3})?|[()\[\]]|(?<=[)\]])[1-9]\d{0,3})+"
#: Units joined by a dot, as in a hydrate; each but the first may have a count.
_FORMULA = re.compile(rf"{_UNIT}(?:[.·][1-9]?\d{{0,2}}{_UNIT})*", re.ASCII)
_ELEMENT = re.compile(r"[A-Z][a-z]?", re.ASCII)


def molar_mass(formula: str) -> float:
    """Return the mass of one mole of a compound in grams.

    Parameters
    ----------
    formula
        For example ``"C4H8O5"``, ``"Ca(OH)2"`` or ``"CaCl2·2H2O"``.

    Raises
    ------
    InvalidArgumentError
        When it is no formula.
    """
    return _read(formula)[0]


def element_share(formula: str, element: str) -> float:
    """Return how much of a compound's mass is one of its elements, from 0 to 1.

    The number of its atoms times its atomic weight, over the molar mass of the compound.

    Parameters
    ----------
    formula
        The compound.
    element
        Symbol of the element.

    Raises
    ------
    InvalidArgumentError
        When the formula or the symbol is none, or the compound does not hold the element.
    """
    atomic_weight(element)
    shares = dict(_read(formula)[1])
    if element not in shares:
        raise InvalidArgumentError(
            f"{formula} holds no {element}; it holds {', '.join(sorted(shares))}. "
            "Name one of these elements, or mend the formula."
        )
    return shares[element]


def atomic_weight(element: str) -> float:
    """Return the mass of one mole of an element's atoms in grams.

    Parameters
    ----------
    element
        Its symbol.

    Raises
    ------
    InvalidArgumentError
        When there is no such element.
    """
    from molmass import ELEMENTS

    if not _ELEMENT.fullmatch(str(element)) or element not in ELEMENTS:
        raise InvalidArgumentError(
            f"element: {element!r} is not the symbol of an element, such as 'Ca' or 'Fe'."
        )
    return float(ELEMENTS[element].mass)


def element_name(element: str) -> str:
    """Return the name of an element as it stands in a sentence.

    Parameters
    ----------
    element
        Its symbol.
    """
    from molmass import ELEMENTS

    atomic_weight(element)
    return str(ELEMENTS[element].name).lower()


def charges(element: str) -> tuple[int, ...]:
    """Return the usual positive charges of an element's ions.

    Parameters
    ----------
    element
        Its symbol.
    """
    from molmass import ELEMENTS

    atomic_weight(element)
    found = (int(each.strip(" *")) for each in ELEMENTS[element].oxistates.split(",") if each)
    return tuple(charge for charge in found if charge > 0)


@lru_cache(maxsize=256)
def _read(formula: str) -> tuple[float, tuple[tuple[str, float], ...]]:
    from molmass import ELEMENTS, Formula, FormulaError

    try:
        if not _FORMULA.fullmatch(formula):
            raise FormulaError("", "", 0)
        # A dot joins the parts of a hydrate; groups, peptides and the like are no formulas here.
        parsed = Formula(
            formula.replace("·", "."),
            parse_groups=False,
            parse_oligos=False,
            parse_fractions=False,
            allow_empty=False,
        )
        parts = tuple(parsed.composition().values())
        if any(part.symbol not in ELEMENTS for part in parts):  # isotopes
            raise KeyError(formula)
        return float(parsed.mass), tuple((part.symbol, float(part.fraction)) for part in parts)
    except (FormulaError, KeyError) as error:
        raise InvalidArgumentError(
            f"{formula!r} is not a chemical formula: write elements and counts, "
            "such as 'C4H8O5', 'Ca(OH)2' or 'CaCl2·2H2O'."
        ) from error
