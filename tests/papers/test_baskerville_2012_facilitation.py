"""Baskerville, Liddy and Hogg 2012, Annals of Family Medicine 10:63-74, 23 studies."""

from __future__ import annotations

import numpy as np
from tests.papers.published import comparison, differing, reproduction

from evidence.synthesis import pool

RESULT = reproduction("baskerville-2012-facilitation")


def test_only_z_differs() -> None:
    assert RESULT.holds
    assert differing(RESULT) == {("dl", "z", "8.76")}


def test_the_rounding_of_the_studies_can_hide_the_printed_z() -> None:
    # The stated reason, checked: move every number within its two printed decimals.
    columns = RESULT.paper.studies.columns
    effects, errors = (np.array(columns[name]) for name in ("estimate", "standard_error"))
    draws = np.random.default_rng(1).uniform(-0.005, 0.005, (200, 2, effects.size))
    found = [
        pool(effects + a, standard_errors=errors + b, tau2_method="DL", ci_method="Wald")
        for a, b in draws
    ]
    z = [each.estimate / each.standard_error for each in found]
    printed = comparison(RESULT, "dl", "z").printed.number
    assert min(z) < printed.low
    assert max(z) > printed.high
