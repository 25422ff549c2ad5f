"""Choices that every model for dependent effects shares."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.effects.arguments import check_level
from evidence.effects.measures.choices import check_choice

__all__ = ["DependenceOptions"]

TAU2_METHODS = ("REML", "ML")
CI_METHODS = ("t-contained", "t-residual", "Wald")


@dataclass(frozen=True, slots=True)
class DependenceOptions:
    """How variances are estimated and intervals computed; kept with the result.

    Attributes
    ----------
    tau2_method
        ``"REML"`` (the default: ML's variances are too small with few clusters) or
        ``"ML"``.
    ci_method
        ``"t-contained"`` (the default): t on the number of clusters that inform a
        coefficient less the number of coefficients, where the coefficient is one of
        clusters, and on rows less coefficients where it is one of rows within them;
        ``"t-residual"``: t on rows less coefficients for all; ``"Wald"``: normal.
    level
        Level of the confidence and prediction intervals.

    Notes
    -----
    None of them allows for the uncertainty of the variances as the robust intervals of
    `cluster_robust` do.

    References
    ----------
    Pinheiro JC, Bates DM (2000). Mixed-effects models in S and S-PLUS. Springer, section
    2.4.2 (degrees of freedom by containment).
    """

    tau2_method: str = "REML"
    ci_method: str = "t-contained"
    level: float = 0.95

    def __post_init__(self) -> None:
        check_choice("tau2_method", self.tau2_method, TAU2_METHODS)
        check_choice("ci_method", self.ci_method, CI_METHODS)
        check_level(self.level)

    def in_words(self) -> str:
        """Return the choices as a clause."""
        interval = {
            "t-contained": "t intervals with degrees of freedom by containment",
            "t-residual": "t intervals on rows less coefficients",
            "Wald": "Wald intervals",
        }[self.ci_method]
        return f"variances by {self.tau2_method}, {interval}"
