"""Conclusions as HL7 FHIR `Evidence` resources (R5), for those who exchange them.

One resource for each analysis and reading. What maps, and what does not:

======================================  ==================================================
`conclusions.json`                      `Evidence` (FHIR R5)
======================================  ==================================================
title of the analysis                   ``title``
question, reading                       ``description``
verdict's sentence                      ``assertion``
PICO of the plan                        ``variableDefinition`` with ``variableRole``
pooled estimate                         ``statistic.quantity``, ``statistic.statisticType``
confidence and prediction interval      ``statistic.attributeEstimate`` with ``range``
p value, tau², I²                       ``statistic.attributeEstimate`` with ``quantity``
trials, people                          ``statistic.sampleSize``
certainty, its domains, who decided     ``certainty`` with ``subcomponent``, ``rater``
cautions                                ``note``
======================================  ==================================================

Not mapped, because the resource has no place for it or only a coarser one: several readings
of one trial side by side (each is a resource of its own here), rows with their quotes and
tiers, staleness of decisions, thresholds and the rule of the verdict, claims, and gaps. Types
of statistics are given as text and not as codes: the code lists differ between versions.

References
----------
HL7 (2023). FHIR R5 (v5.0.0), resource Evidence; code systems certainty-type,
certainty-rating. hl7.org/fhir/R5/evidence.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evidence.errors import InvalidArgumentError
from evidence.judgement.record import plain

if TYPE_CHECKING:
    from evidence.judgement.conclusions import Conclusions

__all__ = ["to_fhir_evidence"]

_TYPES = "http://hl7.org/fhir/certainty-type"
_RATINGS = "http://hl7.org/fhir/certainty-rating"
_ROLES = "http://terminology.hl7.org/CodeSystem/variable-role"
_DOMAINS = {
    "risk of bias": "RiskOfBias",
    "inconsistency": "Inconsistency",
    "indirectness": "Indirectness",
    "imprecision": "Imprecision",
    "missing evidence": "PublicationBias",
}
#: Levels of a domain, and what the code system calls them.
_CONCERNS = {
    0: "no-concern",
    -1: "serious-concern",
    -2: "very-serious-concern",
    -3: "extremely-serious-concern",
}
_PICO = {
    "population": "population",
    "intervention": "exposure",
    "comparator": "referenceExposure",
    "outcome": "measuredVariable",
}


def to_fhir_evidence(conclusions: Conclusions) -> list[dict[str, Any]]:
    """Return the pooled results as HL7 FHIR R5 `Evidence` resources.

    Parameters
    ----------
    conclusions
        The conclusions of a review.

    Returns
    -------
    list of dict
        One for each analysis that could be carried out and each of its readings, fit for
        JSON. The numbers have the sign they have in `conclusions.json`: treatment minus
        control, ratios as logarithms, which the description of the statistic says.

    References
    ----------
    See `evidence.living.fhir`.
    """
    if not hasattr(conclusions, "review"):
        raise InvalidArgumentError(
            f"conclusions is a {type(conclusions).__name__}; give what evidence.conclude returns."
        )
    content: dict[str, Any] = conclusions.to_dict()
    pico = conclusions.review.plan.pico
    found = []
    for name, analysis in content["analyses"].items():
        for number, reading in enumerate(analysis["pooled"], start=1):
            found.append(_resource(content, pico, name, reading, number))
    resources: list[dict[str, Any]] = plain(found)
    return resources


def _resource(
    content: Mapping[str, Any], pico: Mapping[str, str], name: str, reading: str, number: int
) -> dict[str, Any]:
    analysis = content["analyses"][name]
    resource: dict[str, Any] = {
        "resourceType": "Evidence",
        "id": f"{name}-{number}"[:64],
        "status": "draft",
        "title": analysis["title"],
        "description": f"{content['question']} Reading: {reading}.",
        "assertion": analysis["verdicts"][reading]["sentence"],
        "note": [{"text": text} for text in analysis["cautions"]],
        "synthesisType": {"text": f"meta-analysis, {analysis['plan']['model']} model"},
        "variableDefinition": [
            {"description": pico[key], "variableRole": _code(_ROLES, role)}
            for key, role in _PICO.items()
            if pico.get(key)
        ],
        "statistic": [_statistic(analysis, analysis["pooled"][reading])],
        "certainty": [_certainty(analysis["certainty"][reading])],
    }
    # An empty list is not allowed in FHIR: what is not there is left out.
    return {key: value for key, value in resource.items() if value not in ([], None)}


def _statistic(analysis: Mapping[str, Any], pooled: Mapping[str, Any]) -> dict[str, Any]:
    measure = analysis["measure"]
    log = " (natural logarithm)" if measure in ("risk ratio", "odds ratio") else ""
    estimates = [
        _range("confidence interval", pooled["ci_low"], pooled["ci_high"], pooled["level"]),
        _range("prediction interval", pooled["prediction_low"], pooled["prediction_high"], 0.95),
        _value("p value", pooled["p_value"]),
        _value("tau squared", pooled["tau2"]),
        _value("I squared, in percent", pooled["i2"]),
    ]
    return {
        "description": f"{measure}{log}, treatment minus control",
        "statisticType": {"text": f"{measure}{log}"},
        "quantity": {"value": pooled["estimate"]},
        "sampleSize": {
            "numberOfStudies": pooled["k"],
            "numberOfParticipants": analysis["participants"],
        },
        "attributeEstimate": [one for one in estimates if one is not None],
    }


def _range(what: str, low: float | None, high: float | None, level: float) -> dict[str, Any] | None:
    if low is None or high is None:
        return None
    return {
        "type": {"text": what},
        "level": level,
        "range": {"low": {"value": low}, "high": {"value": high}},
    }


def _value(what: str, value: float | None) -> dict[str, Any] | None:
    return None if value is None else {"type": {"text": what}, "quantity": {"value": value}}


def _certainty(rated: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": _code(_TYPES, "Overall"),
        "rating": _code(_RATINGS, rated["level"].replace(" ", "-")),
        "subcomponent": [
            {
                "type": _code(_TYPES, _DOMAINS[name]),
                "rating": _code(_RATINGS, _CONCERNS[max(-3, min(0, domain["levels"]))]),
                "description": domain["reason"],
                **({"rater": domain["decided by"]} if domain["decided by"] else {}),
            }
            for name, domain in rated["domains"].items()
            if name in _DOMAINS
        ],
    }


def _code(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
