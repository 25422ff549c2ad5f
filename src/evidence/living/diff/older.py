"""Conclusions files of an earlier layout: what of them can still be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["OLD_LAYOUT", "upgraded"]

#: The layout in which analyses and readings stood in lists, without rows and code.
OLD_LAYOUT = 1


def upgraded(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return conclusions of the first layout in the present one, as far as they go.

    Parameters
    ----------
    content
        A conclusions file with ``"schema": 1``.

    Returns
    -------
    dict
        Without effects, rows and code, which that layout does not name.
    """
    analyses = {}
    for one in _list(content, "analyses"):
        synthesis = one.get("synthesis") or {}
        scenarios = _list(synthesis, "scenarios")
        names = [str(s.get("reading") or "as reported") for s in scenarios]
        analyses[str(one.get("id"))] = {
            "title": str(one.get("title")),
            "refusal": one.get("refusal"),
            "outcomes": [""],
            "measure": str(synthesis.get("measure", "")),
            "effects": {},
            "pooled": dict(zip(names, map(_without_studies, scenarios), strict=False)),
            "certainty": {
                name: {**rated, "domains": {d["domain"]: d for d in _list(rated, "domains")}}
                for name, rated in zip(names, _list(one, "certainty"), strict=False)
            },
            "verdicts": dict(zip(names, _list(one, "verdicts"), strict=False)),
        }
    return {
        "schema": content["schema"],
        "review": content.get("review"),
        "analyses": analyses,
        "headline": None,
        "older": True,
    }


def _without_studies(scenario: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in scenario.items() if key not in ("reading", "studies")}


def _list(content: Mapping[str, Any], key: str) -> list[Any]:
    found = content.get(key)
    return found if isinstance(found, list) else []
