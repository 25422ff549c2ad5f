"""The worked case, altered: each function changes a copy of the review as a person would.

The names of the functions are the names of the alterations. `ALTERATIONS` lists them all.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.data.small import add_row, change_text, read_rows, write_rows

from evidence.data import find_review
from evidence.data.tables import TABLES

TRIAL = {"study_id": "schuster2025", "outcome_id": "isi"}
MADE_UP = {"source_id": "made-up", "quote": "a made-up trial", "tier": "primary"}


def copy_review(folder: Path) -> Path:
    """Copy the worked case into `folder`."""
    return Path(shutil.copytree(find_review("magnesium-sleep"), folder / "magnesium-sleep"))


def edit(review: Path, table: str, where: dict[str, str], **cells: str) -> None:
    """Overwrite cells of every row that matches; at least one has to."""
    rows = read_rows(review, table)
    places = {name: place for place, name in enumerate(rows[0])}
    found = [row for row in rows[1:] if all(row[places[n]] == v for n, v in where.items())]
    assert found, f"{table} has no row with {where}"
    for row in found:
        for name, text in cells.items():
            row[places[name]] = text
    write_rows(review, table, rows)


def drop(review: Path, table: str, **where: str) -> None:
    """Take out every row that matches."""
    rows = read_rows(review, table)
    places = {name: place for place, name in enumerate(rows[0])}
    kept = [row for row in rows[1:] if not all(row[places[n]] == v for n, v in where.items())]
    write_rows(review, table, [rows[0], *kept])


def remove_study(review: Path, study_id: str) -> None:
    """Take a study out of every table."""
    for name, table in TABLES.items():
        if "study_id" in table.names:
            drop(review, name, study_id=study_id)


def headline(
    review: Path,
    *,
    treatment: tuple[str, str, str],
    control: tuple[str, str, str],
    difference: tuple[str, str, str],
    d: str = "",
    p: str = "",
    direction: str = "treatment",
) -> None:
    """Rewrite every number of the headline comparison: means and intervals, d and p."""
    for role, (mean, low, high) in {"treatment": treatment, "control": control}.items():
        edit(review, "arms", {**TRIAL, "role": role}, mean=mean, ci_low=low, ci_high=high)
    estimate, low, high = difference
    edit(review, "contrasts", TRIAL, direction=direction)
    edit(review, "contrasts", {**TRIAL, "measure": "mean difference"}, estimate=estimate)
    with_interval = {**TRIAL, "source_id": "schuster2025-summary-rnawiki"}
    edit(review, "contrasts", with_interval, ci_low=low, ci_high=high)
    edit(review, "contrasts", {**TRIAL, "p": "0.049"}, p=p)
    if d:
        edit(review, "contrasts", {**TRIAL, "measure": "Cohen d"}, estimate=d)
    else:
        drop(review, "contrasts", **TRIAL, measure="Cohen d")
    if not p:
        # A row without a test and without an estimate would only say a direction.
        drop(review, "contrasts", **TRIAL, measure="none")


def add_clear_trial(review: Path) -> None:
    """Add 2,000 people, 6 points better (sd 5), as the question asks."""
    form = "magnesium bisglycinate"
    add_row(
        review,
        "studies",
        study_id="clear2030",
        label="Clear 2030",
        role="trial",
        status="published",
        design="parallel trial",
        population="adults with poor sleep",
        intervention=form,
        form=form,
        comparator="placebo",
        n_randomised="2000",
        **MADE_UP,
    )
    for item, value, unit in (("dose_elemental", "250", "mg/day"), ("duration", "4", "weeks")):
        add_row(
            review,
            "study_facts",
            study_id="clear2030",
            item=item,
            value=value,
            number=value,
            unit=unit,
            **MADE_UP,
        )
    for role, arm, mean in (("treatment", form, "-8.0"), ("control", "placebo", "-2.0")):
        add_row(
            review,
            "arms",
            study_id="clear2030",
            outcome_id="isi",
            timepoint="week 4",
            kind="change",
            n="1000",
            n_basis="analysed",
            sd="5.0",
            arm=arm,
            role=role,
            mean=mean,
            **MADE_UP,
        )
    add_row(
        review, "sources", source_id="made-up", citation="Made up", kind="article", tier="primary"
    )


def exclude(review: Path, *keep: str) -> None:
    """Leave every trial out of every analysis, except those to keep."""
    studies = read_rows(review, "studies")
    place = {name: i for i, name in enumerate(studies[0])}
    trials = [row[place["study_id"]] for row in studies[1:] if row[place["role"]] == "trial"]
    toml = (review / "review.toml").read_text("utf-8")
    analyses = re.findall(r'\[\[analyses\]\]\nid = "(.+?)"', toml)
    assert analyses
    names = TABLES["exclusions"].names
    rows = [[a, t, "Left out to see what happens."] for a in analyses for t in trials]
    write_rows(review, "exclusions", [list(names), *(r for r in rows if r[1] not in keep)])


def everything_published(review: Path) -> None:
    """Take out every trial that is registered without results."""
    studies = read_rows(review, "studies")
    place = {name: i for i, name in enumerate(studies[0])}
    for row in studies[1:]:
        if (row[place["role"]], row[place["status"]]) == ("trial", "registered"):
            remove_study(review, row[place["study_id"]])


def without_thresholds(review: Path, *names: str) -> None:
    """Take thresholds out of the plan by their ids."""
    path = review / "review.toml"
    text = path.read_text("utf-8")
    for name in names:
        text, count = re.subn(rf'\[\[thresholds\]\]\nid = "{name}"\n(?:.+\n)+\n?', "", text)
        assert count == 1, name
    path.write_text(text, "utf-8")


# ---------------------------------------------------------------- the alterations


def as_it_is(review: Path) -> None:
    """Change nothing."""


def bigger_effect(review: Path) -> None:
    """5.0 points better, the groups' intervals as wide as before: still contradictory."""
    headline(
        review,
        treatment=("-7.3", "-9.2", "-5.4"),
        control=("-2.3", "-4.1", "-0.4"),
        difference=("5.0", "3.4", "6.7"),
        d="0.60",
    )


def reversed_effect(review: Path) -> None:
    """Exchange the two groups, in their own summaries and in the difference."""
    headline(
        review,
        treatment=("-2.3", "-4.1", "-0.4"),
        control=("-3.9", "-5.8", "-2.0"),
        difference=("-1.6", "-3.3", "0.0"),
        d="-0.20",
        p="0.049",
        direction="control",
    )


def no_difference(review: Path) -> None:
    """Both groups change by the same."""
    headline(
        review,
        treatment=("-3.9", "-5.1", "-2.7"),
        control=("-3.9", "-5.1", "-2.7"),
        difference=("0.0", "-1.7", "1.7"),
        direction="none",
    )


def wider_interval(review: Path) -> None:
    """The interval of the difference and its p value agree with the groups' own intervals."""
    headline(
        review,
        treatment=("-3.9", "-5.8", "-2.0"),
        control=("-2.3", "-4.1", "-0.4"),
        difference=("1.6", "-1.0", "4.2"),
        d="0.20",
        p="0.22",
    )


def no_contradiction(review: Path) -> None:
    """The groups' intervals and d fit the difference, its interval and its p value."""
    headline(
        review,
        treatment=("-3.9", "-5.1", "-2.7"),
        control=("-2.3", "-3.5", "-1.1"),
        difference=("1.6", "0.0", "3.3"),
        d="0.32",
        p="0.049",
    )


def clear_trial(review: Path) -> None:
    """A large, clear, direct trial."""
    add_clear_trial(review)


def certain(review: Path) -> None:
    """Only the large trial counts, and it is at low risk of bias."""
    add_clear_trial(review)
    exclude(review, "clear2030")
    everything_published(review)
    add_row(
        review,
        "risk_of_bias",
        study_id="clear2030",
        tool="RoB 2",
        domain="overall",
        judgement="low",
        support="Everything was done well.",
        who="a tester",
        **MADE_UP,
    )


def trial_removed(review: Path) -> None:
    """One of the three usable trials is gone."""
    remove_study(review, "saba2022")


def one_trial(review: Path) -> None:
    """Only the headline trial can be used, and its reports agree."""
    no_contradiction(review)
    exclude(review, "schuster2025")
    everything_published(review)


def thresholds_lowered(review: Path) -> None:
    """A smaller difference counts as important."""
    change_text(review, "review.toml", "value = 2.8\n", "value = 1.5\n")


def thresholds_removed(review: Path) -> None:
    """No threshold for a difference between groups is left, on any scale."""
    names = ("isi-mcid-lowest", "isi-mcid-usual", "isi-aasm")
    without_thresholds(review, *names, "psqi-aasm", "psqi-mcid-lowest", "psqi-mcid-highest")


def threshold_added(review: Path) -> None:
    """Somebody calls 0.8 standard deviations important, beside those who say 0.5."""
    entry = (
        '[[thresholds]]\nid = "isi-strict"\noutcome_id = "isi"\nvalue = 0.8\nscale = "SMD"\n'
        'applies_to = "difference between groups"\nlabel = "a made-up strict one"\n'
        'source_id = "qin2024-article"\nquote = "made up"\ntier = "primary"\n\n'
    )
    first = '[[thresholds]]\nid = "isi-mcid-lowest"\n'
    change_text(review, "review.toml", first, entry + first)


def headline_without_numbers(review: Path) -> None:
    """The headline trial is only said to be significant."""
    drop(review, "arms", **TRIAL)
    edit(review, "contrasts", {**TRIAL, "source_id": "schuster2025-account-droracle"}, p="")
    drop(review, "contrasts", **TRIAL, measure="mean difference")
    drop(review, "contrasts", **TRIAL, measure="Cohen d")
    edit(review, "contrasts", TRIAL, significance="significant", n_total="", n_basis="")


def no_gaps(review: Path) -> None:
    """Nothing is listed as missing."""
    write_rows(review, "missing", [list(TABLES["missing"].names)])


def nothing_to_pool(review: Path) -> None:
    """Every trial is left out of every analysis."""
    exclude(review)


def nothing_at_all(review: Path) -> None:
    """No effect can be worked out of anything, and nothing is listed as missing."""
    headline_without_numbers(review)
    exclude(review)
    no_gaps(review)


def search_dated(review: Path) -> None:
    """The date of the search is recorded."""
    change_text(review, "review.toml", "schema = 1\n", "schema = 1\nsearched_until = 2026-10-01\n")


def size_unknown(review: Path) -> None:
    """How many people the headline trial randomised is not known."""
    edit(review, "studies", {"study_id": "schuster2025"}, n_randomised="")


def form_not_stated(review: Path) -> None:
    """Nothing says which form the headline trial gave."""
    edit(
        review,
        "studies",
        {"study_id": "schuster2025"},
        form="not stated",
        intervention="not stated",
    )


def read_first_hand(review: Path) -> None:
    """The paper itself was read, and says what the accounts say."""
    for table in ("sources", "arms", "contrasts"):
        rows = read_rows(review, table)
        source, tier = rows[0].index("source_id"), rows[0].index("tier")
        study = rows[0].index("study_id") if "study_id" in rows[0] else source
        for row in rows[1:]:
            if row[study].startswith("schuster2025") or row[source].startswith("ultrahuman"):
                row[tier] = "primary"
        write_rows(review, table, rows)


ALTERATIONS: dict[str, Callable[[Path], None]] = {
    change.__name__: change
    for change in (
        as_it_is,
        bigger_effect,
        reversed_effect,
        no_difference,
        wider_interval,
        no_contradiction,
        clear_trial,
        certain,
        trial_removed,
        one_trial,
        thresholds_lowered,
        thresholds_removed,
        threshold_added,
        headline_without_numbers,
        no_gaps,
        nothing_to_pool,
        nothing_at_all,
        search_dated,
        size_unknown,
        form_not_stated,
        read_first_hand,
    )
}
