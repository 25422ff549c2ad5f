"""Defaults of how old evidence is, and of the next trial; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["FURTHER"]

FURTHER = (
    Default(
        "appraisal",
        "months after its search from which evidence is called old",
        "evidence.appraisal.evidence_age:OLD_MONTHS",
        "Within two years of the search one review in nine had a sign that it needs updating.",
        "Cochrane Handbook, version 5.1, section 3.1.2, asks for an update or a reason by then; "
        "Shojania et al. 2007, Annals of Internal Medicine 147:224-233, counted the signs",
        unit="months",
    ),
)
