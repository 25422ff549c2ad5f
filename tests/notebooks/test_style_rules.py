"""The rules for prose find what they should find, and let pass what may stand."""

from __future__ import annotations

import re

import pytest
from tests.notebooks.test_style import EXCEPTED, typed_counts, typed_numbers, typed_verdicts


def bare(text: str) -> str:
    for pattern in EXCEPTED.values():
        text = re.sub(pattern, " ", text)
    return text


@pytest.mark.parametrize(
    "text",
    [
        "See [the trial](02-the-155-adult-trial.ipynb).",
        "Change `arms.csv` line `3`.",
        'An article says "200-400 mg is within the safe range".',
        "After Sterne et al. 2019 and Guyatt (2011).",
        "Cochrane Handbook, section 10.10.2.",
        "Rated by RoB 2 and by GRADE guidelines 26.",
    ],
)
def test_what_may_hold_digits(text: str) -> None:
    assert typed_numbers(bare(text)) == []


@pytest.mark.parametrize(
    "text",
    ["The difference is 1.6 points.", "Among 155 people it came out better.", "In 2019 it rose."],
)
def test_what_may_not(text: str) -> None:
    assert typed_numbers(bare(text)) != []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Three trials can be used.", True),
        ("The two small trials point one way.", True),
        ("No trial reported it.", True),
        ("One small trial found that.", True),
        ("Both readings of it stand here.", True),
        ("What one trial is worth.", False),
        ("No trial is left out without a reason.", False),
        ("GRADE asks five kinds of questions.", False),
        ("The two groups start alike.", False),
        ("One person may notice it.", False),
        ("What one study found is judged by its own numbers.", False),
        ("Two careful people can differ.", False),
    ],
)
def test_counts_in_words(text: str, found: bool) -> None:
    assert bool(typed_counts(text)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Magnesium improves sleep.", True),
        ("The result is not significant.", True),
        ("There is low certainty.", True),
        ("Magnesium works.", True),
        ("Whether it would improve sleep is asked here.", False),
        ("How certain is it?", False),
        ("The p-curve looks at significant results alone.", False),
    ],
)
def test_verdicts_in_prose(text: str, found: bool) -> None:
    assert bool(typed_verdicts(text)) is found
