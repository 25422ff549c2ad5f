"""Directness: how far each trial is from the question, as data.

What counts as direct, near and far is written in the review's `review.toml` (`[[directness]]`);
without rules form, comparator and population are compared with the target's words.

Reference
---------
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 8. Rating the quality of
evidence: indirectness. Journal of Clinical Epidemiology 64:1303-1310.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import pandas as pd

from evidence.appraisal.dose.trial_doses import ElementalDose, elemental_doses
from evidence.data import Review
from evidence.data.nearness import (
    ASPECTS,
    Nearness,
    aspects_of,
    domains_of,
    nearness_of,
    nearness_of_amounts,
)
from evidence.data.sections import DISTANCES
from evidence.display import Display, Prose, capital, html_table, join_words, plural
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.body import Synthesis, synthesise

__all__ = ["Directness", "Nearness", "appraise_directness"]

_COLUMNS = (
    "study_id",
    "label",
    "design",
    "status",
    "n",
    "population",
    "form",
    "comparator",
    "dose",
    "outcomes",
)
#: Doses by review: a review does not change once it is loaded, and every analysis asks for them.
_DOSES: WeakKeyDictionary[Review, dict[str, ElementalDose]] = WeakKeyDictionary()
_MARKS = {"direct": "✓", "near": "~", "far": "✗", "not stated": "?"}
#: How a paragraph begins to name the aspects, farthest first.
_WHAT = {
    "far": "far from the question in",
    "near": "near it in",
    "not stated": "not told of in",
}


@dataclass(frozen=True, slots=True)
class Directness(Display):
    """For each trial, how far it is from the question in every aspect, and in all.

    Attributes
    ----------
    table
        `study_id`, `label`, `design`, `status`, `n`, `population`, `form`, `comparator`,
        `dose`, `outcomes` (the domains it reports); for form, comparator and population
        `<aspect>_match`: ``"same"``, ``"other"`` or ``"not stated"``; and of the trial as a
        whole `overall` (``"direct"``, ``"near"``, ``"far"`` or ``"not stated"``) with `distance`,
        see `overall`.
    form
        The form asked about.
    aspects
        What is compared, in order.
    entries
        One for each trial and aspect, by study: what it tells, how far that is, and why.
    analysis
        Title of the analysis whose trials these are; empty for all trials of the review.
    weights
        Percent of the weight by reading of that analysis, each in the order of the table.
    """

    table: pd.DataFrame
    form: str
    aspects: tuple[str, ...] = ASPECTS
    entries: dict[str, tuple[Nearness, ...]] = field(default_factory=dict)
    analysis: str = ""
    weights: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def same_form(self) -> int:
        """How many trials tested the form asked about."""
        return int((self.table["form_match"] == "same").sum())

    def match(self, study_id: str, aspect: str) -> str:
        """Return ``"same"``, ``"other"`` or ``"not stated"`` for one trial and aspect."""
        found = self.nearness(study_id, aspect)
        return "not stated" if found is None else found.match

    def matches(self, study_id: str, aspect: str) -> bool:
        """Return whether a trial is direct in an aspect."""
        return self.match(study_id, aspect) == "same"

    def nearness(self, study_id: str, aspect: str) -> Nearness | None:
        """Return what is known of one trial and aspect; None where there is no such trial."""
        found = self.entries.get(study_id, ())
        return next((each for each in found if each.aspect == aspect), None)

    def overall(self, study_id: str) -> int | None:
        """Return how far a trial is as a whole: as far as in its farthest aspect.

        None where nothing that is stated is other than asked about, but something is not stated:
        such a trial is not known to be direct. That the farthest aspect decides is this
        project's convention.
        """
        return _overall(self.entries.get(study_id, ()))

    def discount_steps(self, study_id: str) -> int:
        """Return how many steps away from the question a trial's evidence is counted.

        The distance as a whole; a trial that is not known to be direct is one step away.
        """
        distance = self.overall(study_id)
        return 1 if distance is None else distance

    @property
    def direct(self) -> tuple[str, ...]:
        """The trials that are direct in every aspect, by study."""
        return tuple(study for study in self.entries if self.overall(study) == 0)

    def summary(self) -> str:
        """Return how many trials tested what is asked about."""
        if self.table.empty:
            return f"There is no trial, of {self.form} or of anything else."
        trials = "1 trial" if len(self.table) == 1 else f"{len(self.table)} trials"
        return f"{self.same_form} of {trials} tested {self.form}."

    def paragraph(self) -> Prose:
        """Return in words which trials are direct, and what keeps the others away."""
        k = len(self.table)
        if not k:
            return Prose(self.summary())
        labels = dict(zip(self.table["study_id"], self.table["label"], strict=True))
        direct = [str(labels[study]) for study in self.direct]
        where = f"of the analysis “{self.analysis}”" if self.analysis else "of this question"
        if k == 1:
            found = "is direct in every aspect" if direct else "is not direct in every aspect"
            first = f"The one trial {where}, {self.table['label'].iloc[0]}, {found}."
        elif direct:
            verb = "is" if len(direct) == 1 else "are"
            named = f"{join_words(direct)} {verb}"
            first = f"Of the {plural(k, 'trial')} {where}, {named} direct in every aspect."
        else:
            first = f"Of the {plural(k, 'trial')} {where}, none is direct in every aspect."
        parts = []
        for word, what in _WHAT.items():
            counts = {
                aspect: sum(self._word(study, aspect) == word for study in self.entries)
                for aspect in self.aspects
            }
            named = join_words(f"{aspect} ({count})" for aspect, count in counts.items() if count)
            if named:
                parts.append(f"{what} {named}")
        sentences = [first]
        if parts:
            sentences.append(f"Numbers of trials, by aspect: {'; '.join(parts)}.")
        if self.weights:
            sentences.append(self._weighed())
        return Prose(" ".join(sentences))

    def _weighed(self) -> str:
        direct = [study in self.direct for study in self.table["study_id"]]
        shares = [
            sum(weight for weight, counts in zip(weights, direct, strict=True) if counts)
            for weights in self.weights.values()
        ]
        low, high = (f"{share:.0f}%" for share in (min(shares), max(shares)))
        if low == high:
            return f"Direct trials carry {low} of the weight."
        return f"Direct trials carry {low} to {high} of the weight, depending on the reading."

    def _word(self, study_id: str, aspect: str) -> str:
        found = self.nearness(study_id, aspect)
        return "not stated" if found is None else found.word

    def to_frame(self) -> pd.DataFrame:
        """Return one row per trial."""
        return self.table

    def aspect_frame(self) -> pd.DataFrame:
        """Return one row per trial and aspect: entry, distance in words and steps, and reason."""
        labels = dict(zip(self.table["study_id"], self.table["label"], strict=True))
        rows = [
            (study, labels[study], each.aspect, each.entry, each.word, each.distance, each.reason)
            for study, found in self.entries.items()
            for each in found
        ]
        names = ["study_id", "label", "aspect", "entry", "nearness", "distance", "reason"]
        return pd.DataFrame(rows, columns=names).astype({"distance": "Int64"})

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        found: dict[str, object] = {
            "form": self.form,
            "same_form": self.same_form,
            "trials": self.table.to_dict("records"),
        }
        if self.weights:
            found["analysis"] = self.analysis
            found["weights"] = {name: list(each) for name, each in self.weights.items()}
        return found

    def _repr_html_(self) -> str:
        shown = self.table[["label", "design", "n"]].copy()
        for aspect in self.aspects:
            shown[aspect] = [self._cell(str(study), aspect) for study in self.table["study_id"]]
        shown["as a whole"] = [_marked(word, word) for word in self.table["overall"]]
        for name, weights in self.weights.items():
            head = f"weight % ({name})" if name and len(self.weights) > 1 else "weight %"
            shown[head] = [f"{each:.0f}" for each in weights]
        if not self.weights:
            shown["outcomes"] = self.table["outcomes"]
        note = "<p><small>✓: as the question asks; ~: near; ✗: far; ?: not stated.</small></p>"
        return html_table(shown, caption=self.summary()) + note

    def _cell(self, study_id: str, aspect: str) -> str:
        # Distance is marked in words and signs, so that it shows at a glance.
        found = self.nearness(study_id, aspect)
        return "" if found is None else _marked(found.entry, found.word)


def _marked(text: str, word: str) -> str:
    return f"{text or 'not stated'} {_MARKS[word]}"


def appraise_directness(
    review: Review, analysis_id: str | None = None, *, synthesis: Synthesis | None = None
) -> Directness:
    """Compare every trial of a review with its question, aspect by aspect.

    The rules of `review.toml` say what is direct, near and far. Without a rule an entry that
    starts with the target's words is direct, another one near; an empty entry or
    ``not stated`` is not stated. Nothing is guessed from similar words.

    Parameters
    ----------
    review
        The review; trials are the studies with the role ``trial`` and public results: what
        is only registered has tested nothing that could be read.
    analysis_id
        Only the trials of this analysis, with their weights, each by the outcome it is used
        for; what the analysis's first outcome measures is then what is asked about.
    synthesis
        That analysis, where it was carried out already.

    Returns
    -------
    Directness

    References
    ----------
    Guyatt et al. (2011): see the module.
    """
    if synthesis is not None and analysis_id not in (None, synthesis.analysis.id):
        raise InvalidArgumentError(
            f"analysis_id is {analysis_id!r} and synthesis is of {synthesis.analysis.id!r}: "
            "give one of the two."
        )
    if analysis_id is not None and synthesis is None:
        synthesis = synthesise(review, analysis_id)
    studies = review.studies
    outcomes: dict[str, str] = {}
    asked, title, weights = "", "", {}
    if synthesis is None:
        trials = studies[(studies["role"] == "trial") & (studies["status"] != "registered")]
        order = [str(study) for study in trials["study_id"]]
    else:
        outcomes = {c.study_id: c.outcome_id for c in synthesis.derivation.comparisons}
        asked = review.outcome(synthesis.analysis.outcomes[0]).domain
        title = synthesis.analysis.title
        order = list(outcomes)
        weights = {
            scenario.name: tuple(float(weight) for weight in scenario.result.weights)
            for scenario in synthesis.scenarios
        }
    aspects = aspects_of(review)
    doses = _doses(review) if "dose" in aspects else {}

    def found(study: str, aspect: str) -> Nearness:
        near = nearness_of(review, study, aspect, outcome_id=outcomes.get(study, ""), asked=asked)
        return _with_dose(review, near, doses[study]) if (aspect, study) in worked_out else near

    worked_out = {("dose", study) for study in doses}
    entries = {study: tuple(found(study, aspect) for aspect in aspects) for study in order}
    rows = [_row(review, study, each) for study, each in entries.items()]
    table = (
        pd.DataFrame(rows).astype({"n": "Int64", "distance": "Int64"})
        if rows
        else pd.DataFrame(
            columns=[
                *_COLUMNS,
                *(f"{aspect}_match" for aspect in ASPECTS),
                "overall",
                "distance",
            ]
        )
    )
    return Directness(table, review.plan.target.form, aspects, entries, title, weights)


def _doses(review: Review) -> dict[str, ElementalDose]:
    """Return the dose of the element that each trial gave, where the review knows the element."""
    if review not in _DOSES:
        try:
            _DOSES[review] = {dose.study_id: dose for dose in elemental_doses(review).doses}
        except InsufficientEvidenceError:
            _DOSES[review] = {}
    return _DOSES[review]


def _with_dose(review: Review, near: Nearness, dose: ElementalDose) -> Nearness:
    """Return the distance of a dose by what it amounts to, with the path where one was gone."""
    if dose.amount is None:
        return replace(near, distance=None, reason=f"{near.reason} {capital(dose.path)}.")
    ends = tuple(dict.fromkeys((dose.amount.low, dose.amount.high)))
    found = nearness_of_amounts(review, "dose", near.entry, ends)
    if dose.known.startswith("reported"):
        return found
    return replace(found, reason=f"{found.reason} {capital(dose.known)}: {dose.path}.")


def _row(review: Review, study_id: str, found: tuple[Nearness, ...]) -> dict[str, object]:
    trial = review.study(study_id)
    by_aspect = {each.aspect: each for each in found}
    distance = _overall(found)
    dose = by_aspect.get("dose") or nearness_of(review, study_id, "dose")
    return {
        "study_id": study_id,
        "label": trial["label"],
        "design": str(trial["design"]),
        "status": str(trial["status"]),
        "n": None if pd.isna(trial["n_randomised"]) else int(trial["n_randomised"]),
        "population": trial["population"],
        "form": trial["form"],
        "comparator": trial["comparator"],
        "dose": dose.entry,
        "outcomes": ", ".join(dict.fromkeys(domains_of(review, study_id).values())),
        **{f"{aspect}_match": by_aspect[aspect].match for aspect in ASPECTS},
        "overall": "not stated" if distance is None else DISTANCES[distance],
        "distance": distance,
    }


def _overall(found: tuple[Nearness, ...]) -> int | None:
    stated = [each.distance for each in found if each.distance is not None]
    farthest = max(stated, default=0)
    return None if farthest == 0 and len(stated) < len(found) else farthest
