"""The pass over made-up reviews: what it takes for a check, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.effects.made_up import MD, SPILLS, STUDY, TROUBLE, arm, arms, contrast, load, study

from evidence.appraisal import check_integrity
from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity.found import Placed


def checks(tmp_path: Path, *rows, **more) -> list[Placed]:
    """Return the checks of the made-up study alone."""
    return list(check_integrity(load(tmp_path, *rows, **more)).of(study_id=STUDY))


def named(found: Iterable[Placed], name: str) -> Placed:
    (one,) = [each for each in found if each.check.name == name]
    return one


def statuses(found: Iterable[Placed]) -> dict[str, str]:
    return {each.check.name: each.check.status for each in found}


def fact(item: str, value: str, stage: str = "", **cells: str) -> dict[str, str]:
    base = {"quote": "as reported", "tier": "primary", "source_id": "alpha-article"}
    return {**base, "study_id": STUDY, "item": item, "stage": stage, "value": value, **cells}


def score(**cells: str) -> dict[str, str]:
    """Return an arm of nap trouble, whole points from 0 to 20."""
    return arm("treatment", outcome_id=TROUBLE, **cells)


# ------------------------------------------------------------------ arms


def test_whole_scores(tmp_path: Path) -> None:
    found = checks(tmp_path, score(n="19", mean="9.47", sd="3.20"))
    assert named(found, "mean of whole scores").check.status == OK  # 180 / 19
    assert named(found, "SD that the scale allows").check.status == OK
    found = checks(tmp_path / "b", score(n="19", mean="9.44", sd="3.20"))
    wrong = named(found, "mean of whole scores")
    assert wrong.check.status == CONTRADICTION
    assert wrong.where.startswith("arms.csv, line ")
    assert "SD of whole scores" not in statuses(found)


def test_changes_have_a_scale_of_twice_the_width(tmp_path: Path) -> None:
    found = checks(tmp_path, score(kind="change", n="19", mean="-9.47", sd="12.20"))
    assert named(found, "mean of whole scores").check.status == OK
    assert named(found, "SD that the scale allows").check.status == OK
    found = checks(tmp_path / "b", score(n="19", mean="9.47", sd="12.20"))
    assert named(found, "SD that the scale allows").check.status == CONTRADICTION


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"mean": "9.44", "sd": "3.2"}, "how many people"),
        ({"mean": "9.44", "sd": "3.2", "n": "19", "n_basis": "randomised"}, "people randomised"),
        ({"mean": "9.44", "n": "19"}, "plain mean"),
        ({"mean": "9.44", "se": "0.7", "n": "19"}, "plain mean"),
        ({"mean": "9.44", "sd": "3.2", "n": "19", "note": "Least-squares mean"}, "adjusted"),
        ({"mean": "9.44", "sd": "3.2", "n": "19", "quote": "imputed"}, "imputed"),
        ({"mean": "9.4", "sd": "3.2", "n": "19"}, "nearly any"),
    ],
)
def test_what_is_not_held_against_whole_scores(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    found = named(checks(tmp_path, score(**cells)), "mean of whole scores")
    assert found.check.status == CANNOT_BE_TESTED
    assert reason in found.reason


def test_minutes_have_no_steps(tmp_path: Path) -> None:
    found = checks(tmp_path, arm("treatment", n="19", mean="9.44", sd="3.2"))
    assert "no step" in named(found, "mean of whole scores").reason


def test_scores_behind_a_mean(tmp_path: Path) -> None:
    found = checks(tmp_path, score(n="19", mean="9.47", sd="3.20"))
    assert named(found, "scores behind mean and SD").check.status == OK


def test_a_standard_error_typed_as_an_sd(tmp_path: Path) -> None:
    honest = {"mean": "300.0", "sd": "4.0", "se": "1.4", "n": "8"}
    found = checks(tmp_path, arm("treatment", **honest))
    assert named(found, "SD against standard error").check.status == OK
    found = checks(tmp_path / "b", arm("treatment", **{**honest, "sd": "1.4"}))
    assert named(found, "SD against standard error").check.status == CONTRADICTION
    interval = {"mean": "300.000", "ci_low": "296.656", "ci_high": "303.344", "n": "8"}
    found = checks(tmp_path / "c", arm("treatment", sd="4.000", se="1.414", **interval))
    assert named(found, "SD against interval").check.status == OK
    assert named(found, "standard error against interval").check.status == OK
    found = checks(tmp_path / "d", arm("treatment", sd="1.414", **interval))
    assert named(found, "SD against interval").check.status == CONTRADICTION
    # Said to be adjusted, the interval is not that of the plain mean.
    found = checks(tmp_path / "e", arm("treatment", sd="1.414", note="ANCOVA", **interval))
    assert named(found, "SD, standard error and interval").check.status == CANNOT_BE_TESTED


def test_a_standard_error_within_people_is_not_held_against_an_sd(tmp_path: Path) -> None:
    cells = {"mean": "300.0", "sd": "4.0", "se": "0.4", "n": "8", "kind": "period"}
    design = [study(design="crossover trial")]
    found = named(
        checks(tmp_path, arm("treatment", **cells), studies=design),
        "SD, standard error and interval",
    )
    assert found.check.status == CANNOT_BE_TESTED
    assert "within people" in found.reason


def test_means_of_studies_are_left_alone(tmp_path: Path) -> None:
    pooled = [study(design="meta-analysis")]
    rows = score(n="19", mean="9.44", sd="3.20", se="0.1")
    found = checks(tmp_path, rows, studies=pooled)
    assert not [each for each in found if each.check.status == CONTRADICTION]
    assert "not of people" in named(found, "mean of whole scores").reason


def test_an_sd_and_a_range(tmp_path: Path) -> None:
    cells = {"mean": "300", "minimum": "290", "maximum": "310", "n": "8"}
    found = checks(tmp_path, arm("treatment", sd="7.1", **cells))
    assert named(found, "SD against range").check.status == OK
    found = checks(tmp_path / "b", arm("treatment", sd="27.1", **cells))
    assert named(found, "SD against range").check.status == CONTRADICTION


# ------------------------------------------------------------------ contrasts


GROUPS = {"n_treatment": "8", "n_control": "8"}


def test_one_number_alone(tmp_path: Path) -> None:
    found = named(checks(tmp_path, contrast(p="0.2", **GROUPS)), "statistics of one row")
    assert found.check.status == CANNOT_BE_TESTED
    assert found.reason == "one number alone has nothing to be held against"


def test_an_interval_and_its_p_value(tmp_path: Path) -> None:
    # t = 1.5 on 14: p = 0.156; 2.144787 * 2 = 4.29.
    cells = {"estimate": "3.0", "ci_low": "-1.3", "ci_high": "7.3", **GROUPS}
    found = checks(tmp_path, contrast(MD, p="0.16", **cells))
    assert named(found, "interval against p").check.status == OK
    found = checks(tmp_path / "b", contrast(MD, p="0.016", **cells))
    assert named(found, "interval against p").check.status == CONTRADICTION
    for other in ({"note": "Bonferroni"}, {"p_of": "trend"}, {"p_test": "several groups"}):
        folder = tmp_path / "".join(other)
        found = checks(folder, contrast(MD, p="0.016", **cells, **other))
        assert named(found, "statistics of one row").check.status == CANNOT_BE_TESTED


def test_every_statistic_of_a_row(tmp_path: Path) -> None:
    cells = {"estimate": "3.00", "se": "2.00", "ci_low": "-1.29", "ci_high": "7.29"}
    cells |= {"t": "1.50", "f": "2.25", "df": "14", "p": "0.156", **GROUPS}
    found = statuses(checks(tmp_path, contrast(MD, **cells)))
    names = (
        "interval against p",
        "standard error against interval",
        "estimate over standard error against t",
        "F against t",
        "t against p",
        "F against p",
    )
    assert {found[name] for name in names} == {OK}
    cells |= {"f": "5.25", "se": "1.00"}
    found = statuses(checks(tmp_path / "b", contrast(MD, **cells)))
    wrong = {name for name in names if found[name] == CONTRADICTION}
    assert wrong == {
        "standard error against interval",
        "estimate over standard error against t",
        "F against t",
        "F against p",
    }


def test_an_effect_size_against_its_test(tmp_path: Path) -> None:
    found = checks(tmp_path, contrast("Cohen d", estimate="0.75", p="0.156", **GROUPS))
    assert named(found, "effect size against test").check.status == OK
    found = checks(tmp_path / "b", contrast("Cohen d", estimate="0.75", p="0.001", **GROUPS))
    wrong = named(found, "effect size against test")
    assert wrong.check.status == CONTRADICTION
    # The t of p = 0.0015, which prints as 0.001 if cut off, is 3.94 on 14; halved it is 1.97.
    assert "is 1.97" in wrong.check.sentence
    found = checks(tmp_path / "c", contrast("Cohen d", estimate="0.75", p="0.001"))
    assert named(found, "effect size against test").check.status == CANNOT_BE_TESTED


def test_two_reports_of_a_comparison(tmp_path: Path) -> None:
    groups = arms({"mean": "303"}, {"mean": "300"}, n="8", sd="4")
    found = checks(tmp_path, groups, contrast(p="0.156", **GROUPS))
    assert named(found, "reports of one comparison").check.status == OK
    found = checks(tmp_path / "b", groups, contrast(p="0.0001", **GROUPS))
    assert named(found, "reports of one comparison").check.status == CONTRADICTION


def test_an_adjusted_report_need_not_agree(tmp_path: Path) -> None:
    groups = arms({"mean": "303"}, {"mean": "300"}, n="8", sd="4")
    rows = [groups, contrast(p="0.0001", note="ANCOVA, baseline as covariate", **GROUPS)]
    found = named(checks(tmp_path, *rows), "reports of one comparison")
    assert found.check.status == CANNOT_BE_TESTED
    assert "adjusted" in found.reason


def test_several_pairs_are_not_mixed(tmp_path: Path) -> None:
    rows = [
        contrast(p="0.156", **GROUPS),
        contrast(p="0.0001", treatment="sunwort tea", **GROUPS),
    ]
    found = named(checks(tmp_path, *rows), "reports of one comparison")
    assert found.check.status == CANNOT_BE_TESTED
    assert "several pairs" in found.reason


def test_a_crossover(tmp_path: Path) -> None:
    rows = arms(
        {"mean": "16.5", "sd": "20.4"}, {"mean": "10.1", "sd": "15.4"}, n="12", kind="period"
    )
    design = [study(design="crossover trial")]
    name = "means and SDs of the periods against p"
    found = checks(tmp_path, rows, contrast(p="0.05", n_total="12"), studies=design)
    assert named(found, name).check.status == OK
    found = checks(tmp_path / "b", rows, contrast(p="0.001", n_total="12"), studies=design)
    assert named(found, name).check.status == OK  # r = 1.00 as printed, 0.99 with its digits
    rows[1]["sd"] = "8.4"
    found = checks(tmp_path / "c", rows, contrast(p="0.0001", n_total="12"), studies=design)
    assert named(found, name).check.status == CONTRADICTION
    found = checks(tmp_path / "d", rows, studies=design)
    assert named(found, name).reason == "no p value of the two periods is reported"


def test_events_without_a_p_value(tmp_path: Path) -> None:
    rows = [
        arm("treatment", outcome_id=SPILLS, events="2", total="77", n_basis="analysed"),
        arm("control", outcome_id=SPILLS, events="7", total="78", n_basis="analysed"),
    ]
    found = named(checks(tmp_path, rows), "reports of one comparison")
    assert found.check.status == CANNOT_BE_TESTED
    assert "2 against 7 events have an exact p = 0.17" in found.check.sentence
    p = contrast(p="0.0001", outcome_id=SPILLS, **GROUPS)
    found = named(checks(tmp_path / "b", rows, p), "counts of events against p")
    assert found.check.status == CONTRADICTION
    p = contrast(p="0.09", outcome_id=SPILLS, **GROUPS)  # chi-squared: 0.0905
    found = named(checks(tmp_path / "c", rows, p), "counts of events against p")
    assert found.check.status == OK
    for row in rows:
        row["n_basis"] = "randomised"
    found = named(checks(tmp_path / "d", rows, p), "counts of events against p")
    assert found.check.status == CANNOT_BE_TESTED


# ------------------------------------------------------------------ people and documents


def people(**counts: str) -> list[dict[str, str]]:
    return [fact(item, count, number=count, unit="people") for item, count in counts.items()]


def test_sums_of_people(tmp_path: Path) -> None:
    name = "people over groups and drop-out"
    groups = people(n_treatment="40", n_control="41", n_completed="70")
    trial = [study(n_randomised="81")]
    found = named(checks(tmp_path, studies=trial, study_facts=groups), name)
    assert found.check.status == OK
    assert "40 and 41 in the groups are 81, as many as randomised" in found.check.sentence
    found = named(
        checks(tmp_path / "b", studies=[study(n_randomised="70")], study_facts=groups), name
    )
    assert found.check.status == CONTRADICTION
    assert "40 and 41 in the groups are 81, of 70 randomised" in found.check.sentence
    # Everybody is in both groups of a crossover.
    cross = [study(n_randomised="70", design="crossover trial")]
    found = named(checks(tmp_path / "c", studies=cross, study_facts=groups), name)
    assert found.check.status == OK
    found = named(checks(tmp_path / "d", studies=trial), name)
    assert found.check.status == CANNOT_BE_TESTED


def test_two_numbers_randomised(tmp_path: Path) -> None:
    facts = people(n_randomised="84")
    trial = [study(n_randomised="80")]
    found = named(
        checks(tmp_path, studies=trial, study_facts=facts), "people over groups and drop-out"
    )
    assert found.check.status == CONTRADICTION
    assert "80 and 84 randomised" in found.check.sentence


@pytest.mark.parametrize(
    ("published", "registered", "status"),
    [
        (("320", "mg/day"), ("300", "mg/day"), CONTRADICTION),
        (("300", "mg/day"), ("300.0", "mg/day"), OK),
        (("0.3", "g/day"), ("300", "mg/day"), CANNOT_BE_TESTED),
        (("7", "weeks"), ("49", "days"), OK),
        (("7", "weeks"), ("8", "weeks"), CONTRADICTION),
        (("2", "months"), ("60", "days"), OK),
        (("2", "months"), ("9", "weeks"), CONTRADICTION),
    ],
)
def test_registry_and_report(
    tmp_path: Path, published: tuple[str, str], registered: tuple[str, str], status: str
) -> None:
    item = "dose_elemental" if "g/" in published[1] else "duration"
    facts = [
        fact(item, " ".join(published), number=published[0], unit=published[1]),
        fact(item, " ".join(registered), "registered", number=registered[0], unit=registered[1]),
    ]
    found = named(checks(tmp_path, study_facts=facts), "two documents of one study")
    assert found.check.status == status, found.check.sentence


def test_a_last_result_stands_in_for_a_duration_only_where_it_is_earlier(tmp_path: Path) -> None:
    # The made-up result is of week 4.
    name = "two documents of one study"
    for weeks, status in (("4", OK), ("6", CONTRADICTION), ("2", CANNOT_BE_TESTED)):
        plan = fact("duration", f"{weeks} weeks", "registered", number=weeks, unit="weeks")
        found = checks(tmp_path / weeks, contrast(p="0.2", **GROUPS), study_facts=[plan])
        assert named(found, name).check.status == status


def test_one_document_alone(tmp_path: Path) -> None:
    facts = [fact("washout", "1 week", "registered", number="1", unit="weeks")]
    found = named(checks(tmp_path, study_facts=facts), "two documents of one study")
    assert found.reason == "only the registry entry tells it"


def test_a_rounded_age_is_the_same_age(tmp_path: Path) -> None:
    facts = [
        fact("age", "mean 46.0", number="46.0", unit="years"),
        fact("age", "mean 46.01", "preprint", number="46.01", unit="years"),
    ]
    found = named(checks(tmp_path, study_facts=facts), "two documents of one study")
    assert found.check.status == OK


@pytest.mark.parametrize(
    ("dates", "status", "words"),
    [
        (("2023-01-01", "2023-02-01", "2023-06-01"), OK, "before it began"),
        (("2023-03-01", "2023-02-01", "2023-06-01"), CONTRADICTION, "after it had begun"),
        (("2023-07-01", "2023-02-01", "2023-06-01"), CONTRADICTION, "after it was completed"),
        (("2023", "2023-02-01", "2023-06-01"), CANNOT_BE_TESTED, "not known"),
    ],
)
def test_dates(tmp_path: Path, dates: tuple[str, ...], status: str, words: str) -> None:
    items = ("registered_on", "started_on", "completed_on")
    facts = [fact(item, day, "registered") for item, day in zip(items, dates, strict=True)]
    facts.append(fact("registration", "XY1", "registered"))
    found = named(checks(tmp_path, study_facts=facts), "registered before it began")
    assert found.check.status == status
    assert words in found.check.sentence


@pytest.mark.parametrize(
    ("reported", "source", "status"),
    [
        ("as planned", "alpha-article", OK),
        ("not reported", "alpha-article", CONTRADICTION),
        ("other rank", "alpha-article", CONTRADICTION),
        ("not reported", "gamma-account", CANNOT_BE_TESTED),
        ("not known", "", CANNOT_BE_TESTED),
    ],
)
def test_planned_outcomes(tmp_path: Path, reported: str, source: str, status: str) -> None:
    row = fact("", "")
    row = {name: row[name] for name in ("study_id", "quote", "tier", "source_id")}
    row |= {"rank": "primary", "planned": "naps", "planned_in": "registry"}
    row |= {"reported": reported, "report_source_id": source}
    found = checks(tmp_path, registered_outcomes=[row])
    found = named(found, "planned outcome against report")
    assert found.check.status == status, found.check.sentence


def test_a_copied_mean_and_sd(tmp_path: Path) -> None:
    rows = [
        arm("treatment", n="40", mean="301.47", sd="36.82"),
        arm("control", n="41", mean="301.47", sd="36.82"),
    ]
    found = named(checks(tmp_path, rows), "the same mean and SD twice")
    assert found.check.status == CONTRADICTION
    assert found.group == "unusual"


def test_an_effect_that_is_too_large(tmp_path: Path) -> None:
    rows = arms({"mean": "340"}, {"mean": "300"}, n="40", sd="6")
    found = named(checks(tmp_path, rows), "effect beside its reference class")
    assert found.check.status == CONTRADICTION
    assert "look it up" in found.check.sentence


def test_a_review_of_the_smallest_kind(tmp_path: Path) -> None:
    report = check_integrity(load(tmp_path))
    assert report.found
    assert not report.contradictions
    assert "no number is found unlike the others" in report.verdict()
    assert report.summary() == report.verdict()
