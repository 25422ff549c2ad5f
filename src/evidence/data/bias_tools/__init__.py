"""Tools that judge risk of bias, as data: a TOML file each, and what is read from them.

A review's tables enter, and every study's judgements leave: as recorded, or as the rules of
the tool's file give them. No judgement is written in code.
"""

from evidence.data.bias_tools.algorithm import Suggestion, judge_domain, judge_overall
from evidence.data.bias_tools.judgements import Judged, StudyJudgements, judgements_of
from evidence.data.bias_tools.library import bias_tool, builtin_tools
from evidence.data.bias_tools.tool import NO_INFORMATION, OVERALL, BiasTool

__all__ = [
    "NO_INFORMATION",
    "OVERALL",
    "BiasTool",
    "Judged",
    "StudyJudgements",
    "Suggestion",
    "bias_tool",
    "builtin_tools",
    "judge_domain",
    "judge_overall",
    "judgements_of",
]
