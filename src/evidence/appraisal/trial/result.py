"""The appraisal of one trial: every reading, every line, one paragraph."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import pandas as pd

from evidence.appraisal.trial.battery import USUAL_OPTIONS, Battery, TrialOptions
from evidence.appraisal.trial.line import TrialLine
from evidence.appraisal.trial.seam import reading_names
from evidence.appraisal.trial.words import probability
from evidence.display import (
    Display,
    Prose,
    capital,
    format_p,
    html_table,
    join_words,
    plural,
)
from evidence.errors import Caution

__all__ = ["AppraisalTable", "TrialAppraisal"]


@dataclass(frozen=True)
class TrialAppraisal(Display):
    """What one trial is worth.

    Attributes
    ----------
    label
        The trial.
    subject
        What was compared, in a few words; empty where only numbers were given.
    readings
        One battery of questions for each reading of contradictory reports; else one.
    further
        Lines that do not hang on the reading: counts, people lost, responders, confounding.
    options
        The choices behind it.
    """

    label: str
    subject: str
    readings: tuple[Battery, ...]
    further: tuple[TrialLine, ...] = ()
    options: TrialOptions = USUAL_OPTIONS

    @property
    def lines(self) -> tuple[TrialLine, ...]:
        """Every line, reading by reading, and the further ones."""
        return (*(line for one in self.readings for line in one.lines), *self.further)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What a reader should know of how the effect was worked out, each once."""
        found = [caution for one in self.readings for caution in one.effect.cautions]
        return tuple(dict.fromkeys(found))

    @property
    def names(self) -> tuple[str, ...]:
        """A letter for each reading; empty for one reading."""
        return reading_names(len(self.readings))

    def paragraph(self) -> Prose:
        """Return what the trial is worth, in plain words."""
        head = capital(self.label) + (f", {self.subject}" if self.subject else "")
        paragraphs = []
        if not self.readings:
            paragraphs += [f"{head}. {line.sentence}" for line in self.further]
        if len(self.readings) > 1:
            count = plural(len(self.readings), "reading")
            paragraphs.append(
                f"{head}: what is reported allows {count} that cannot be right together, so "
                "each is appraised by itself."
            )
        for name, battery in zip(self.names, self.readings, strict=True):
            told = f"Reading {name} ({battery.effect.reading}). " if name else f"{head}. "
            paragraphs.append(told + _in_words(battery))
        return Prose(*paragraphs)

    def summary(self) -> str:
        """Return the paragraph and every line as plain text."""
        lines = [str(self.paragraph()), ""]
        for name, battery in zip(self.names, self.readings, strict=True):
            lines += [f"Reading {name}"] if name else []
            lines += [f"{line.what}: {line.sentence}" for line in battery.lines]
        for line in self.further:
            lines.append(
                (f"Reading {line.reading}: " if line.reading else "")
                + f"{line.what}: {line.sentence}"
            )
        lines += [f"Note: {caution.message}" for caution in self.cautions]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per line and reading, with unrounded values."""
        rows = []
        for name, battery in zip(self.names, self.readings, strict=True):
            rows += [(name, battery.effect.reading, line) for line in battery.lines]
        told = dict(zip(self.names, (one.effect.reading for one in self.readings), strict=True))
        rows += [(line.reading, told.get(line.reading, ""), line) for line in self.further]
        names = (
            "group", "what", "shown", "value", "sentence", "reference", "assumptions", "computed",
        )  # fmt: skip
        return pd.DataFrame(
            [(name, told, *(getattr(line, each) for each in names)) for name, told, line in rows],
            columns=["reading", "worked_out_from", *names],
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        rows = self.to_frame().to_dict("records")
        for row in rows:
            row["value"] = row["value"] if math.isfinite(row["value"]) else None
        return {
            "label": self.label,
            "subject": self.subject,
            "readings": [one.effect.to_dict() for one in self.readings],
            "thresholds": [
                {"value": each.value, "label": each.label}
                for one in self.readings[:1]
                for each in one.thresholds
            ],
            "in_words": list(self.paragraph().paragraphs),
            "lines": rows,
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        return self.paragraph()._repr_html_() + self.lines_html()

    @property
    def table(self) -> AppraisalTable:
        """The lines alone, without the paragraph."""
        return AppraisalTable(self)

    def lines_html(self) -> str:
        """Return the lines part by part, with what each rests on below them, as HTML."""
        parts = []
        every = self.to_frame()
        for group in dict.fromkeys(every["group"]):
            rows = every[every["group"] == group]
            table = html_table(_shown(rows), caption=group)
            parts.append(f'<div style="margin-top:1em">{table}</div>')
        notes = [f"<p><small>Note: {escape(c.message)}</small></p>" for c in self.cautions]
        basis = every.drop_duplicates("what")[["what", "reference", "assumptions"]]
        basis = basis.rename(columns={"assumptions": "takes for granted"})
        table = html_table(basis)
        told = "<summary>Where each line is from, and what it takes for granted</summary>"
        return "".join([*parts, *notes, f"<details>{told}{table}</details>"])


@dataclass(frozen=True)
class AppraisalTable(Display):
    """The lines of an appraisal, as a notebook shows them below its paragraph.

    Attributes
    ----------
    appraisal
        Whose lines they are.
    """

    appraisal: TrialAppraisal

    def summary(self) -> str:
        """Return every line as plain text."""
        return self.appraisal.summary()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per line and reading, with unrounded values."""
        return self.appraisal.to_frame()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return self.appraisal.to_dict()

    def _repr_html_(self) -> str:
        return self.appraisal.lines_html()


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of a group, what readings say alike only once."""
    found: list[tuple[str, str, str, str]] = []
    for what in dict.fromkeys(rows["what"]):
        mine = rows[rows["what"] == what]
        several = mine.drop_duplicates(["shown", "sentence"])
        for number, row in enumerate(several.itertuples()):
            name = "" if len(several) == 1 and len(mine) != 1 else str(row.reading)
            found.append((what if number == 0 else "", name, str(row.shown), str(row.sentence)))
    shown = pd.DataFrame(found, columns=["what is asked", "reading", "answer", "in words"])
    return shown if any(shown["reading"]) else shown.drop(columns="reading")


def _in_words(battery: Battery) -> str:
    effect, curve, shrunken = battery.effect, battery.curve, battery.shrunken
    words = effect.words
    sentences = [
        (
            f"The result fits best with {words.effect(curve.estimate)}, and not badly (p above "
            f"{1 - curve.level:.3g}) with everything within "
            f"{words.interval(curve.ci_low, curve.ci_high)}."
        ),
        _against_none(battery),
    ]
    if battery.thresholds:
        sentences.append(_against_thresholds(battery))
    if shrunken is None:
        sentences.append(
            f"What is to be expected of the true effect cannot be said: {effect.no_trial}."
        )
        return " ".join(sentences)
    sentences.append(
        "By what randomised trials usually show, the true effect is to be expected at about "
        f"{words.effect(shrunken.estimate)}; it is on the side of the estimate with probability "
        f"{probability(shrunken.right_sign)}, and an exact repeat of the trial would reach "
        f"p < 0.05 with probability {probability(shrunken.repeat)}."
    )
    return " ".join(sentences)


def _against_none(battery: Battery) -> str:
    curve, words = battery.curve, battery.effect.words
    rounded = round(curve.s_none)
    heads = plural(rounded, "head", "heads")
    told = (
        "which is no surprise at all"
        if rounded == 0
        else f"which is about as surprising as {heads} in a row from a fair coin"
    )
    printed = battery.effect.printed_p
    p = format_p(curve.p_none)
    if printed and printed != p:
        p = f"{p} (printed: {printed}, which the rounded digits allow)"
    return f"If there were {words.none}, a result this far away would have {p}, {told}."


def _against_thresholds(battery: Battery) -> str:
    """Say of each difference that matters whether the result fits with it, or with less."""
    curve, words, level = battery.curve, battery.effect.words, battery.curve.level
    fits: list[str] = []
    unfit: list[str] = []
    for value, p in zip(curve.thresholds, curve.p_thresholds, strict=True):
        (fits if p >= 1 - level else unfit).append(f"{words.effect(value)} ({format_p(p)})")
    parts = []
    if fits:
        parts.append(f"it fits with {join_words(fits)}")
    if unfit:
        parts.append(f"it fits badly with {join_words(unfit)}")
    smallest = battery.thresholds[0].value
    reached = abs(curve.estimate) >= smallest and curve.estimate * battery.effect.side > 0
    where = "reaches" if reached else "is smaller than"
    return (
        f"{capital(join_words(parts))}; the estimate {where} the smallest difference between "
        f"groups that somebody called important ({words.size(smallest)})."
    )
