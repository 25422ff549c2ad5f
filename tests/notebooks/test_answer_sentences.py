"""Change the data, and every affected sentence of the answer changes, and no other.

The notebook's cells are run in this process on altered copies of the review. What it says is
taken apart into units, each of which rests on some of the data; for each alteration stands here
which units have to change. All the others have to stay, word for word.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.judgement.altered import ALTERATIONS, copy_review
from tests.notebooks.sentences import told

from evidence.data import load_review

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01-the-answer.ipynb"

#: The units of what the notebook says, by what their pieces' names start with.
UNITS = {
    "question": "The answer: 0",
    "search": "The answer: 1",
    "found": "In a few sentences: 0",
    "size": "In a few sentences: 1",
    "sure": "In a few sentences: 2",
    "body": "In a few sentences: 3",
    "trust": "In a few sentences: 4",
    "row of the main outcome": "In one table: Insomnia severity or global sleep quality",
    "row of severity": "In one table: Insomnia severity",
    "row of falling asleep": "In one table: Falling asleep",
    "row of duration": "In one table: Sleep duration",
    "row of harms": "In one table: Adverse events",
    "below the table": "In one table: note",
    "verdict": "The verdict, and the rule behind it: answer",
    "verdict on the trial": "The verdict, and the rule behind it: trial",
    "picture": "In one picture",
    "level": "How sure are we?",
    "bias": "How sure are we?: risk of bias",
    "inconsistency": "How sure are we?: inconsistency",
    "indirectness": "How sure are we?: indirectness",
    "imprecision": "How sure are we?: imprecision",
    "missing": "How sure are we?: missing evidence",
    "gaps": "What would sharpen the answer most",
    "cautions": "What to keep in mind",
}
FOUND = {"found", "size", "sure", "verdict on the trial"}
#: What the trial behind the claim enters into.
SEVERITY = {"body", "row of the main outcome", "row of severity", "verdict", "picture", "bias"}
SHARES = {"inconsistency", "indirectness", "imprecision"}
ROWS = {"row of falling asleep", "row of duration", "row of harms"}

#: Which units each alteration changes.
CHANGES = {
    "as_it_is": set(),
    "bigger_effect": FOUND | SEVERITY | SHARES | {"trust", "level", "missing", "cautions"},
    "reversed_effect": FOUND | SEVERITY | SHARES,
    "no_difference": FOUND | SEVERITY | SHARES | {"cautions"},
    "wider_interval": FOUND - {"found"} | SEVERITY | {"cautions"},
    "clear_trial": SEVERITY | SHARES | {"trust", "level", "missing", "cautions"},
    "certain": SEVERITY | SHARES | ROWS | {"trust", "level", "missing", "gaps", "cautions"},
    "trial_removed": SEVERITY - {"row of severity"}
    | SHARES
    | {"trust", "level", "missing", "gaps", "cautions"},
    "thresholds_lowered": {"size", "verdict on the trial"},
    "threshold_added": {"verdict"},
    "no_gaps": {"trust", "gaps"},
    "search_dated": {"search"},
    "size_unknown": {"found"},
    "form_not_stated": {"found", "indirectness", "picture", "trust"},
    "read_first_hand": {"found", "picture", "cautions"},
}


def units(pieces: dict[str, str]) -> dict[str, str]:
    """Gather pieces into units; the order of cautions means nothing."""
    gathered: dict[str, list[str]] = {name: [] for name in UNITS}
    verdicts = 0
    for place, text in pieces.items():
        where = place.rstrip("'")
        if where.startswith("The verdict"):
            # The first piece of a verdict is its first sentence.
            verdicts += where.endswith(": 0")
            name = "verdict" if verdicts == 1 else "verdict on the trial"
        else:
            fitting = [n for n, start in UNITS.items() if where.startswith(start)]
            if where == "In one table: caption":
                continue
            assert fitting, f"{place!r} is no unit yet: say here what it is"
            name = max(fitting, key=lambda n: len(UNITS[n]))
        gathered[name].append(text)
    return {name: "\n".join(sorted(texts)) for name, texts in gathered.items()}


@pytest.fixture(scope="module")
def say(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], dict[str, str]]:
    """Return what the notebook says on an altered copy, unit by unit; each is run once."""
    made: dict[str, dict[str, str]] = {}

    def run(name: str) -> dict[str, str]:
        if name not in made:
            folder = copy_review(tmp_path_factory.mktemp(name))
            ALTERATIONS[name](folder)
            with pytest.MonkeyPatch.context() as patch:
                made[name] = units(told(NOTEBOOK, load_review(folder), patch))
        return made[name]

    return run


@pytest.mark.xdist_group("answer")
def test_every_unit_says_something(say: Callable[[str], dict[str, str]]) -> None:
    assert [name for name, text in say("as_it_is").items() if not text] == []


@pytest.mark.xdist_group("answer")
@pytest.mark.parametrize("name", CHANGES)
def test_precisely_the_affected_sentences_change(
    say: Callable[[str], dict[str, str]], name: str
) -> None:
    before, after = say("as_it_is"), say(name)
    changed = {unit for unit in UNITS if before[unit] != after[unit]}
    assert sorted(changed) == sorted(CHANGES[name])


@pytest.mark.xdist_group("answer")
@pytest.mark.parametrize("name", ALTERATIONS)
def test_the_notebook_runs_on_whatever_the_data_become(
    say: Callable[[str], dict[str, str]], name: str
) -> None:
    assert say(name)["question"] == say("as_it_is")["question"]


def test_ten_ways_to_change_the_data_are_tried() -> None:
    assert len([name for name, changed in CHANGES.items() if changed]) >= 10
    assert set().union(*CHANGES.values()) >= set(UNITS) - {"question", "below the table"}
