"""What a comparison found: changes by level, each with its causes, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import pandas as pd

from evidence.display import Display, capital, join_words

__all__ = ["LEVELS", "Change", "ConclusionsComparison"]

#: From what people enter to what the review says; a change on one level has its causes on
#: the levels before it.
LEVELS = {
    "row": "Data",
    "code": "Code",
    "effect": "Effects",
    "threshold": "Thresholds of the headline trial",
    "pooled": "Pooled results",
    "appraisal": "Appraisals",
    "certainty": "Certainty",
    "verdict": "Verdicts",
    "claim": "Claims",
}
_ARROW = "\N{RIGHTWARDS ARROW}"
#: What means something in Markdown outside a table.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~#&]")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed.

    Attributes
    ----------
    level
        One of `LEVELS`.
    kind
        ``"changed"``, ``"added"`` or ``"removed"``.
    what
        What changed.
    before, after
        What it was and is, as words; empty for what was or is not there.
    causes
        Why, each as half a sentence.
    verdict
        Whether this changes what the review says, and not only a number.
    """

    level: str
    kind: str
    what: str
    before: str = ""
    after: str = ""
    causes: tuple[str, ...] = ()
    verdict: bool = False

    def sentence(self) -> str:
        """Return the change and its causes as one line."""
        if self.kind == "changed":
            said = f"{self.before} {_ARROW} {self.after}" if self.before or self.after else ""
        elif self.kind == "added":
            said = f"new: {self.after}" if self.after else "new"
        else:
            said = f"no longer there (was: {self.before})" if self.before else "no longer there"
        said = said or "changed"
        why = f", because {join_words(self.causes)}" if self.causes else ""
        return f"{self.what}: {said}{why}"

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "level": self.level,
            "kind": self.kind,
            "what": self.what,
            "before": self.before,
            "after": self.after,
            "causes": list(self.causes),
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class ConclusionsComparison(Display):
    """What changed between two states of a review, and why.

    Attributes
    ----------
    old, new
        What the two sides are called.
    changes
        From the rows up to the verdicts.
    unchanged
        What stayed as it was although something under it moved.
    notes
        What could not be compared, and why.
    since
        The day the old side was computed, where that is known.
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    unchanged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    since: str = ""

    @property
    def verdict_changed(self) -> bool:
        """Whether what the review says changed, and not only its numbers."""
        return any(change.verdict for change in self.changes)

    def of(self, level: str) -> tuple[Change, ...]:
        """Return the changes on one level.

        Parameters
        ----------
        level
            One of `LEVELS`.
        """
        return tuple(change for change in self.changes if change.level == level)

    def headline(self) -> str:
        """Return in one sentence whether anything changed, and whether a verdict did."""
        if not self.old:
            return "There is no earlier report to compare with."
        if not self.changes:
            return f"Nothing changed from {self.old} to {self.new}."
        results = [change for change in self.changes if change.level not in ("row", "code")]
        if self.verdict_changed:
            what = "what it says changed"
        elif results:
            what = "numbers changed, and no verdict did"
        else:
            what = "no result changed"
        return f"From {self.old} to {self.new}: {what}."

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each level's heading and its sentences."""
        for level, title in LEVELS.items():
            found = [change.sentence() for change in self.of(level)]
            if found:
                yield title, found
        if self.unchanged:
            yield "As before", list(self.unchanged)
        if self.notes:
            yield "What could not be compared", list(self.notes)

    def summary(self) -> str:
        """Return everything as plain text."""
        lines = [self.headline()]
        for title, sentences in self.sections():
            lines += ["", f"{title}:", *(f"  {sentence}" for sentence in sentences)]
        return "\n".join(lines)

    def to_markdown(self) -> str:
        """Return everything as Markdown; nothing in the data turns into markup."""
        lines = [f"## What changed\n\n{_escaped(self.headline())}"]
        for title, sentences in self.sections():
            items = "\n".join(f"- {_escaped(sentence)}" for sentence in sentences)
            lines.append(f"### {title}\n\n{items}")
        return "\n\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per change."""
        columns = ["level", "kind", "what", "before", "after", "causes", "verdict"]
        rows = [{**change.to_dict(), "causes": "; ".join(change.causes)} for change in self.changes]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "old": self.old,
            "new": self.new,
            "since": self.since,
            "verdict_changed": self.verdict_changed,
            "changes": [change.to_dict() for change in self.changes],
            "unchanged": list(self.unchanged),
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.headline())}</p>"]
        for title, sentences in self.sections():
            items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
            parts.append(f"<p><strong>{escape(capital(title))}</strong></p><ul>{items}</ul>")
        return "".join(parts)


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
