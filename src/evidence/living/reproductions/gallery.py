"""All published analyses that are computed again, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evidence.display import Display, Prose, capital, html_table, join_words, plural
from evidence.errors import ReviewNotFoundError
from evidence.living.reproductions.reproduction import (
    ROUNDING_RULE,
    Reproduction,
    reproduce,
    unbroken,
)
from evidence.living.reproductions.tables import FILE

__all__ = ["FOLDER", "Gallery", "find_reproductions", "reproduction_gallery"]

#: Where the papers lie in a clone.
FOLDER = Path("data") / "reproductions"


@dataclass(frozen=True)
class Gallery(Display):
    """Published analyses computed again.

    Attributes
    ----------
    reproductions
        One for each paper, in the order of their folders' names.
    """

    reproductions: tuple[Reproduction, ...]

    def __getitem__(self, name: str) -> Reproduction:
        for each in self.reproductions:
            if each.paper.name == name:
                return each
        known = ", ".join(each.paper.name for each in self.reproductions)
        raise KeyError(f"There is no paper {name!r}. Known are: {known}.")

    @property
    def unexplained(self) -> tuple[Reproduction, ...]:
        """The papers with a difference that has no stated reason."""
        return tuple(each for each in self.reproductions if not each.holds)

    @property
    def holds(self) -> bool:
        """Whether every printed number agrees, or differs for a stated reason."""
        return not self.unexplained

    def verdict(self) -> str:
        """Return the counts in a sentence."""
        total = sum(len(each.comparisons) for each in self.reproductions)
        agree = sum(len(each.agreeing) for each in self.reproductions)
        papers = plural(len(self.reproductions), "paper")
        return f"{capital(papers)}, {total} printed numbers: ours agree with {agree} of them."

    def differences(self) -> Prose:
        """Return what differs and why, in sentences computed from the comparisons."""
        found = [each for each in self.reproductions if each.differing]
        if not found:
            return Prose(f"{self.verdict()} Nothing differs. {ROUNDING_RULE}")
        count = sum(len(each.differing) for each in found)
        stated = sum(1 for each in found for c in each.differing if c.reason)
        head = (
            f"{self.verdict()} {capital(plural(count, 'number'))} of "
            f"{plural(len(found), 'paper')} {'differs' if count == 1 else 'differ'}, "
            f"{'all' if stated == count else stated} for a reason that is stated; none of them "
            f"is counted as agreeing. {ROUNDING_RULE}"
        )
        return Prose(head, *(_told(each) for each in found))

    def summary(self) -> str:
        """Return the counts and one line per paper."""
        lines = [
            f"{each.mark}: {each.paper.title}. {each.verdict()}" for each in self.reproductions
        ]
        return "\n".join([self.verdict(), *lines])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per paper."""
        return pd.DataFrame(
            [
                {
                    "name": each.paper.name,
                    "title": each.paper.title,
                    "studies": len(each.paper.studies.labels),
                    "printed": len(each.comparisons),
                    "agreeing": len(each.agreeing),
                    "differing": len(each.differing),
                    "unexplained": len(each.unexplained),
                    "holds": each.holds,
                    "citation": each.paper.citation,
                    "doi": each.paper.doi,
                }
                for each in self.reproductions
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {"holds": self.holds, "papers": [each.to_dict() for each in self.reproductions]}

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(
            {
                "published analysis": [each.paper.title for each in self.reproductions],
                "result": [unbroken(each.mark) for each in self.reproductions],
                "printed numbers": [str(len(each.comparisons)) for each in self.reproductions],
                "agree": [str(len(each.agreeing)) for each in self.reproductions],
                "differ": [str(len(each.differing)) for each in self.reproductions],
                "studies": [str(len(each.paper.studies.labels)) for each in self.reproductions],
                "analysed": [_kinds(each) for each in self.reproductions],
            }
        )
        right = ["studies", "printed numbers", "agree", "differ"]
        return html_table(shown, caption=self.verdict(), align_right=right)


def _kinds(reproduction: Reproduction) -> str:
    kinds = dict.fromkeys(each.kind for each in reproduction.paper.analyses)
    return join_words({"coherence": "interval against p value"}.get(each, each) for each in kinds)


def _told(reproduction: Reproduction) -> str:
    by_reason: dict[str, list[str]] = {}
    for each in reproduction.differing:
        told = f"{each.quantity} (printed {each.printed_text}, ours {each.our_text})"
        by_reason.setdefault(each.reason or "No reason is known.", []).append(told)
    parts = [f"{join_words(told)}. {reason}" for reason, told in by_reason.items()]
    return f"{reproduction.paper.title}: {' Also '.join(parts)}"


def reproduction_gallery(folder: str | Path | None = None) -> Gallery:
    """Compute every published analysis of a folder again.

    Parameters
    ----------
    folder
        Holds a folder for each paper; ``data/reproductions`` of the clone if not given.

    Returns
    -------
    Gallery

    Raises
    ------
    ReviewNotFoundError
        When there is no such folder, or no paper in it.
    InvalidReviewError
        With all problems of the first folder that has any.
    """
    path = find_reproductions() if folder is None else Path(folder).expanduser()
    papers = sorted(path.iterdir()) if path.is_dir() else []
    papers = [each for each in papers if each.is_dir() and not each.name.startswith(".")]
    if not papers:
        raise ReviewNotFoundError(
            f"There is no published analysis in {str(path)!r}. Each is a folder with a {FILE}."
        )
    return Gallery(tuple(reproduce(each) for each in papers))


def find_reproductions() -> Path:
    """Find the papers above the working directory, or else in this package's own clone.

    A folder of reviews need not hold them; they are the package's, and belong to its clone.
    """
    here = Path.cwd()
    for base in (here, *here.parents, *Path(__file__).resolve().parents):
        if (base / FOLDER).is_dir():
            return base / FOLDER
    raise ReviewNotFoundError(
        f"No folder {FOLDER} was found from here upwards. Run this inside a clone, or name the "
        "folder that holds the papers."
    )
