"""The choices behind a regression, checked once and kept with its result.

References
----------
Knapp G, Hartung J (2003). Improved tests for a random effects meta-regression with a single
covariate. Statistics in Medicine 22:2693-2710.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

from evidence.effects.arguments import check_level
from evidence.effects.measures.choices import check_choice
from evidence.errors import InvalidArgumentError, did_you_mean
from evidence.synthesis.pool import read_tau2_method

__all__ = ["CI_METHODS", "Choices", "RegressionMethod", "read_method"]

CI_METHODS = ("HKSJ-adhoc", "HKSJ", "t", "Wald")
MODELS = ("random", "common")

_INTERVALS = {
    "HKSJ-adhoc": "Knapp-Hartung intervals with the ad hoc guard",
    "HKSJ": "Knapp-Hartung intervals",
    "t": "t intervals",
    "Wald": "Wald intervals",
}


class Choices(TypedDict, total=False):
    """What may be chosen by name; see `RegressionMethod`."""

    model: str
    tau2_method: str | float
    ci_method: str
    level: float


@dataclass(frozen=True, slots=True)
class RegressionMethod:
    """The choices behind a regression.

    Attributes
    ----------
    model
        ``"random"`` (mixed effects: what the moderators leave unexplained varies) or
        ``"common"`` (they explain all of it).
    tau2_method
        Estimator of the residual tau², or a given tau².
    ci_method
        ``"HKSJ-adhoc"``: Knapp and Hartung's variance, never below Wald's, with t on k - p
        degrees of freedom; ``"HKSJ"`` without that guard; ``"t"``: Wald's variance with t on
        k - p; ``"Wald"``: normal.
    level
        Of the intervals.
    """

    model: str = "random"
    tau2_method: str | float = "REML"
    ci_method: str = "HKSJ-adhoc"
    level: float = 0.95

    def in_words(self) -> str:
        """Return the choices as a clause."""
        if self.model == "common":
            return f"common effect given the moderators, {_INTERVALS[self.ci_method]}"
        by = "by" if isinstance(self.tau2_method, str) else "given as"
        tau2 = self.tau2_method if isinstance(self.tau2_method, str) else f"{self.tau2_method:g}"
        return f"mixed effects, tau² {by} {tau2}, {_INTERVALS[self.ci_method]}"


def read_method(choices: Mapping[str, object]) -> RegressionMethod:
    """Return the checked choices.

    Parameters
    ----------
    choices
        By name, as `RegressionMethod`.

    Raises
    ------
    InvalidArgumentError
        For a name or value that is not known.
    """
    known = tuple(Choices.__annotations__)
    for name in choices:
        if name not in known:
            raise InvalidArgumentError(
                f"There is no argument {name!r}. {did_you_mean(name, known)}"
            )
    method = RegressionMethod(**choices)  # type: ignore[arg-type]
    check_choice("model", method.model, MODELS)
    check_choice("ci_method", method.ci_method, CI_METHODS)
    check_level(method.level)
    return replace(method, tau2_method=read_tau2_method(method.tau2_method))
