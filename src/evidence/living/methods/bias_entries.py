"""Defaults of appraising risk of bias; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["BIAS"]

BIAS = (
    Default(
        "appraisal",
        "risk of bias: the tool that a study nobody judged is shown with",
        "evidence.appraisal.risk_of_bias.appraise:TOOL_OF_DESIGN",
        "The tool that Cochrane asks for with its design; it says which domains are unknown.",
        "Sterne et al. 2019, BMJ 366:l4898; Sterne et al. 2016, BMJ 355:i4919; Cochrane Handbook, "
        "chapters 8, 23 and 25",
    ),
)
