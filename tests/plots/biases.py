"""Made-up appraisals of risk of bias to draw."""

from __future__ import annotations

import math

import numpy as np

from evidence.appraisal.risk_of_bias import BearingFact, RiskOfBias, StudyBias
from evidence.data.bias_tools import OVERALL, Judged, StudyJudgements, bias_tool
from evidence.data.bias_tools.tool import Domain

LONG = "A study of the effects of a very long name on figures, by many authors and a consortium"


def appraisal(
    k: int,
    tools: tuple[str, ...] = ("RoB 2",),
    *,
    weighted: bool = False,
    labels: tuple[str, ...] = (),
    seed: int = 1,
) -> RiskOfBias:
    """Return k studies with judgements of every kind, by the tools in turn."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(k)) if weighted else np.full(k, math.nan)
    studies = []
    for i in range(k):
        tool = bias_tool(tools[i % len(tools)])
        domains = [*tool.domains, Domain(OVERALL, OVERALL, OVERALL)]
        judged = []
        for place, domain in enumerate(domains):
            word = tool.words[int(rng.integers(len(tool.words)))]
            if word == "no information":
                judged.append(Judged(domain))
            else:
                tier = "secondary" if place == 1 else "primary"
                kind = "computed" if place == 2 else "recorded"
                said = {kind: word} | ({"computed": "low"} if place == 0 else {})
                judged.append(Judged(domain, who="a tester", support="So.", tier=tier, **said))
        label = labels[i] if labels else f"Author {i + 1} {2000 + i % 30}"
        facts = {tool.domains[-1].id: (BearingFact("blinding", "Blinded.", "primary"),)}
        whole = judged.pop()
        studies.append(
            StudyBias(
                label,
                StudyJudgements(f"s{i}", tool, tuple(judged), whole),
                facts,
                float(shares[i]),
            )
        )
    return RiskOfBias(tuple(studies), "Naps" if weighted else "")
