"""The compounds that a review's substance comes in, and what must hold of their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evidence.data.columns import number_column, provenance_columns
from evidence.data.formula import element_share, molar_mass
from evidence.data.problems import Problem
from evidence.data.reported import ReportedNumber
from evidence.data.schema import Column, Kind, Table
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from evidence.data.csv_file import CsvFile, Row

__all__ = ["COMPOUNDS", "WEIGHTS_DIFFER", "check_compounds", "names_of"]

#: Tables of atomic weights differ by so much, as a share of a molar mass: the weights of
#: carbon, oxygen and others vary with where the material is from (Prohaska et al. 2022,
#: Pure and Applied Chemistry 94:573-600).
WEIGHTS_DIFFER = 0.0002

COMPOUNDS = Table(
    "compounds",
    "one compound of the active element, with its formula",
    (
        Column("compound_id", Kind.IDENTIFIER, "Short unique name.", required=True),
        Column(
            "name",
            Kind.TEXT,
            "Its name, in the words of `form` in `studies.csv`; where one name stands for "
            "several compounds, a row for each.",
            required=True,
        ),
        Column("also_called", Kind.TEXT, "Its other names, separated by semicolons."),
        Column(
            "formula",
            Kind.TEXT,
            "Its formula, water of crystallisation included, for example `CaCl2·2H2O`.",
            required=True,
        ),
        Column(
            "element",
            Kind.TEXT,
            "Symbol of the element that a dose is counted in, for example `Ca`.",
            required=True,
        ),
        Column("hydration", Kind.TEXT, "Water of crystallisation in a word, or `anhydrous`."),
        Column("carries", Kind.TEXT, "What the rest of the compound is called, as it is dosed."),
        number_column(
            "molar_mass",
            "Molar mass as printed in the source, in grams per mole: a check of the formula.",
            minimum=0,
            above_minimum=True,
        ),
        *provenance_columns(),
    ),
    key=("compound_id",),
)


def names_of(name: str, also_called: str) -> tuple[str, ...]:
    """Return every name of a compound.

    Parameters
    ----------
    name, also_called
        The cells of its row.
    """
    others = (part.strip() for part in also_called.split(";"))
    return tuple(dict.fromkeys(part for part in (name.strip(), *others) if part))


def check_compounds(files: Mapping[str, CsvFile]) -> list[Problem]:
    """Check that formulas are formulas, hold their element, and weigh what was printed.

    Parameters
    ----------
    files
        What was read from the CSV files, by table name.

    Returns
    -------
    list of Problem
    """
    file = files["compounds"]
    if not file.unread.isdisjoint({"formula", "element"}):
        return []
    return [problem for row in file.rows for problem in _check_row(row)]


def _check_row(row: Row) -> list[Problem]:
    formula, element = row["formula"], row["element"]
    if not formula or not element:  # a problem of its own
        return []
    try:
        mass = molar_mass(formula)
    except InvalidArgumentError:
        message = "this is not a chemical formula."
        accepted = "elements and counts, such as C4H8O5, Ca(OH)2 or CaCl2·2H2O"
        advice = "Capitals matter, and a charge is left out."
        return [_problem(row, "formula", message, formula, accepted, advice)]
    try:
        element_share(formula, element)
    except InvalidArgumentError as error:
        message = "the formula holds no such element."
        accepted = "the symbol of an element in the formula"
        return [_problem(row, "element", message, element, accepted, str(error))]
    printed = row["molar_mass"]
    if not printed or not row.sound("molar_mass"):
        return []
    reported = ReportedNumber(printed)
    if abs(mass - reported.value) <= reported.half_unit + WEIGHTS_DIFFER * mass:
        return []
    message = "the formula does not weigh what was printed."
    accepted = f"about {mass:.2f} g/mol, the molar mass of {formula}"
    advice = "One of the two has a slip, or the printed one is of another hydrate."
    return [_problem(row, "molar_mass", message, printed, accepted, advice)]


def _problem(
    row: Row, column: str, message: str, found: str, accepted: str, advice: str
) -> Problem:
    return Problem(COMPOUNDS.file, row.line, column, message, found, accepted, advice)
