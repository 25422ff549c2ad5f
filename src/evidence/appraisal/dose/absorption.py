"""Studies of absorption as they are: design, people, what was compared, what it can say.

A subgroup that was picked by its own result with one of two treatments moves back towards the
average with the other one, whatever the treatments do: regression to the mean. Where a report
gives the means of everybody and of such a subgroup, the means of all the others follow.

References
----------
Bland JM, Altman DG (1994). Regression towards the mean. BMJ 308:1499.
Bland JM, Altman DG (1994). Some examples of regression towards the mean. BMJ 309:780.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from evidence.data import Review
from evidence.data.frames import each_row
from evidence.display import Display, Table, capital, format_number, join_words, plural
from evidence.errors import InvalidArgumentError

__all__ = ["AbsorptionStudies", "Rest", "absorption_studies", "mean_of_the_rest"]

#: What the outcomes and facts of absorption say.
_WORD = "absorption"
_WAITING = "registered, no results are public"


@dataclass(frozen=True, slots=True)
class Rest:
    """The others, where a subgroup of the same people is reported beside everybody.

    Attributes
    ----------
    label, unit
        Study and unit.
    arms
        The two things compared.
    people, subgroup
        How many in all, and how many of them in the subgroup.
    everybody, chosen, others
        Two means each, in the order of `arms`.
    others_low, others_high
        What rounding of the printed means leaves open for the two means of the others.
    subgroup_label
        Who the subgroup is, as reported.
    """

    label: str
    unit: str
    arms: tuple[str, str]
    people: int
    subgroup: int
    everybody: tuple[float, float]
    chosen: tuple[float, float]
    others: tuple[float, float]
    others_low: tuple[float, float]
    others_high: tuple[float, float]
    subgroup_label: str

    def summary(self) -> str:
        """Return what follows for the others, and what the subgroup cannot show."""
        first, second = self.arms
        others = self.people - self.subgroup
        unit = "%" if self.unit == "percent" else f" {self.unit}"

        def pair(means: tuple[float, float]) -> str:
            a, b = (f"{format_number(mean, 1)}{unit}" for mean in means)
            return f"{a} with {first} and {b} with {second}"

        gap = self.others[0] - self.others[1]
        turned = gap * (self.chosen[0] - self.chosen[1]) < 0
        sure = self.others_low[0] > self.others_high[1] or self.others_high[0] < self.others_low[1]
        sentences = [
            (
                f"{self.label}: {pair(self.everybody)} over all {self.people} people; "
                f"{pair(self.chosen)} in {self.subgroup} of them ({self.subgroup_label})."
            ),
            (
                f"If all {self.people} stand behind the first two means, it was "
                f"{pair(self.others)} in the other {others}"
                f"{': the other way round' if turned and sure else ''}."
            ),
            (
                "People picked for a low value with one of two things are expected to come out "
                "higher with the other, whatever it is: regression to the mean. The subgroup "
                "cannot tell that from a difference between the two."
            ),
        ]
        return " ".join(sentences)


@dataclass(frozen=True)
class AbsorptionStudies(Display):
    """The studies of absorption of a review.

    Attributes
    ----------
    table
        `study_id`, `study`, `design`, `people`, `population`, `compared`, `found`, `can_say`,
        `tier`; one row for each study.
    rests
        Subgroups picked by their own result, and what follows for the others.
    shares
        Absorbed shares of one form by source: `form`, `share`, `where`.
    """

    table: pd.DataFrame
    rests: tuple[Rest, ...]
    shares: pd.DataFrame

    @property
    def disagreement(self) -> str:
        """Return in words where sources give one form different shares; empty where none do."""
        parts = []
        for form, mine in self.shares.groupby("form", sort=False):
            low, high = float(mine["share"].min()), float(mine["share"].max())
            if low > 0 and high > low:
                told = join_words(f"{row.share:g}% ({row.where})" for row in each_row(mine))
                parts.append(
                    f"Of {form}, {told} is said to be absorbed: figures that differ by a "
                    f"factor of {format_number(high / low, 1)}, so neither stands for the form."
                )
        return " ".join(parts)

    def read(self) -> Table:
        """Return the studies as a table to be read."""
        shown = self.table.drop(columns=["study_id"]).rename(columns={"can_say": "what it can say"})
        shown["people"] = ["" if math.isnan(n) else f"{n:.0f}" for n in self.table["people"]]
        return Table(shown, caption=self.summary().splitlines()[0])

    def summary(self) -> str:
        """Return how many studies there are, and what their subgroups and shares come to."""
        count = capital(plural(len(self.table), "study bears", "studies bear"))
        lines = [f"{count} on how much is absorbed; none of that is an effect on how people feel."]
        lines += [rest.summary() for rest in self.rests]
        if self.disagreement:
            lines.append(self.disagreement)
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each study."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        rows = self.table.astype(object)
        return {
            "studies": rows.where(rows.notna(), None).to_dict("records"),
            "others": [
                {
                    "study": rest.label,
                    "people": rest.people - rest.subgroup,
                    "means": list(rest.others),
                }
                for rest in self.rests
            ],
            "shares": self.shares.to_dict("records"),
        }

    def _repr_html_(self) -> str:
        return self.read()._repr_html_()


def absorption_studies(review: Review) -> AbsorptionStudies:
    """Collect what a review knows of absorption, and what each study of it can say.

    Parameters
    ----------
    review
        The review. A study counts where it reports an outcome of absorption (`domain`) of the
        review's treatment, where a fact of absorption was read in it, or where its role is
        `mechanism` and it concludes anything of the treatment's forms, or is registered and
        its results are not public.

    Returns
    -------
    AbsorptionStudies
    """
    outcomes = [o for o in review.plan.outcomes.values() if _WORD in o.domain]
    ids = {outcome.id for outcome in outcomes}
    rows, rests = [], []
    for study in each_row(review.studies):
        study_id = str(study.study_id)
        found, compared = _found(review, study_id, ids)
        facts = _facts_read_in(review, study_id)
        concluded = (
            [str(row.value) for row in each_row(review.facts_of(study_id, "conclusion"))]
            if str(study.role) == "mechanism" and _of_treatment(review, study)
            else []
        )
        waiting = str(study.role) == "mechanism" and str(study.status) == "registered"
        if waiting and _of_treatment(review, study) and not (found or facts or concluded):
            concluded = [_WAITING]
            compared = f"{study.intervention} against {study.comparator}"
        if not (found or facts or concluded):
            continue
        mine = [rest for outcome in outcomes for rest in _rests(review, study_id, outcome.id)]
        rests += mine
        rows.append(
            [
                study_id,
                str(study.label),
                str(study.design),
                float("nan") if pd.isna(study.n_randomised) else float(study.n_randomised),
                str(study.population),
                compared or str(study.intervention),
                "; ".join([*found, *facts, *concluded]),
                "nothing yet"
                if concluded == [_WAITING]
                else _can_say(str(study.design), bool(compared), bool(mine)),
                str(study.tier),
            ]
        )
    names = ["study_id", "study", "design", "people", "population", "compared", "found",
             "can_say", "tier"]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    return AbsorptionStudies(table, tuple(rests), _shares(review, ids))


def mean_of_the_rest(everybody: float, people: int, chosen: float, subgroup: int) -> float:
    """Return the mean of all the others, from the means of everybody and of a subgroup.

    ``(n m - k c) / (n - k)`` for `n` people with mean `m`, `k` of whom have mean `c`.

    Parameters
    ----------
    everybody, people
        Mean and number of all.
    chosen, subgroup
        Mean and number of the subgroup.

    Raises
    ------
    InvalidArgumentError
        When the subgroup is empty or everybody.
    """
    if not 0 < subgroup < people:
        raise InvalidArgumentError(
            f"subgroup: {subgroup} of {people} people is no part of them; give a number from 1 to "
            f"{people - 1}."
        )
    return (people * everybody - subgroup * chosen) / (people - subgroup)


def _of_treatment(review: Review, study: object) -> bool:
    words = f"{getattr(study, 'intervention', '')} {getattr(study, 'form', '')}".casefold()
    return review.plan.target.treatment.casefold() in words


def _found(review: Review, study_id: str, ids: set[str]) -> tuple[list[str], str]:
    """Return what a study reports of absorption, and what it compares."""
    found, compared = [], ""
    arms = review.arms
    mine = arms[(arms["study_id"] == study_id) & arms["outcome_id"].isin(ids)]
    for (_, time), group in mine.groupby(["outcome_id", "timepoint"], sort=False):
        unit = review.outcome(str(group["outcome_id"].iloc[0])).unit
        parts = []
        for row in each_row(group):
            mean = review.number("arms", int(row.Index), "mean")
            parts.append(f"{mean}{'%' if unit == 'percent' else f' {unit}'} with {row.arm}")
        people = group["n"].dropna()
        count = f", {plural(int(people.iloc[0]), 'person', 'people')}" if len(people) else ""
        found.append(f"{join_words(parts, 'against')} ({time}{count})")
        compared = compared or join_words(group["arm"], "against")
    contrasts = review.contrasts
    mine = contrasts[(contrasts["study_id"] == study_id) & contrasts["outcome_id"].isin(ids)]
    for row in each_row(mine[mine["estimate"].notna()]):
        outcome = review.outcome(str(row.outcome_id))
        number = review.number("contrasts", int(row.Index), "estimate")
        low, high = (review.number("contrasts", int(row.Index), c) for c in ("ci_low", "ci_high"))
        interval = f" (95% CI {low} to {high})" if low and high else ""
        found.append(f"{outcome.name}: difference of {number} {outcome.unit}{interval}")
        compared = compared or f"{row.treatment} against {row.comparator}"
    return found, compared


def _facts_read_in(review: Review, study_id: str) -> list[str]:
    """Return the facts of absorption whose source is named after the study."""
    facts = review.facts
    mine = facts[
        facts["quantity"].str.contains(_WORD, case=False)
        & facts["source_id"].str.startswith(f"{study_id}-")
    ]
    return [
        f"{row.subject}: {review.number('facts', int(row.Index), 'value')} {row.unit} absorbed"
        for row in each_row(mine)
    ]


def _can_say(design: str, comparative: bool, picked: bool) -> str:
    if not comparative:
        what = {
            "systematic review": "what its authors conclude of others' studies",
            "laboratory study": "something of single forms, one at a time",
        }.get(design, "what its authors conclude; no number to compare was read")
    elif design == "crossover trial":
        what = "of which of the two these people absorbed more"
    else:
        what = "how the two differ in these people"
    return what + ("; its subgroup was picked by its own result" if picked else "")


def _line(row: pd.Series) -> int:
    return int(str(row.name))


def _rests(review: Review, study_id: str, outcome_id: str) -> list[Rest]:
    """Return what follows for the others where the same two arms are reported twice."""
    rows = review.rows_of("arms", study_id, outcome_id)
    groups = []
    for time, group in rows.groupby("timepoint", sort=False):
        pair = [group[group["role"].astype(str) == role] for role in ("treatment", "control")]
        sizes = set(group["n"].dropna().astype(int))
        if all(len(each) == 1 and each["mean"].notna().all() for each in pair) and len(sizes) == 1:
            groups.append((sizes.pop(), str(time), [each.iloc[0] for each in pair]))
    if len(groups) != 2 or groups[0][0] == groups[1][0]:
        return []
    (small, time, chosen), (people, _, everybody) = sorted(groups, key=lambda each: each[0])
    if [str(row["arm"]) for row in chosen] != [str(row["arm"]) for row in everybody]:
        return []
    others, lows, highs = [], [], []
    for one, every in zip(chosen, everybody, strict=True):
        printed = [review.number("arms", _line(row), "mean") for row in (one, every)]
        part, whole = printed
        assert part is not None
        assert whole is not None
        others.append(mean_of_the_rest(whole.value, people, part.value, small))
        lows.append(mean_of_the_rest(whole.low, people, part.high, small))
        highs.append(mean_of_the_rest(whole.high, people, part.low, small))
    return [
        Rest(
            label=review.label(study_id),
            unit=review.outcome(outcome_id).unit,
            arms=(str(everybody[0]["arm"]), str(everybody[1]["arm"])),
            people=people,
            subgroup=small,
            everybody=(float(everybody[0]["mean"]), float(everybody[1]["mean"])),
            chosen=(float(chosen[0]["mean"]), float(chosen[1]["mean"])),
            others=(others[0], others[1]),
            others_low=(lows[0], lows[1]),
            others_high=(highs[0], highs[1]),
            subgroup_label=time.rpartition(", ")[2],
        )
    ]


def _shares(review: Review, ids: set[str]) -> pd.DataFrame:
    """Return the absorbed shares by form: of everybody in a study, and of facts."""
    rows = []
    for study_id in dict.fromkeys(review.arms["study_id"]):
        for outcome_id in ids:
            if review.outcome(outcome_id).unit != "percent":
                continue
            mine = review.rows_of("arms", str(study_id), outcome_id)
            if mine.empty:
                continue
            rows += [
                [str(row.arm), float(row.mean), review.label(str(study_id))]
                for row in each_row(mine[mine["n"] == mine["n"].max()])
            ]
    facts = review.facts
    wanted = facts["quantity"].str.contains(_WORD, case=False) & (facts["unit"] == "percent")
    for row in each_row(facts[wanted & facts["value"].notna()]):
        owner = str(row.source_id).partition("-")[0]
        known = set(review.studies["study_id"])
        where = review.label(owner) if owner in known else str(row.source_id)
        rows.append([str(row.subject), float(row.value), where])
    return pd.DataFrame(rows, columns=["form", "share", "where"])
