"""Thirteen trials of BCG vaccine against tuberculosis: the numbers of Colditz et al. 1994.

Colditz GA, Brewer TF, Berkey CS, Wilson ME, Burdick E, Fineberg HV, Mosteller F (1994).
Efficacy of BCG vaccine in the prevention of tuberculosis: meta-analysis of the published
literature. JAMA 271:698-702. As in R's metadat, `dat.bcg`.
"""

from __future__ import annotations

from evidence.effects import EffectSizes, log_risk_ratio

#: Trial; cases and non-cases with the vaccine; cases and non-cases without it.
TRIALS = (
    ("Aronson 1948", 4, 119, 11, 128),
    ("Ferguson & Simes 1949", 6, 300, 29, 274),
    ("Rosenthal 1960", 3, 228, 11, 209),
    ("Hart & Sutherland 1977", 62, 13536, 248, 12619),
    ("Frimodt-Moller 1973", 33, 5036, 47, 5761),
    ("Stein & Aronson 1953", 180, 1361, 372, 1079),
    ("Vandiviere 1973", 8, 2537, 10, 619),
    ("TPT Madras 1980", 505, 87886, 499, 87892),
    ("Coetzee & Berjak 1968", 29, 7470, 45, 7232),
    ("Rosenthal 1961", 17, 1699, 65, 1600),
    ("Comstock 1974", 186, 50448, 141, 27197),
    ("Comstock & Webster 1969", 5, 2493, 3, 2338),
    ("Comstock 1976", 27, 16886, 29, 17825),
)
LABELS = tuple(trial[0] for trial in TRIALS)


def log_risk_ratios() -> EffectSizes:
    """Return the logarithms of the trials' risk ratios, vaccine over none."""
    return log_risk_ratio(
        events_treatment=[a for _, a, _, _, _ in TRIALS],
        total_treatment=[a + b for _, a, b, _, _ in TRIALS],
        events_control=[c for _, _, _, c, _ in TRIALS],
        total_control=[c + d for _, _, _, c, d in TRIALS],
    )
