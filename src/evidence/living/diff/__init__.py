"""What changed between two states of a review, and why, from the row up.

Enter two sides (reports, reviews, conclusions, git revisions); leave a list of changes,
each tied to its cause: rows -> effects -> pooled results -> certainty -> verdicts. What an
effect rests on is not guessed: each reading records its rows.
"""

from evidence.living.diff.changes import Change, ConclusionsComparison
from evidence.living.diff.compare import compare_conclusions
from evidence.living.diff.demonstration import Demonstration, demonstrate_change
from evidence.living.diff.last_report import what_changed

__all__ = [
    "Change",
    "ConclusionsComparison",
    "Demonstration",
    "compare_conclusions",
    "demonstrate_change",
    "what_changed",
]
