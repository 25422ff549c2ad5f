"""The files of a reproduction: the columns of its tables and the words they accept."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.data.schema import TIERS, Column, Kind, Reference, Table
from evidence.synthesis.tau2 import TAU2_METHODS

__all__ = [
    "ANALYSES",
    "FILE",
    "FORMS",
    "HEAD",
    "KINDS",
    "MEASURES",
    "PRINTED",
    "SCHEMA",
    "HeadKey",
    "is_ratio",
]

FILE = "reproduction.toml"
#: The version of the folder's layout that this code reads.
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class HeadKey:
    """One key of `reproduction.toml`; all but `schema` hold text."""

    name: str
    description: str
    required: bool = True
    choices: tuple[str, ...] = ()


#: Measures of effect; each with the forms of study table that can give it.
MEASURES = {
    "odds ratio": ("counts", "ratios"),
    "risk ratio": ("counts", "ratios"),
    "risk difference": ("counts",),
    "correlation": ("correlations",),
    "standardised mean difference": ("effects", "errors", "clusters"),
    "mean difference": ("effects", "errors", "clusters", "reported"),
}

_LOCATION = ("estimate", "ci_low", "ci_high")
_TEST = (*_LOCATION, "standard_error", "z", "p_value", "studies", "people")
_SPREAD = ("q", "q_p_value", "i2")
_TAU2 = ("tau2", "tau", "tau2_ci_low", "tau2_ci_high", "h2", "prediction_low", "prediction_high")
_POSTERIOR = tuple(
    f"{who}_{what}"
    for who in ("mu", "tau", "predictive")
    for what in ("mode", "median", "mean", "sd", "low", "high")
)

#: How the studies are analysed, and the quantities each analysis gives.
KINDS: dict[str, tuple[str, ...]] = {
    "random effects": (*_TEST, *_SPREAD, *_TAU2),
    "common effect": (*_TEST, *_SPREAD),
    "Mantel-Haenszel": (*_TEST, *_SPREAD),
    "Peto": (*_TEST, *_SPREAD),
    "Bayesian": (*_POSTERIOR, "mu_above_0", "tau_above_1", "tau_quantile_99", "studies", "people"),
    "three levels": (*_TEST, "q", "q_p_value", "tau2_between", "tau2_within"),
    "coherence": ("estimate", "z", "p_value"),
}

#: How a printed number is written.
SCALES = {
    "analysed": "as analysed; the logarithm of a ratio",
    "ratio": "the ratio itself",
    "excess percent": "how far the ratio is above 1, in percent",
    "correlation": "the correlation itself, not Fisher's z",
    "percent": "a probability in percent",
    "fraction": "a share between 0 and 1",
}


def is_ratio(measure: str) -> bool:
    """Whether a measure is analysed as a logarithm."""
    return measure.endswith("ratio")


def _choices(names: object) -> dict[str, str]:
    return dict.fromkeys(names, "")  # type: ignore[call-overload, no-any-return]


def _number(name: str, description: str, **limits: float | bool) -> Column:
    return Column(name, Kind.NUMBER, description, required=True, **limits)  # type: ignore[arg-type]


def _count(name: str, description: str, minimum: int = 0) -> Column:
    return Column(name, Kind.COUNT, description, required=True, minimum=minimum, unit="people")


_LABEL = Column("label", Kind.TEXT, "The study, as figures name it.", required=True)
_INTERVAL = (
    _number("ci_low", "Lower end of the 95% interval."),
    _number("ci_high", "Upper end of the 95% interval."),
)
_VARIANCE = _number("variance", "Its variance.", minimum=0, above_minimum=True)


def _studies(*columns: Column) -> Table:
    return Table("numbers", "a study", (_LABEL, *columns), ("label",), required=True)


#: The forms a study table can have; each has the columns of the numbers the paper prints.
FORMS: dict[str, Table] = {
    "counts": _studies(
        _count("events_treatment", "Events with the treatment."),
        _count("total_treatment", "People with the treatment.", 1),
        _count("events_control", "Events without it."),
        _count("total_control", "People without it.", 1),
    ),
    "ratios": _studies(
        _number("ratio", "The ratio.", minimum=0, above_minimum=True),
        _number("ci_low", "Lower end of its 95% interval.", minimum=0, above_minimum=True),
        _number("ci_high", "Upper end of its 95% interval.", minimum=0, above_minimum=True),
    ),
    "correlations": _studies(
        _count("people", "People in the study.", 4),
        _number("correlation", "The correlation.", minimum=-1, maximum=1),
    ),
    "effects": _studies(_number("estimate", "The effect."), _VARIANCE),
    "errors": _studies(
        _number("estimate", "The effect."),
        _number("standard_error", "Its standard error.", minimum=0, above_minimum=True),
    ),
    "clusters": _studies(
        Column("cluster", Kind.TEXT, "The group the study belongs to.", required=True),
        _number("estimate", "The effect."),
        _VARIANCE,
    ),
    "reported": _studies(_number("estimate", "The pooled effect as printed."), *_INTERVAL),
}

HEAD = (
    HeadKey("schema", f"Version of this layout: {SCHEMA}."),
    HeadKey("title", "What the paper is about, in a few words."),
    HeadKey("citation", "The paper whose printed results are met."),
    HeadKey("doi", "Its digital object identifier.", required=False),
    HeadKey("numbers", "The form of numbers.csv.", choices=tuple(FORMS)),
    HeadKey("numbers_source", "Where the numbers of the studies were read."),
    HeadKey("numbers_tier", "How near to the paper that is.", choices=tuple(TIERS)),
    HeadKey("note", "Anything a reader should know.", required=False),
)

ANALYSES = Table(
    "analyses",
    "one analysis of the studies",
    (
        Column("analysis_id", Kind.IDENTIFIER, "Short unique name.", required=True),
        Column("title", Kind.TEXT, "What it is, in words.", required=True),
        Column("kind", Kind.CHOICE, "How.", required=True, choices=_choices(KINDS)),
        Column("measure", Kind.CHOICE, "Of what.", required=True, choices=_choices(MEASURES)),
        Column("tau2_method", Kind.CHOICE, "By which estimator.", choices=_choices(TAU2_METHODS)),
        Column(
            "ci_method",
            Kind.CHOICE,
            "By which interval.",
            choices=_choices(("Wald", "HKSJ", "HKSJ-adhoc")),
        ),
        Column(
            "tau_prior",
            Kind.CHOICE,
            "Prior of tau.",
            choices=_choices(("half-normal", "half-Cauchy", "uniform")),
        ),
        Column("tau_scale", Kind.NUMBER, "Its scale.", minimum=0, above_minimum=True),
        Column("mu_mean", Kind.NUMBER, "Mean of the normal prior of the effect."),
        Column("mu_sd", Kind.NUMBER, "Its standard deviation.", minimum=0, above_minimum=True),
    ),
    ("analysis_id",),
    required=True,
)

PRINTED = Table(
    "printed",
    "one printed number",
    (
        Column(
            "analysis_id",
            Kind.IDENTIFIER,
            "The analysis it came from.",
            required=True,
            reference=Reference("analyses", "analysis_id"),
        ),
        Column(
            "quantity",
            Kind.CHOICE,
            "What it is.",
            required=True,
            choices=_choices(q for names in KINDS.values() for q in names),
        ),
        Column("scale", Kind.CHOICE, "How it is written.", required=True, choices=SCALES),
        Column(
            "relation",
            Kind.CHOICE,
            "Equal to, or below, the printed number.",
            required=True,
            choices={"=": "is the printed number", "<": "is below it"},
        ),
        Column("printed", Kind.NUMBER, "The number with its printed digits.", required=True),
        Column(
            "quote",
            Kind.QUOTE,
            "The words that carry the number, at most 25 of them.",
            required=True,
        ),
        Column("source", Kind.TEXT, "Where those words were read.", required=True),
        Column("locator", Kind.TEXT, "Where in it.", required=True),
        Column(
            "tier",
            Kind.CHOICE,
            "How near to the paper the words were read.",
            required=True,
            choices=TIERS,
        ),
        Column(
            "difference",
            Kind.TEXT,
            "Why ours is known to differ; empty where it does not.",
        ),
    ),
    ("analysis_id", "quantity", "scale", "source", "locator"),
    required=True,
)
