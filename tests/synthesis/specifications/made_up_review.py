"""A made-up review in which every decision of a multiverse has something to decide."""

from __future__ import annotations

from pathlib import Path

from tests.effects.made_up import TROUBLE, arms, contrast, load, study

from evidence.data import Review

#: Of `alpha2020` and `gamma2022`, the small review's own trials, one is second-hand.
LABELS = ("Delta2024", "Epsilon2024", "Zeta2024", "Eta2024", "Theta2024", "Iota2024")


def _groups(study_id: str, treatment: str, control: str, n: str = "40", **cells: str):
    common = {"study_id": study_id, "outcome_id": TROUBLE, "sd": "4.0", "n": n, **cells}
    return arms({"mean": treatment}, {"mean": control}, **common)


def made_up_review(folder: Path) -> Review:
    """Write the review into an empty folder and load it.

    Parameters
    ----------
    folder
        Where to.
    """
    own = {"outcome_id": TROUBLE}
    rows = [
        # Groups and difference of Delta cannot both be right.
        *_groups("delta2024", "9.0", "11.0"),
        contrast(
            "mean difference",
            **own,
            study_id="delta2024",
            estimate="-4.0",
            ci_low="-5.6",
            ci_high="-2.4",
            n_treatment="40",
            n_control="40",
        ),
        # Epsilon says how large, and not which way; Zeta only that it was nothing much.
        contrast(**own, study_id="epsilon2024", p="0.04", n_total="60", direction="not reported"),
        contrast(**own, study_id="zeta2024", significance="not significant", n_total="90"),
        # Eta gave everybody both; Theta only bounds its p value.
        *_groups("eta2024", "10.0", "11.5", n="24", kind="period"),
        contrast(**own, study_id="theta2024", p="0.05", p_relation="<", n_total="50"),
        # Iota is a company's, registered afterwards, at high risk of bias, on another form.
        *_groups("iota2024", "8.0", "12.0"),
    ]
    studies = [
        study("delta2024"),
        study("epsilon2024"),
        study("zeta2024"),
        study("eta2024", design="crossover trial", n_randomised="24"),
        study("theta2024"),
        study("iota2024", status="company report", form="moonwort root"),
    ]
    fact = {
        "study_id": "iota2024",
        "item": "registration_timing",
        "value": "retrospective",
        "source_id": "alpha-article",
        "quote": "registered after completion",
        "tier": "primary",
    }
    judged = {
        "tool": "RoB 2",
        "domain": "overall",
        "support": "as judged",
        "who": "a dragon",
        "source_id": "alpha-article",
        "quote": "as judged",
        "tier": "primary",
    }
    return load(
        folder,
        rows,
        studies=studies,
        study_facts=[fact],
        risk_of_bias=[
            {**judged, "study_id": "iota2024", "judgement": "high"},
            {**judged, "study_id": "delta2024", "judgement": "low"},
        ],
        exclusions=[
            {"analysis_id": "trouble", "study_id": "delta2024", "reason": "Its tea was cold."}
        ],
    )


def contradictory_review(folder: Path, trials: int) -> Review:
    """Write a review of trials of which each can be read in two ways, and load it.

    Parameters
    ----------
    folder
        Where to.
    trials
        How many; the combinations of their readings double with each.
    """
    names = [f"trial{number:02d}" for number in range(trials)]
    rows = []
    for number, name in enumerate(names):
        rows += _groups(name, f"{9 + 0.1 * number:.1f}", "11.0")
        rows.append(
            contrast(
                "mean difference",
                outcome_id=TROUBLE,
                study_id=name,
                estimate="-4.0",
                ci_low="-5.6",
                ci_high="-2.4",
                n_treatment="40",
                n_control="40",
            )
        )
    return load(folder, rows, studies=[study(name) for name in names])
