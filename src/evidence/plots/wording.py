"""The alternative text of a figure: sentences made from the numbers it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from evidence.display import capital, join_words, plural
from evidence.plots.direction_rows import DirectionRows
from evidence.plots.layout import ForestWords
from evidence.plots.lettering import one_line
from evidence.plots.numbers import band_text
from evidence.plots.rows import ForestRow, ForestRows

__all__ = ["LONGEST", "forest_in_words", "within"]

#: Characters of an alternative text: whoever listens to it cannot skim.
LONGEST = 950
_LONGEST_LABEL = 90


def within(first: Iterable[str], listed: Iterable[str], rest: str, last: Iterable[str]) -> str:
    """Join sentences, and leave out of the listed ones what would make the text endless.

    Parameters
    ----------
    first, last
        Sentences that are always there.
    listed
        Sentences of which as many are there as find room.
    rest
        Stands for those left out; `{}` is how many.
    """
    before, after, items = list(first), list(last), list(listed)
    for count in range(len(items), -1, -1):
        left = len(items) - count
        parts = [*before, *items[:count], *([rest.format(left)] if left else []), *after]
        text = " ".join(filter(None, parts))
        if len(text) <= LONGEST or count == 0:
            return text
    return ""


def forest_in_words(content: ForestRows, words: ForestWords) -> str:
    """Return the alternative text of a forest plot.

    Parameters
    ----------
    content
        The rows it shows.
    words
        Title, axis, sides and band.
    """
    title = f": {_short(words.title)}" if words.title else ""
    first = [f"Forest plot{title}, {content.counted}."]
    first.append(_axis(words))
    results = (row for row in content.rows if row.kind in {"pooled", "prediction"})
    first += [_sentence(content, row) for row in results]
    last = []
    if words.threshold is not None:
        edges = band_text(words.threshold, log=content.log)
        last.append(f"The band from {edges} is shaded: {_short(words.threshold_label)}.")
    rest = "And {} more"
    ends = [row.estimate for row in content.studies if math.isfinite(row.estimate)]
    if ends:
        low, high = (
            content.numbers(ForestRow("study", "", end, end, end))[0]
            for end in (min(ends), max(ends))
        )
        rest += f"; all effects lie from {low} to {high}"
    listed = _listed(content)
    return within(first, listed, f"{rest}.", last)


def _axis(words: ForestWords) -> str:
    sides = [text.strip("←→ ") for text in words.favours]
    text = f"The axis shows {_short(words.xlabel)}" if words.xlabel else "The axis shows the effect"
    if all(sides):
        text += f"; the left side {_short(sides[0])}, the right side {_short(sides[1])}"
    return f"{text}."


def _listed(content: ForestRows) -> list[str]:
    """Return a sentence for each study; a heading opens those of its readings."""
    found, heading = [], ""
    for row in content.rows:
        if row.kind == "heading":
            heading = f"{_short(row.label)}: "
        elif row.kind == "study":
            sentence = _sentence(content, row)
            found.append(f"{heading}{sentence}")
            heading = ""
    return found


def _sentence(content: ForestRows, row: ForestRow) -> str:
    label = _short(row.label)
    if row.tag and row.kind == "study":
        label = f"{row.tag}, {label}"
    elif row.indented and not re.match(r"\w [=<>]", label):
        label = capital(label)
    if row.tag and row.kind == "prediction":
        label = f"{label}, reading {row.tag}"
    estimate, interval = content.numbers(row)
    if row.kind == "prediction":
        return f"{label}: {interval}."
    numbers = estimate
    if interval:
        # Only the pooled results say what the interval is: the others follow suit.
        numbers += f" ({content.interval_head + ' ' if row.kind == 'pooled' else ''}{interval})"
    return f"{label}{', second-hand' if row.second_hand else ''}: {numbers}."


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST_LABEL else line[: _LONGEST_LABEL - 1].rstrip() + "…"


_SAID = {
    "treatment": "favours the treatment",
    "control": "favours the comparator",
    "none": "finds no difference",
    "mixed": "points both ways",
    "not reported": "states no direction",
}
_OF_SIGNIFICANCE = {"yes": " (significant)", "some": " (in part significant)"}


def directions_in_words(content: DirectionRows) -> str:
    """Return the alternative text of an effect-direction plot.

    Parameters
    ----------
    content
        Trials, domains and marks.
    """
    first = [
        (
            f"Effect-direction plot of {plural(len(content.trials), 'trial')} in "
            f"{plural(len(content.domains), 'domain')}."
        ),
        content.summary,
    ]
    if not content.trials:
        return " ".join(first[1:])
    told = ""
    for detail in ("names", "significance", "counts"):
        told = within(first, _by_domain(content, detail), _MORE_DOMAINS, [])
        if not re.search(_MORE_DOMAINS.format(r"\d+"), told):
            break
    return told


#: Stands for the domains that found no room.
_MORE_DOMAINS = "And {} more domains."


def _by_domain(content: DirectionRows, detail: str) -> list[str]:
    """Return a sentence for each domain: with the trials' names, or only how many they are."""
    found = []
    for domain in content.domains:
        groups: dict[str, list[str]] = {}
        for trial in content.trials:
            for cell in trial.cells:
                if cell.domain == domain:
                    strong = _OF_SIGNIFICANCE.get(cell.significant, "")
                    said = _SAID[cell.direction] + (strong if detail != "counts" else "")
                    groups.setdefault(said, []).append(_short(trial.label))
        parts = [
            f"{join_words(labels) if detail == 'names' else len(labels)} "
            f"{_agreed(said, len(labels))}"
            for said, labels in groups.items()
        ]
        found.append(f"{capital(_short(domain))}: {', '.join(parts)}.")
    return found


def _agreed(said: str, count: int) -> str:
    """Put the verb into the plural where several trials share it."""
    verb, _, others = said.partition(" ")
    return f"{verb.removesuffix('s') if count > 1 else verb} {others}"
