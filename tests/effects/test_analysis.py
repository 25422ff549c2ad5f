"""A planned analysis: every trial is in it, or out of it with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.small import change_text
from tests.effects.made_up import (
    EIGHT,
    MD,
    MINUTES,
    STUDY,
    TROUBLE,
    arms,
    codes,
    contrast,
    load,
    study,
)

from evidence.data import Review
from evidence.effects import derive_analysis
from evidence.effects.derivation.context import CROSSOVER
from evidence.errors import UnknownNameError

# ------------------------------------------------------------------ a planned analysis


def as_smd(review: Path) -> None:
    change_text(
        review,
        "review.toml",
        'outcomes = ["nap-trouble"]\nmeasure = "mean difference"',
        'outcomes = ["nap-trouble", "nap-minutes"]\nmeasure = "standardised mean difference"',
    )


def trouble(study_id: str, **cells: str) -> dict[str, str]:
    return contrast(**{"study_id": study_id, "outcome_id": TROUBLE, **EIGHT, **cells})


def test_every_trial_is_in_or_out_with_a_reason(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        trouble("used", p="0.16"),
        trouble("unsigned", p="0.16", direction="not reported"),
        trouble("bounded", p="0.05", p_relation="<"),
        trouble("silent", significance="not significant"),
        trouble("several", p="0.01", p_test="several groups"),
        trouble("before", p="0.01"),
        trouble("comparator", p="0.01"),
        contrast(study_id="second", p="0.16", **EIGHT),
        trouble("second", significance="not significant"),
        studies=[
            *(study(name) for name in ("used", "unsigned", "bounded", "silent", "several")),
            study("before", design="uncontrolled trial"),
            study("comparator", role="comparator"),
            study("second"),
        ],
        edit=as_smd,
    )
    found = derive_analysis(review, "trouble")
    used = {comparison.study_id: comparison.outcome_id for comparison in found.comparisons}
    assert used == {"alpha2020": TROUBLE, "used": TROUBLE, "second": MINUTES}
    reasons = {out.study_id: (out.by_decision, out.reason) for out in found.left_out}
    assert reasons == {
        "gamma2022": (True, "Extract, not tea"),
        "beta2021": (
            False,
            CROSSOVER,
        ),
        "unsigned": (
            False,
            "the size follows from what is reported (about 0.70), but not its direction",
        ),
        "bounded": (
            False,
            "p < 0.05 with 16 people only bounds the size of the effect (at least 1.01)",
        ),
        "silent": (False, "it is only said to be not significant"),
        "several": (False, "its p value belongs to a test of several groups at once"),
        "before": (False, "it has no control group"),
    }
    words = found.summary()
    assert all(f"{out.label} left out: {out.reason}." in words for out in found.left_out)
    frame = found.to_frame()
    assert frame["included"].sum() == sum(len(c.usable) for c in found.comparisons)
    assert set(frame.loc[~frame["included"], "study_id"]) == set(reasons)
    assert len(found.to_dict()["left_out"]) == len(reasons)


def test_the_reason_is_that_of_the_outcome_named_first(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        trouble(STUDY, p="0.05", p_relation="<"),
        contrast(significance="not significant"),
        edit=as_smd,
    )
    (out,) = (o for o in derive_analysis(review, "trouble").left_out if o.study_id == STUDY)
    assert out.outcome_id == TROUBLE
    assert "only bounds" in out.reason


def test_the_last_timepoint_is_used_with_a_caution(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        trouble(STUDY, p="0.16"),
        trouble(STUDY, p="0.30", timepoint="week 8"),
        edit=as_smd,
    )
    found = derive_analysis(review, "trouble")
    delta = next(c for c in found.comparisons if c.study_id == STUDY)
    assert delta.timepoint == "week 8"
    assert codes(delta.usable[0])[-1] == "last-timepoint"
    assert "(week 8)" in delta.usable[0].cautions[-1].message


def test_the_headline_keeps_its_own_timepoint(tmp_path: Path) -> None:
    later = trouble(
        "alpha2020",
        measure=MD,
        estimate="-1",
        se="1",
        timepoint="week 8",
        positive_means="treatment higher",
    )
    review = load(tmp_path, later)
    alpha = derive_analysis(review, "trouble").comparisons[0]
    assert (alpha.study_id, alpha.timepoint) == ("alpha2020", "week 4")
    assert "last-timepoint" not in codes(alpha.usable[0])


def test_an_unknown_analysis_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"no analysis 'troubles'.*Did you mean 'trouble'\?"):
        derive_analysis(load(tmp_path), "troubles")


# ------------------------------------------------------------------ trials beside each other


def trials_with_arms(tmp_path: Path, odd: str) -> Review:
    sds = ("5.0", "5.4", "4.8", odd)
    names = ("ash", "elm", "fir", "oak")
    rows = [
        row
        for name, sd in zip(names, sds, strict=True)
        for row in arms(
            {"mean": "11.9", "sd": sd, "n": "64"},
            {"mean": "12.6", "sd": sd, "n": "60"},
            study_id=name,
            outcome_id=TROUBLE,
        )
    ]
    return load(tmp_path, *rows, studies=[study(name) for name in names])


def test_an_sd_that_looks_like_a_standard_error_is_named(tmp_path: Path) -> None:
    # 5 / √64 is 0.625, and 5 / √60 is 0.645.
    derivation = derive_analysis(trials_with_arms(tmp_path, "0.64"), "trouble")
    (caution,) = derivation.cautions
    assert caution.code == "se-as-sd"
    assert caution.message.count("Oak") == 2 or caution.message.count("oak") == 2
    assert "Note: " + caution.message in derivation.summary()


def test_ordinary_sds_are_not_remarked_on(tmp_path: Path) -> None:
    assert derive_analysis(trials_with_arms(tmp_path, "5.9"), "trouble").cautions == ()
