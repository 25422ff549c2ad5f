"""Decisions that an analyst has to make, their defensible options, and why each is one.

References
----------
Steegen S, Tuerlinckx F, Gelman A, Vanpaemel W (2016). Increasing transparency through a
multiverse analysis. Perspectives on Psychological Science 11:702-712.
Simonsohn U, Simmons JP, Nelson LD (2020). Specification curve analysis. Nature Human Behaviour
4:1208-1214.
Voracek M, Kossmeier M, Tran US (2019). Which data to meta-analyze, and how? A
specification-curve and multiverse-analysis approach to meta-analysis. Zeitschrift für
Psychologie 227:64-82.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from evidence.data import Analysis

__all__ = ["CORRELATIONS", "Decision", "Option", "interval_decision", "model_of", "tau2_decision"]


@dataclass(frozen=True, slots=True)
class Option:
    """One way of deciding.

    Attributes
    ----------
    name
        In a few words.
    reason
        Why it is defensible.
    planned
        Whether the plan decides so.
    """

    name: str
    reason: str
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision and its options.

    Attributes
    ----------
    id
        Short unique name; also the column in the table of analyses.
    title
        What is decided.
    options
        At least two, the planned ones first.
    """

    id: str
    title: str
    options: tuple[Option, ...]

    @property
    def planned(self) -> tuple[int, ...]:
        """Places of the planned options."""
        return tuple(i for i, option in enumerate(self.options) if option.planned)


_COMMON = "common effect"

#: Models that pool the same trials; the others rest on more, or are kin of these.
_TAU2 = MappingProxyType(
    {
        "REML": "the default of this project, least biased of the likelihood methods "
        "(Veroniki et al. 2016, Research Synthesis Methods 7:55-79)",
        "PM": "recommended beside REML (Veroniki et al. 2016)",
        "DL": "what most published reviews used",
        "ML": "the likelihood without correction for the mean",
        "HE": "unweighted, so that no large trial decides how much trials differ",
        "SJ": "never zero, so that trials are never taken to agree exactly "
        "(Sidik and Jonkman 2005)",
        _COMMON: "if all trials estimate one effect, or if only these trials are asked about "
        "(Cochrane Handbook, section 10.10.4)",
    }
)

_INTERVALS = MappingProxyType(
    {
        "HKSJ-adhoc": "covers best with few trials, and is never narrower than Wald's",
        "HKSJ": "as its authors have it, without the guard (IntHout et al. 2014)",
        "t": "Wald's standard error with quantiles that allow for few trials",
        "Wald": "what most published reviews used; with few trials it is too narrow",
    }
)

#: Correlations within people that crossovers are tried with, where none is reported: a low, a
#: middling and a high one (Cochrane Handbook, section 23.2.7.3, asks for such a range).
CORRELATIONS = (0.5, 0.3, 0.7)


def tau2_decision(analysis: Analysis) -> Decision:
    """Return how the variation between trials can be modelled.

    Parameters
    ----------
    analysis
        The plan, whose own choice comes first.
    """
    planned = _COMMON if analysis.model == "common" else analysis.tau2_method
    return _ordered(
        "variation", "how differences between trials are modelled", planned, dict(_TAU2)
    )


def interval_decision(analysis: Analysis) -> Decision:
    """Return how the confidence interval of the mean can be built.

    Parameters
    ----------
    analysis
        The plan, whose own choice comes first.
    """
    return _ordered(
        "interval", "how the interval of the mean is built", analysis.ci_method, dict(_INTERVALS)
    )


def _ordered(name: str, title: str, planned: str, known: dict[str, str]) -> Decision:
    reasons = {planned: known.get(planned, "the plan says so"), **known}
    options = tuple(
        Option(each, reason, planned=each == planned) for each, reason in reasons.items()
    )
    return Decision(name, title, options)


def model_of(option: str) -> tuple[str, str]:
    """Return the model and the estimator of tau² behind an option of `tau2_decision`.

    Parameters
    ----------
    option
        Its name.
    """
    return ("common", "REML") if option == _COMMON else ("random", option)
