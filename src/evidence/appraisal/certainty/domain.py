"""One of GRADE's domains: how many levels, why, and by which rule.

References
----------
Balshem H, Helfand M, Schünemann HJ, et al. (2011). GRADE guidelines: 3. Rating the quality
of evidence. Journal of Clinical Epidemiology 64:401-406.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AFFECTED_WEIGHT", "LEVELS", "Domain", "share_in_words"]

#: GRADE's four levels, highest first.
LEVELS = ("high", "moderate", "low", "very low")

#: A domain counts as serious where trials with at least half of the weight are affected.
AFFECTED_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Domain:
    """The suggestion for one domain.

    Attributes
    ----------
    name
        GRADE's name of the domain.
    levels
        How many levels to rate down: 0, 1 or 2.
    reason
        Why, in a sentence.
    reference
        Where the rule comes from.
    """

    name: str
    levels: int
    reason: str
    reference: str

    @property
    def word(self) -> str:
        """GRADE's word for the levels."""
        return ("not serious", "serious", "very serious")[self.levels]


def share_in_words(share: float) -> str:
    """Return a share of the weight in words.

    Parameters
    ----------
    share
        From 0 to 1.
    """
    return "all" if share > 0.995 else f"{100 * share:.0f}%"
