"""Thirteen trials of BCG vaccine against tuberculosis, as the folder of the paper holds them.

The trials are those of Colditz GA, Brewer TF, Berkey CS, Wilson ME, Burdick E, Fineberg HV,
Mosteller F (1994), JAMA 271:698-702; the numbers are those of R's metadat, `dat.bcg`.
"""

from __future__ import annotations

from tests.papers.published import FOLDER

from evidence.effects import EffectSizes, log_risk_ratio
from evidence.living.reproductions import read_paper

TRIALS = read_paper(FOLDER / "viechtbauer-2010-bcg").studies
LABELS = TRIALS.labels


def log_risk_ratios() -> EffectSizes:
    """Return the logarithms of the trials' risk ratios, vaccine over none."""
    return log_risk_ratio(**TRIALS.columns)
