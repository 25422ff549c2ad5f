"""Hackshaw, Law and Wald 1997, BMJ 315:980-988: passive smoking and lung cancer, 37 studies.

The accumulated evidence on lung cancer and environmental tobacco smoke. The abstract prints an
excess risk of 24% (95% CI 13% to 36%); here by random effects (DerSimonian and Laird) of the
studies' relative risks with their intervals. The inputs are those of R's metadat,
`dat.hackshaw1998`.
"""

from __future__ import annotations

import math

from evidence.effects.conversions.spread import se_from_interval
from evidence.synthesis import pool

#: Study; relative risk and 95% interval, as printed.
STUDIES = (
    ("Garfinkel 1981", 1.18, 0.90, 1.54),
    ("Hirayama 1984", 1.45, 1.02, 2.08),
    ("Butler 1988", 2.02, 0.48, 8.56),
    ("Cardenas 1997", 1.20, 0.80, 1.60),
    ("Chan 1982", 0.75, 0.43, 1.30),
    ("Correa 1983", 2.07, 0.81, 5.25),
    ("Trichopolous 1983", 2.13, 1.19, 3.83),
    ("Buffler 1984", 0.80, 0.34, 1.90),
    ("Kabat 1984", 0.79, 0.25, 2.45),
    ("Lam 1985", 2.01, 1.09, 3.72),
    ("Garfinkel 1985", 1.23, 0.81, 1.87),
    ("Wu 1985", 1.20, 0.50, 3.30),
    ("Akiba 1986", 1.52, 0.87, 2.63),
    ("Lee 1986", 1.03, 0.41, 2.55),
    ("Koo 1987", 1.55, 0.90, 2.67),
    ("Pershagen 1987", 1.03, 0.61, 1.74),
    ("Humble 1987", 2.34, 0.81, 6.75),
    ("Lam 1987", 1.65, 1.16, 2.35),
    ("Gao 1987", 1.19, 0.82, 1.73),
    ("Brownson 1987", 1.52, 0.39, 5.96),
    ("Geng 1988", 2.16, 1.08, 4.29),
    ("Shimizu 1988", 1.08, 0.64, 1.82),
    ("Inoue 1988", 2.55, 0.74, 8.78),
    ("Kalandidi 1990", 1.62, 0.90, 2.91),
    ("Sobue 1990", 1.06, 0.74, 1.52),
    ("Wu-Williams 1990", 0.79, 0.62, 1.02),
    ("Liu 1991", 0.74, 0.32, 1.69),
    ("Jockel 1991", 2.27, 0.75, 6.82),
    ("Brownson 1992", 0.97, 0.78, 1.21),
    ("Stockwell 1992", 1.60, 0.80, 3.00),
    ("Du 1993", 1.19, 0.66, 2.13),
    ("Liu 1993", 1.66, 0.73, 3.78),
    ("Fontham 1994", 1.26, 1.04, 1.54),
    ("Kabat 1995", 1.10, 0.62, 1.96),
    ("Zaridze 1995", 1.66, 1.12, 2.45),
    ("Sun 1996", 1.16, 0.80, 1.69),
    ("Wang 1996", 1.11, 0.67, 1.84),
)


def test_the_printed_excess_risk() -> None:
    result = pool(
        [math.log(ratio) for _, ratio, _, _ in STUDIES],
        standard_errors=[
            se_from_interval(math.log(low), math.log(high)) for _, _, low, high in STUDIES
        ],
        labels=[study for study, _, _, _ in STUDIES],
        tau2_method="DL",
        ci_method="Wald",
    )
    excess = [
        round(100 * (math.exp(x) - 1)) for x in (result.estimate, result.ci_low, result.ci_high)
    ]
    assert excess == [24, 13, 36]
    assert result.p_value < 0.001
    assert result.k == 37
