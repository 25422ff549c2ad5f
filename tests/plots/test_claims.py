"""Claims by verdict: as many marks as claims, every sign in its row, nothing overlaps."""

from __future__ import annotations

from collections import Counter
from typing import Any

import matplotlib.pyplot as plt
import pytest
from tests.plots import boxes, charts

from evidence.data import load_review
from evidence.data.claim_tests import Call
from evidence.judgement import audit_claims
from evidence.judgement.claims import RULES, VERDICTS, AuditedClaim, ClaimAudit
from evidence.judgement.claims.evaluate import Outcome
from evidence.judgement.claims.finding import Finding
from evidence.plots import alt_text, claims_by_verdict

BY_VERDICT = {rule.verdict: rule for rule in RULES}


def made_up(**articles: dict[str, int]) -> ClaimAudit:
    """Return an audit with as many claims of each verdict, by article."""
    claims = []
    for article, counts in articles.items():
        for verdict, count in counts.items():
            outcome = Outcome(Call("none"), Finding("", ""), BY_VERDICT[verdict])
            name = article.replace("_", " ")
            claims += [
                AuditedClaim(f"{article}-{verdict}-{i}", article, name, "", "", "", outcome, ())
                for i in range(count)
            ]
    return ClaimAudit(tuple(claims))


def marks(axes: Any) -> list[int]:
    return [len(line.get_xdata()) for line in axes.lines if line.get_marker() == "s"]


def signs(axes: Any) -> Counter[str]:
    return Counter(one.text for one in boxes.texts(axes) if one.text in VERDICTS.values())


def assert_tidy(axes: Any) -> None:
    # A sign stands on its mark; everything else keeps apart.
    boxes.assert_tidy(axes)
    assert charts.edge_is_empty(axes)


def test_every_claim_has_its_mark_with_its_sign() -> None:
    audit = audit_claims(load_review("magnesium-sleep"))
    axes = claims_by_verdict(audit)
    assert_tidy(axes)
    assert sum(marks(axes)) == len(audit)
    found = signs(axes)
    for verdict, sign in VERDICTS.items():
        assert found[sign] == audit.count(verdict)


def test_the_numbers_beside_the_rows_are_the_counts() -> None:
    counts = dict(zip(VERDICTS, (3, 0, 1, 2, 5, 4), strict=True))
    axes = claims_by_verdict(made_up(One=counts))
    right = [one for one in boxes.texts(axes) if one.artist.get_ha() == "right"]
    right.sort(key=lambda one: -one.artist.get_position()[1])
    assert [one.text for one in right] == ["3", "0", "1", "2", "5", "4"]
    assert marks(axes) == [3, 1, 2, 5, 4]


S, *_, X = VERDICTS


@pytest.mark.parametrize(
    "audit",
    [
        made_up(One={S: 1}),
        made_up(One={X: 1}, Two={S: 60}),
        made_up(One=dict.fromkeys(VERDICTS, 400)),
        made_up(**{f"An_article_with_{'a_very_' * 12}long_name": {S: 2}, "B": {X: 3}}),
        made_up(**{f"Article_{i}": {S: i + 1} for i in range(8)}),
    ],
    ids=["one", "sixty", "hundreds", "long", "many"],
)
def test_whatever_the_claims_nothing_overlaps(audit: ClaimAudit) -> None:
    axes = claims_by_verdict(audit)
    assert_tidy(axes)
    assert sum(marks(axes)) == len(audit)


@pytest.mark.parametrize("size", [(3.0, 3.0), (5.0, 4.0), (8.0, 2.5), (10.0, 12.0)])
def test_given_axes_are_filled_and_nothing_is_cut(size: tuple[float, float]) -> None:
    _, ax = plt.subplots(figsize=size)
    audit = made_up(One=dict.fromkeys(VERDICTS, 7), Two={S: 2})
    boxes.assert_tidy(claims_by_verdict(audit, ax))


def test_all_of_it_is_in_words() -> None:
    text = alt_text(claims_by_verdict(made_up(One={S: 2, X: 1}, Two={X: 3})))
    assert text.startswith("Six claims of two articles: two are supported.")
    assert "Two: 0 supported" in text
    assert "3 cannot be checked." in text


def test_without_a_claim_a_sentence_stands_there() -> None:
    assert "No claim is recorded" in alt_text(claims_by_verdict(ClaimAudit(())))


def test_the_looks_differ_without_colour() -> None:
    assert len(set(VERDICTS.values())) == len(VERDICTS) == 6
