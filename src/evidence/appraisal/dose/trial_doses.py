"""Each trial's dose on the scale of the active element, and how it is known.

A dose is taken as reported where a report gives it as the element. Else it is worked out:
dose of the compound times the share of the element in it, by its formula. Where both are
reported they are held against each other within what their printed digits leave open. A pure
compound cannot hold more of the element than its formula says; less it can, where the
material holds water or anything else.

References
----------
Prohaska T, Irrgeher J, Benefield J, et al. (2022). Standard atomic weights of the elements 2021
(IUPAC Technical Report). Pure and Applied Chemistry 94:573-600.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.dose.amounts import Amount, daily_amount
from evidence.appraisal.dose.compounds import (
    Compound,
    active_element,
    compounds_in,
    compounds_named,
    list_compounds,
)
from evidence.appraisal.dose.limits import Limit, upper_limits
from evidence.data import Review
from evidence.data.formula import element_name
from evidence.data.frames import each_row
from evidence.display import Display, Table, capital, format_number, join_words, plural
from evidence.errors import UnknownNameError, did_you_mean

__all__ = [
    "BOTH",
    "COMPUTED",
    "DISPUTED",
    "NOT_KNOWN",
    "REPORTED",
    "ElementalDose",
    "ElementalDoses",
    "amount_text",
    "elemental_doses",
    "share_text",
]

#: How a dose of the element is known.
REPORTED, COMPUTED, BOTH = "reported", "computed", "reported, and checked"
DISPUTED, NOT_KNOWN = "read in two ways", "not known"

_REFERENCE = "The share is the atoms' weight over the molar mass; atomic weights by molmass."
_COLUMNS = (
    "study_id", "study", "form", "low", "high", "known", "path", "tier", "check", "told_elsewhere",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ElementalDose:
    """One study's daily dose of the element, in milligrams.

    Attributes
    ----------
    study_id, label, form
        Which study, and what it says of the form.
    amount
        The dose; None where it is not known.
    known
        ``"reported"``, ``"computed"``, ``"reported, and checked"``, ``"read in two ways"``
        or ``"not known"``.
    path
        How it came about, or why it did not, in words.
    tier
        The least near tier of the rows it rests on; empty where there are none.
    check
        The reported dose held against what the compound can hold.
    told_elsewhere
        What other documents say (registry, preprint), where they differ.
    """

    study_id: str
    label: str
    form: str
    amount: Amount | None
    known: str
    path: str
    tier: str
    check: Check
    told_elsewhere: str = ""

    def against(self, limit: float) -> str:
        """Return where the dose lies: ``"above"``, ``"at or below"``, ``"on both sides"``.

        Parameters
        ----------
        limit
            Milligrams a day. An unknown dose gives ``"not known"``.
        """
        if self.amount is None:
            return NOT_KNOWN
        if self.amount.low > limit:
            return "above"
        return "at or below" if self.amount.high <= limit else "on both sides"


@dataclass(frozen=True)
class ElementalDoses(Display):
    """The doses of several studies on the scale of the element.

    Attributes
    ----------
    element
        Its symbol.
    doses
        One for each study, in the order of `studies.csv`.
    limits
        The upper limits that the review knows, lowest first.
    roles
        Roles of the studies that were asked about.
    """

    element: str
    doses: tuple[ElementalDose, ...]
    limits: tuple[Limit, ...]
    roles: tuple[str, ...] = ("trial",)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each study, unrounded, with one column for each limit."""
        rows = []
        for dose in self.doses:
            ends = (dose.amount.low, dose.amount.high) if dose.amount else (math.nan, math.nan)
            rows.append(
                [
                    dose.study_id,
                    dose.label,
                    dose.form,
                    *ends,
                    dose.known,
                    dose.path,
                    dose.tier,
                    dose.check.status,
                    dose.told_elsewhere,
                    *(dose.against(limit.value) for limit in self.limits),
                ]
            )
        names = (*_COLUMNS, *(limit.fact_id for limit in self.limits))
        return pd.DataFrame(rows, columns=list(names))

    @property
    def known(self) -> tuple[ElementalDose, ...]:
        """Those with a dose, lowest first."""
        found = [dose for dose in self.doses if dose.amount is not None]
        return tuple(sorted(found, key=_size))

    @property
    def unknown(self) -> tuple[ElementalDose, ...]:
        """Those without."""
        return tuple(dose for dose in self.doses if dose.amount is None)

    @property
    def disputed(self) -> tuple[ElementalDose, ...]:
        """Those whose reports cannot all be right as printed."""
        return tuple(dose for dose in self.doses if dose.check.status == CONTRADICTION)

    def of_form(self, form: str) -> tuple[ElementalDose, ...]:
        """Return the known doses of one form, lowest first.

        Parameters
        ----------
        form
            As in `studies.csv`.
        """
        return tuple(dose for dose in self.known if dose.form.casefold() == form.casefold())

    def study(self, study_id: str) -> ElementalDose:
        """Return one study's dose.

        Parameters
        ----------
        study_id
            The study.
        """
        for dose in self.doses:
            if dose.study_id == study_id:
                return dose
        names = [dose.study_id for dose in self.doses]
        raise UnknownNameError(
            f"There is no dose of a study {study_id!r}. {did_you_mean(study_id, names)}"
        )

    def read(self) -> Table:
        """Return the table as it is read: rounded, and each dose with its path."""
        frame = pd.DataFrame(
            {
                "study": [dose.label for dose in self.doses],
                "form": [dose.form or "not stated" for dose in self.doses],
                f"mg of {element_name(self.element)} a day": [
                    amount_text(dose.amount) for dose in self.doses
                ],
                "how it is known": [dose.path for dose in self.doses],
                **{
                    f"{limit.value:g} mg, {limit.subject}": [
                        dose.against(limit.value) for dose in self.doses
                    ]
                    for limit in self.limits
                },
                "elsewhere": [dose.told_elsewhere for dose in self.doses],
            }
        )
        return Table(frame, caption=self.summary().splitlines()[0])

    def summary(self) -> str:
        """Return how many doses are known, how they lie to the limits, and what disagrees."""
        trials = set(self.roles) == {"trial"}
        total = plural(len(self.doses), *(("trial",) if trials else ("study", "studies")))
        known = self.known
        if not known:
            return f"Of {total}, no daily dose of {element_name(self.element)} is known."
        amounts = [dose.amount for dose in known if dose.amount]
        low, high = min(a.low for a in amounts), max(a.high for a in amounts)
        ends = Amount(low, high, low, high)
        parts = [
            (
                f"Of {total}, the daily dose of {element_name(self.element)} is known for "
                f"{len(known)}: {amount_text(ends)} mg."
            )
        ]
        for limit in self.limits:
            above = [dose.label for dose in known if dose.against(limit.value) == "above"]
            both = [dose.label for dose in known if dose.against(limit.value) == "on both sides"]
            said = f"Above {limit.value:g} mg a day ({limit.subject}): "
            said += join_words(above) if above else "none"
            if both:
                said += f"; {join_words(both)} on one reading and not on another"
            parts.append(f"{said}.")
        parts += [dose.check.sentence for dose in self.disputed]
        if self.unknown:
            names = join_words(dose.label for dose in self.unknown)
            parts.append(f"Not known: {names}.")
        return "\n".join(parts)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each study, unrounded."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not known."""
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        limits = {limit.fact_id: limit.value for limit in self.limits}
        return {"element": self.element, "limits": limits, "doses": rows}

    def _repr_html_(self) -> str:
        return self.read()._repr_html_()


def elemental_doses(
    review: Review, *, roles: Sequence[str] = ("trial",), element: str = ""
) -> ElementalDoses:
    """Work out each study's daily dose of the active element.

    Parameters
    ----------
    review
        The review, with the formulas of its compounds in `compounds.csv`.
    roles
        Roles of the studies that are asked about, as in `studies.csv`.
    element
        Symbol of the element; of the compounds' one element when empty.

    Returns
    -------
    ElementalDoses

    Raises
    ------
    InsufficientEvidenceError
        When the compounds name no element, or several, and none is given.
    """
    symbol = element or active_element(review)
    compounds = tuple(each for each in list_compounds(review) if each.element == symbol)
    studies = review.studies
    chosen = studies[studies["role"].astype(str).isin(list(roles))]
    doses = tuple(
        _dose_of(review, str(study_id), compounds, symbol) for study_id in chosen["study_id"]
    )
    return ElementalDoses(symbol, doses, upper_limits(review), tuple(roles))


def amount_text(amount: Amount | None) -> str:
    """Return a dose in words: ``250``, or ``117 to 125``.

    Parameters
    ----------
    amount
        The dose; None where it is not known.
    """
    if amount is None:
        return NOT_KNOWN
    low, high = _rounded(amount.low), _rounded(amount.high)
    return low if low == high else f"{low} to {high}"


def share_text(share: float) -> str:
    """Return a share in percent: ``14.10%``.

    Parameters
    ----------
    share
        From 0 to 1.
    """
    return f"{format_number(100 * share, 2)}%"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _size(dose: ElementalDose) -> tuple[float, float, str]:
    amount = dose.amount
    return (amount.low, amount.high, dose.label) if amount else (0.0, 0.0, dose.label)


def _dose_of(
    review: Review, study_id: str, compounds: Sequence[Compound], element: str
) -> ElementalDose:
    form = str(review.study(study_id)["form"])
    label = review.label(study_id)
    reported = _amounts(review, study_id, "dose_elemental", element)
    weighed = _amounts(review, study_id, "dose_compound")
    named = compounds_named(compounds, form)
    told, stage, others = _choose(reported)
    material = _choose(weighed)[0]
    computed = _contents(material.amount, named) if material else None
    check = _compare(label, told, material, named)
    amount: Amount | None
    rests: tuple[_Told, ...]
    if told is None and (material is None or computed is None):
        amount, known, rests = None, NOT_KNOWN, ()
        path = _why_not(review, study_id, material, compounds)
    elif told is None and material is not None:
        amount, known, rests = computed, COMPUTED, (material,)
        path = _computed_path(material, named, computed)
    else:
        assert told is not None
        amount, known, rests = told.amount, REPORTED, (told,)
        path = f"reported{'' if stage == 'published' else f' ({stage})'}: {told.value}"
        if amount_text(amount) not in told.value:
            path += f" = {amount_text(amount)} mg"
        if check.status == CONTRADICTION and computed is not None:
            amount, known = told.amount.joined(computed), DISPUTED
            rests = tuple(each for each in (told, material) if each)
        elif check.tested:
            known = BOTH
        if check.tested and material is not None:
            path += f"; {_computed_path(material, named, computed)}"
    tiers = {each.tier for each in rests}
    tier = "secondary" if "secondary" in tiers else "primary" if tiers else ""
    return ElementalDose(study_id, label, form, amount, known, path, tier, check, others)


@dataclass(frozen=True, slots=True)
class _Told:
    """One reported dose."""

    amount: Amount
    value: str
    stage: str
    tier: str


def _amounts(review: Review, study_id: str, item: str, element: str = "") -> list[_Told]:
    found = []
    for row in each_row(review.facts_of(study_id, item, stage="")):
        amount = daily_amount(review, int(row.Index), element)
        if amount is not None:
            stage = "published" if pd.isna(row.stage) else str(row.stage)
            found.append(_Told(amount, str(row.value), stage, str(row.tier)))
    return found


def _choose(reported: list[_Told]) -> tuple[_Told | None, str, str]:
    """Return the dose that is taken, its stage, and what others say that cannot mean the same.

    The published report comes before a registry entry or a preprint, its own words before
    someone's account of them.
    """
    if not reported:
        return None, "", ""
    order = {"published": 0, "registered": 1, "preprint": 2}
    ranked = sorted(reported, key=lambda each: (order[each.stage], each.tier == "secondary"))
    first = ranked[0]
    others = dict.fromkeys(
        f"{each.value} ({each.stage})" for each in ranked[1:] if not each.amount.meets(first.amount)
    )
    return first, first.stage, "; ".join(others)


def _contents(amount: Amount, named: Sequence[Compound]) -> Amount | None:
    """Return what an amount of a compound holds of the element, over all it may stand for."""
    if not named:
        return None
    shares = [compound.share for compound in named]
    return amount.times(min(shares), max(shares))


def _computed_path(material: _Told, named: Sequence[Compound], computed: Amount | None) -> str:
    waters = {each.hydration for each in named}
    apart = len(waters) == len(named) and "" not in waters
    shares = " or ".join(
        f"{share_text(each.share)} ({each.hydration if apart else each.formula})" for each in named
    )
    open_to = ""
    if computed is not None and computed.highest - computed.lowest > 0.1 * computed.high:
        span = amount_text(Amount(computed.lowest, computed.highest, 0, 0))
        open_to = "" if span == amount_text(computed) else f", {span} by the digits printed"
    return f"{material.value} × {shares} = {amount_text(computed)} mg{open_to}"


def _why_not(
    review: Review, study_id: str, material: _Told | None, compounds: Sequence[Compound]
) -> str:
    if material is None:
        return "no daily dose was read"
    path = f"{material.value}, and no source of the trial names a compound"
    told = review.facts_of(study_id, "form", stage="")
    for row in each_row(told):
        maybe = compounds_in(compounds, str(row.value))
        if maybe:
            contents = amount_text(_contents(material.amount, maybe))
            path += f"; were it {row.value}, as a source says ({row.tier}), {contents} mg"
            break
    return path


def _compare(
    label: str, told: _Told | None, material: _Told | None, named: Sequence[Compound]
) -> Check:
    """Hold a reported dose of the element against what the reported compound can hold."""
    name = f"dose of the element against dose of the compound, {label}"
    columns = ["compound", "formula", "share", "contents", "lowest", "highest", "reported"]
    if told is None or material is None or not named:
        missing = "the element" if told is None else "the compound"
        why = f"{label} gives no daily dose of {missing} that could be weighed"
        if told is not None and material is not None:
            why = f"the compound of {label} has no formula here"
        sentence = f"{capital(why)}, so the two doses cannot be compared."
        table = pd.DataFrame(columns=columns)
        return Check(
            name=name,
            status=CANNOT_BE_TESTED,
            sentence=sentence,
            table=table,
            reference=_REFERENCE,
        )
    rows = []
    for each in named:
        holds = material.amount.times(each.share)
        rows.append(
            [
                each.full_name,
                each.formula,
                each.share,
                holds.high,
                holds.lowest,
                holds.highest,
                told.amount.high,
            ]
        )
    contents = _contents(material.amount, named)
    assert contents is not None
    words = (
        f"{label} reports {told.value}, and {material.value}, which holds "
        f"{amount_text(contents)} mg by its formula"
    )
    status = OK
    if told.amount.lowest > contents.highest:
        status = CONTRADICTION
        words += (
            ": more than the pure compound can hold. Either that weight is of the element and "
            "not of the compound, or one of the two is a slip"
        )
    elif told.amount.highest < contents.lowest:
        words += (
            ": less than the pure compound holds, as where the material holds water or "
            "anything else"
        )
    else:
        words += ": they agree"
    table = pd.DataFrame(rows, columns=columns)
    return Check(name=name, status=status, sentence=words + ".", table=table, reference=_REFERENCE)
