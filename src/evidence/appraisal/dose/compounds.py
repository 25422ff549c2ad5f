"""The compounds of a review, and how much of each is the element that doses are counted in.

References
----------
Prohaska T, Irrgeher J, Benefield J, et al. (2022). Standard atomic weights of the elements 2021
(IUPAC Technical Report). Pure and Applied Chemistry 94:573-600.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evidence.data import Review
from evidence.data.compounds import names_of
from evidence.data.formula import element_share, molar_mass
from evidence.data.frames import each_row
from evidence.errors import InsufficientEvidenceError, UnknownNameError, did_you_mean

__all__ = [
    "Compound",
    "active_element",
    "compounds_in",
    "compounds_named",
    "compounds_required",
    "list_compounds",
]


@dataclass(frozen=True, slots=True)
class Compound:
    """One compound of the active element.

    Attributes
    ----------
    compound_id, formula, element, hydration, carries
        As in `compounds.csv`.
    names
        Its name, and then its other names.
    molar_mass
        Computed, in grams per mole.
    share
        How much of its mass is the element, from 0 to 1; computed.
    tier
        How near to a reference the formula was read.
    """

    compound_id: str
    names: tuple[str, ...]
    formula: str
    element: str
    hydration: str
    carries: str
    molar_mass: float
    share: float
    tier: str

    @property
    def name(self) -> str:
        """Its first name."""
        return self.names[0]

    @property
    def full_name(self) -> str:
        """Its name with its water, which tells two compounds of one name apart."""
        return f"{self.name}, {self.hydration}" if self.hydration else self.name

    def holds(self, amount: float) -> float:
        """Return how much of the element an amount of the compound holds."""
        return amount * self.share

    def weighs(self, amount: float) -> float:
        """Return how much of the compound holds an amount of the element."""
        return amount / self.share

    def rest(self, amount: float) -> float:
        """Return how much of the compound comes along with an amount of the element."""
        return self.weighs(amount) - amount

    def called(self, name: str) -> bool:
        """Whether a name, with or without its water, is one of the compound's."""
        wanted = _plain(name)
        with_water = (f"{each}, {self.hydration}" for each in self.names)
        return wanted in {_plain(each) for each in (*self.names, *with_water)}


def list_compounds(review: Review) -> tuple[Compound, ...]:
    """Return the compounds of a review, in the order of its table.

    Parameters
    ----------
    review
        The review with its table `compounds`.
    """
    return tuple(
        Compound(
            compound_id=str(row.compound_id),
            names=names_of(str(row.name), str(row.also_called)),
            formula=str(row.formula),
            element=str(row.element),
            hydration=str(row.hydration),
            carries=str(row.carries),
            molar_mass=molar_mass(str(row.formula)),
            share=element_share(str(row.formula), str(row.element)),
            tier=str(row.tier),
        )
        for row in each_row(review.compounds)
    )


def active_element(review: Review) -> str:
    """Return the symbol of the element that a review's doses are counted in.

    Parameters
    ----------
    review
        The review with its table `compounds`.

    Raises
    ------
    InsufficientEvidenceError
        When the table names none, or more than one.
    """
    found = sorted(set(review.compounds["element"]))
    if len(found) == 1:
        return str(found[0])
    what = f"names several elements ({', '.join(found)})" if found else "has no row"
    raise InsufficientEvidenceError(
        f"{review.name}: compounds.csv {what}, so there is no one element to count a dose in. "
        "Give each compound of the substance a row with its formula and that element."
    )


def compounds_named(compounds: Iterable[Compound], name: str) -> tuple[Compound, ...]:
    """Return the compounds that a name stands for: none, one, or several.

    Parameters
    ----------
    compounds
        Those known.
    name
        A name as in `form` of `studies.csv`; capitals do not matter.
    """
    return tuple(each for each in compounds if each.called(name))


def compounds_in(compounds: Iterable[Compound], text: str) -> tuple[Compound, ...]:
    """Return the compounds whose name stands in a text; of several names the longest.

    Parameters
    ----------
    compounds
        Those known.
    text
        Words of a claim, a label or a report.
    """
    known = tuple(compounds)
    plain = _plain(text)
    names = {name for each in known for name in each.names if _plain(name) in plain}
    if not names:
        return ()
    return compounds_named(known, max(names, key=lambda name: (len(name), name)))


def compounds_required(review: Review, form: str) -> tuple[Compound, ...]:
    """Return the compounds that a name stands for, or say which names are known.

    Parameters
    ----------
    review
        The review.
    form
        The name.

    Raises
    ------
    UnknownNameError
        When no compound has the name.
    """
    known = list_compounds(review)
    found = compounds_named(known, form)
    if not found:
        names = [name for each in known for name in each.names]
        raise UnknownNameError(
            f"compounds.csv of {review.name} has no compound {form!r}. {did_you_mean(form, names)}"
        )
    return found


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
