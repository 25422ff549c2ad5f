"""Molloy, O'Carroll and Ferguson 2014, Annals of Behavioral Medicine 47:92-101.

Conscientiousness and medication adherence: a meta-analysis of 16 studies. The abstract prints
r = 0.15 (95% CI 0.09 to 0.21); here by random effects of Fisher's z, and each estimator of tau²
gives the printed digits. The inputs are those of R's metadat, `dat.molloy2014`.
"""

from __future__ import annotations

import math

import pytest

from evidence.synthesis import pool

#: Study, people, correlation.
STUDIES = (
    ("Axelsson 2009", 109, 0.187),
    ("Axelsson 2011", 749, 0.162),
    ("Bruce 2010", 55, 0.340),
    ("Christensen 1999", 107, 0.320),
    ("Christensen & Smith 1995", 72, 0.270),
    ("Cohen 2004", 65, 0.000),
    ("Dobbels 2005", 174, 0.175),
    ("Ediger 2007", 326, 0.050),
    ("Insel 2006", 58, 0.260),
    ("Jerant 2011", 771, 0.010),
    ("Moran 1997", 56, -0.090),
    ("O'Cleirigh 2007", 91, 0.370),
    ("Penedo 2003", 116, 0.000),
    ("Quine 2012", 537, 0.150),
    ("Stilley 2004", 158, 0.240),
    ("Wiebe & Christensen 1997", 65, 0.040),
)


@pytest.mark.parametrize("tau2_method", ["DL", "REML", "PM"])
def test_the_printed_correlation(tau2_method: str) -> None:
    # z = artanh r, with variance 1 / (n - 3)
    result = pool(
        [math.atanh(r) for _, _, r in STUDIES],
        [1 / (n - 3) for _, n, _ in STUDIES],
        labels=[study for study, _, _ in STUDIES],
        tau2_method=tau2_method,
        ci_method="Wald",
    )
    r, low, high = (math.tanh(x) for x in (result.estimate, result.ci_low, result.ci_high))
    assert f"{r:.2f}, {low:.2f}, {high:.2f}" == "0.15, 0.09, 0.21"
