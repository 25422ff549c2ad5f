"""What an appraisal of risk of bias came to: studies, domains, weights, words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

import pandas as pd

from evidence.appraisal.risk_of_bias.facts import BearingFact
from evidence.data.bias_tools import NO_INFORMATION, OVERALL, BiasTool, Judged, StudyJudgements
from evidence.data.bias_tools.tool import CONCERNS
from evidence.display import Display, Table, capital, html_table, join_words, plural
from evidence.errors import UnknownNameError, did_you_mean

__all__ = ["RiskOfBias", "StudyBias"]

_FRAME = (
    "study_id", "label", "tool", "domain", "judgement", "origin", "recorded", "computed", "who",
    "when", "support", "tier", "others", "missing", "facts", "weight",
)  # fmt: skip
#: How many names a sentence takes before it only counts.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class StudyBias:
    """One study: its judgements, what bears on them, and the weight it carries.

    Attributes
    ----------
    label
        How sentences and figures name it.
    judgements
        What is judged with one tool.
    facts
        What bears on a domain, by domain; under ``"overall"`` who paid.
    share
        Its share of the weight in the analysis, from 0 to 1; NaN without one.
    """

    label: str
    judgements: StudyJudgements
    facts: Mapping[str, tuple[BearingFact, ...]]
    share: float = math.nan

    @property
    def study_id(self) -> str:
        """The study."""
        return self.judgements.study_id

    @property
    def tool(self) -> BiasTool:
        """The tool it is judged with."""
        return self.judgements.tool

    @property
    def columns(self) -> tuple[Judged, ...]:
        """Every domain in the order of the tool, and the study as a whole."""
        return (*self.judgements.domains, self.judgements.overall)

    @property
    def concern(self) -> str:
        """``"low"``, ``"some"``, ``"high"`` or ``"none"`` for the study as a whole."""
        return self.judgements.concern


@dataclass(frozen=True, slots=True, eq=False)
class RiskOfBias(Display):
    """The risk of bias of the studies of a review, or of one of its analyses.

    Attributes
    ----------
    studies
        One entry for each study and tool.
    analysis
        Title of the analysis; empty for the whole review.
    """

    studies: tuple[StudyBias, ...]
    analysis: str = ""

    @property
    def tools(self) -> tuple[BiasTool, ...]:
        """The tools, in the order in which studies come first."""
        return tuple({study.tool.name: study.tool for study in self.studies}.values())

    @property
    def weighted(self) -> bool:
        """Whether the studies carry weight in an analysis."""
        return any(math.isfinite(study.share) for study in self.studies)

    def of(self, study_id: str) -> StudyBias:
        """Return a study by its id; of several tools the one it is judged gravest with.

        Parameters
        ----------
        study_id
            The study.
        """
        found = [study for study in self.studies if study.study_id == study_id]
        if not found:
            hint = did_you_mean(study_id, [study.study_id for study in self.studies])
            raise UnknownNameError(f"The appraisal has no study {study_id!r}. {hint}")
        return max(found, key=lambda study: _rank(study.concern))

    def concern_shares(self) -> dict[str, float]:
        """Return the share of the weight by what the studies as wholes amount to.

        Returns
        -------
        dict
            ``"low"``, ``"some"``, ``"high"`` and ``"none"`` (nobody judged); they sum to 1.
        """
        shares = dict.fromkeys((*CONCERNS, "none"), 0.0)
        for study_id in dict.fromkeys(study.study_id for study in self.studies):
            study = self.of(study_id)
            shares[study.concern] += study.share
        return shares

    def shares(self) -> pd.DataFrame:
        """Return how many studies, and which share of them, have each judgement.

        Returns
        -------
        DataFrame
            `tool`, `domain` (its name), `judgement`, `studies`, `share` of the studies, and
            `weight`: their share of the weight, NaN without an analysis.
        """
        rows = []
        for tool in self.tools:
            mine = [study for study in self.studies if study.tool.name == tool.name]
            for place, judged in enumerate(mine[0].columns):
                for word in tool.words:
                    here = [study for study in mine if study.columns[place].word == word]
                    if here:
                        rows.append(
                            (
                                tool.name,
                                judged.domain.name,
                                word,
                                len(here),
                                len(here) / len(mine),
                                sum(study.share for study in here),
                            )
                        )
        columns = ["tool", "domain", "judgement", "studies", "share", "weight"]
        return pd.DataFrame(rows, columns=columns)

    def facts(self) -> Table:
        """Return the facts that bear on a domain, beside its judgement."""
        rows = [
            (
                study.label,
                judged.domain.name,
                judged.word,
                fact.sentence + (" †" if fact.tier == "secondary" else ""),
            )
            for study in self.studies
            for judged in study.columns
            for fact in study.facts.get(judged.domain.id, ())
        ]
        frame = pd.DataFrame(rows, columns=["study", "domain", "judgement", "what is known"])
        return Table(
            frame,
            caption="Facts that bear on a domain of bias; they are no judgements.",
            note="†: second-hand. Beside overall: who paid, for which the tools have no domain.",
        )

    def differences(self) -> Table:
        """Return where a recorded judgement is not the one that the tool's rules give."""
        rows = [
            (study.label, judged.domain.name, judged.recorded, judged.computed, judged.support)
            for study, judged in self._all()
            if judged.differs
        ]
        columns = ["study", "domain", "recorded", "by the tool's rules", "reason"]
        caption = (
            f"{capital(plural(len(rows), 'recorded judgement'))} "
            f"{'differs' if len(rows) == 1 else 'differ'} from the rules of the tool."
        )
        return Table(pd.DataFrame(rows, columns=columns), caption=caption)

    def _all(self) -> Iterator[tuple[StudyBias, Judged]]:
        for study in self.studies:
            for judged in study.columns:
                yield study, judged

    def summary(self) -> str:
        """Return who was judged how and by whom, the weight, and what is not known."""
        if not self.studies:
            return "There is no study whose risk of bias could be judged."
        parts = [*self._overall_in_words(), *self._domains_in_words()]
        if self.weighted:
            parts.append(self._weight_in_words())
        parts += self._differences_in_words()
        return " ".join(parts)

    def _overall_in_words(self) -> Iterator[str]:
        judged = [
            study for study in self.studies if study.judgements.overall.word != NO_INFORMATION
        ]
        if not judged:
            count = plural(len(self.studies), "study", "studies")
            yield f"Nobody judged the risk of bias of {_the(count)} as a whole."
            return
        groups: dict[tuple[str, str, str], list[str]] = {}
        for study in judged:
            overall = study.judgements.overall
            by = overall.who if overall.recorded else "the rule of the tool"
            groups.setdefault((overall.word, study.tool.name, by), []).append(study.label)
        for (word, tool, by), labels in groups.items():
            yield f"{capital(_named(labels))}: {word} ({tool}, by {by})."
        left = [study.label for study in self.studies if study not in judged]
        if left:
            verb = "has" if len(left) == 1 else "have"
            yield f"{capital(_named(left))} {verb} no overall judgement."

    def _domains_in_words(self) -> Iterator[str]:
        domains = [judged for _, judged in self._all() if judged.domain.id != OVERALL]
        known = [judged for judged in domains if judged.word != NO_INFORMATION]
        if not known:
            whose = "it" if len(self.studies) == 1 else "any of them"
            yield f"No domain of {whose} is judged: no information."
        elif len(known) < len(domains):
            yield (
                f"Of {len(domains)} domains {len(known)} are judged; on the others there is no "
                "information."
            )
        computed = [judged for judged in known if judged.origin == "computed"]
        if computed:
            verb = "is" if len(computed) == 1 else "are"
            count = capital(plural(len(computed), "domain judgement"))
            yield f"{count} {verb} computed from answers by the rules of the tool."

    def _weight_in_words(self) -> str:
        names = {
            "low": "at low risk of bias",
            "some": "with some concerns",
            "high": "at high risk",
            "none": "without an overall judgement",
        }
        told = [
            f"{_percent(share)} from studies {names[concern]}"
            for concern, share in self.concern_shares().items()
            if share > 0
        ]
        if len(told) == 1:
            return f"All of the weight comes {told[0].split(' ', 1)[1]}."
        return f"Of the weight, {told[0].replace(' ', ' comes ', 1)} and {join_words(told[1:])}."

    def _differences_in_words(self) -> Iterator[str]:
        differing = [(study, judged) for study, judged in self._all() if judged.differs]
        for study, judged in differing:
            reason = judged.support.rstrip(".")
            yield (
                f"{study.label}, {judged.domain.name}: recorded as {judged.recorded}, where the "
                f"rules of {study.tool.name} give {judged.computed} (reason: {reason})."
            )
        torn = [
            f"{s.label}, {j.domain.name} ({j.word}; {'; '.join(j.others)})"
            for s, j in self._all()
            if j.others
        ]
        if torn:
            yield f"Judged in more than one way, the gravest counts: {join_words(torn)}."

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each study and domain, and one for each study as a whole."""
        rows = [
            (
                study.study_id,
                study.label,
                study.tool.name,
                judged.domain.id,
                judged.word,
                judged.origin,
                judged.recorded,
                judged.computed,
                judged.who,
                judged.when,
                judged.support,
                judged.tier,
                "; ".join(judged.others),
                ", ".join(judged.missing),
                " ".join(fact.sentence for fact in study.facts.get(judged.domain.id, ())),
                study.share,
            )
            for study, judged in self._all()
        ]
        return pd.DataFrame(rows, columns=list(_FRAME))

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None where there is no weight."""
        rows = self.to_frame().to_dict("records")
        for row in rows:
            row["weight"] = row["weight"] if math.isfinite(row["weight"]) else None
        return {
            "analysis": self.analysis,
            "concerns": self.concern_shares() if self.weighted else None,
            "judgements": rows,
        }

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.summary())}</p>"]
        for tool in self.tools:
            mine = [study for study in self.studies if study.tool.name == tool.name]
            rows = []
            for study in mine:
                row = {"study": study.label}
                row |= {judged.domain.name: _cell(judged) for judged in study.columns}
                if self.weighted:
                    row["weight"] = _percent(study.share)
                rows.append(row)
            caption = f"{tool.name} ({tool.citation})"
            parts.append(html_table(pd.DataFrame(rows), caption=caption))
        notes = "*: computed from answers by the rules of the tool; †: second-hand."
        return "".join(parts) + f"<p><small>{notes}</small></p>"


def _cell(judged: Judged) -> str:
    mark = " *" if judged.origin == "computed" else ""
    return judged.word + mark + (" †" if judged.tier == "secondary" else "")


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%" if math.isfinite(share) else ""


def _rank(concern: str) -> int:
    return ("none", *CONCERNS).index(concern)


def _named(labels: list[str]) -> str:
    if len(labels) <= _NAMED:
        return join_words(labels)
    return plural(len(labels), "study", "studies")


def _the(count: str) -> str:
    return "the study" if count.startswith("one ") else f"the {count}"
