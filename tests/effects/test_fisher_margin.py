"""Fisher's test of all tables of one margin: against scipy and the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from evidence.effects.exact.fisher_margin import fisher_p, fisher_p_values
from evidence.effects.exact.outcome_changes import change_outcomes, group_with_smaller_risk

SIZES = st.integers(1, 60)


@given(SIZES, SIZES, st.data())
@settings(max_examples=60)
def test_every_table_of_a_margin_is_as_scipy_has_it(n1: int, n2: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, n1 + n2))
    low = max(0, events - n2)
    found = fisher_p_values(n1, n2, events)
    assert found.size == min(events, n1) - low + 1
    for place, p in enumerate(found):
        a = low + place
        c = events - a
        assert p == pytest.approx(fisher_exact([[a, n1 - a], [c, n2 - c]])[1], rel=1e-9)
        assert fisher_p(a, n1, c, n2) == p
        # Either outcome can be called the event, and either group come first.
        assert fisher_p(n1 - a, n1, n2 - c, n2) == pytest.approx(p, rel=1e-9)
        assert fisher_p(c, n2, a, n1) == pytest.approx(p, rel=1e-9)


def test_large_groups_keep_their_digits() -> None:
    support = np.arange(301)
    chances = hypergeom.pmf(support, 100_000, 300, 40_000)
    seen = chances[90]
    assert fisher_p(90, 40_000, 210, 60_000) == pytest.approx(
        chances[chances <= seen * (1 + 1e-7)].sum(), rel=1e-8
    )


def test_tables_one_person_apart() -> None:
    together = list(change_outcomes((1, 3, 2, 2), group=0, together=True))
    assert together == [(0, 1, (2, 3, 2, 2)), (0, 1, (3, 3, 2, 2))]
    # When the group has no events left, the other one gains, until all of it has the event.
    apart = list(change_outcomes((1, 3, 1, 2), group=0, together=False))
    assert apart == [(0, -1, (0, 3, 1, 2)), (1, 1, (0, 3, 2, 2))]
    assert group_with_smaller_risk((1, 10, 1, 9)) == 0
    assert group_with_smaller_risk((1, 9, 1, 10)) == 1
    assert group_with_smaller_risk((1, 10, 2, 20)) == 0
