"""Measures whose standard error depends on the effect itself, so that funnels are lopsided anyway.

References
----------
Harbord RM, Egger M, Sterne JAC (2006). A modified test for small-study effects in meta-analyses of
controlled trials with binary endpoints. Statistics in Medicine 25:3443-3457.
Peters JL, Sutton AJ, Jones DR, Abrams KR, Rushton L (2006). Comparison of two methods to detect
publication bias in meta-analysis. JAMA 295:676-680.
Pustejovsky JE, Rodgers MA (2019). Testing for funnel plot asymmetry of standardized mean
differences. Research Synthesis Methods 10:57-71.
"""

from __future__ import annotations

from typing import Any

from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution

__all__ = ["OWN_ERROR", "own_error_cautions"]

#: The code of the caution.
OWN_ERROR = "own-error"


def own_error_cautions(measure: Any) -> tuple[Caution, ...]:
    """Say where a standard error depends on the effect, and which tests allow for it.

    Parameters
    ----------
    measure
        The measure, on the log scale or not; or effect sizes, which know theirs. Of anything
        else nothing is said.
    """
    if isinstance(measure, EffectSizes):
        measure = measure.measure
    if not isinstance(measure, str):
        return ()
    if measure.endswith(LOG_MEASURES):
        return (
            Caution(
                OWN_ERROR,
                f"The standard error ({measure}) depends on the effect itself, most where events "
                "are few: without any heterogeneity or selection this test then finds "
                "asymmetry too often. With the counts peters_test or deeks_test takes its place, "
                "or harbord_test where studies do not differ.",
                "Peters et al. 2006, JAMA 295:676-680; Harbord, Egger and Sterne 2006, Statistics "
                "in Medicine 25:3443-3457",
            ),
        )
    if measure.startswith("standardised mean"):
        return (
            Caution(
                OWN_ERROR,
                f"The standard error ({measure}) depends on the effect itself, which makes a "
                "funnel lopsided where nothing is missing; with the people in each group "
                "pustejovsky_rodgers_test takes its place.",
                "Pustejovsky and Rodgers 2019, Research Synthesis Methods 10:57-71",
            ),
        )
    return ()
