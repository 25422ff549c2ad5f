"""The tables of Turner and Rhodes: whole, coherent, and found by name."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from evidence.errors import InsufficientEvidenceError, UnknownNameError
from evidence.synthesis.bayes.empirical_priors import (
    EmpiricalLogNormal,
    EmpiricalLogStudentT,
    empirical_prior,
    list_empirical_priors,
)
from evidence.synthesis.bayes.fit import pool_bayes

LISTED = list_empirical_priors()


def test_all_settings_are_there() -> None:
    # Turner: 16 outcomes by 5 comparisons and the one over all; Rhodes: 8 by 5 in 3 areas.
    counts = LISTED["measure"].value_counts()
    assert counts["odds ratio"] == 16 * 5 + 1
    assert counts["standardised mean difference"] == 8 * 5 * 3 + 1
    assert not LISTED.duplicated(["measure", "area", "outcome", "comparison"]).any()


def pattern(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the locations that an outcome's and a comparison's part add up to."""
    table = rows.pivot_table(index="outcome", columns="comparison", values="location")
    values = table.to_numpy()
    middle = values - np.median(values, axis=1)[:, None]
    parts = np.median(middle, axis=0)
    whole = np.median(values - parts, axis=1)[:, None] + parts
    return pd.DataFrame(whole, index=table.index, columns=table.columns)


def test_what_breaks_the_pattern_of_a_table_is_marked_and_nothing_else() -> None:
    # All-cause mortality was fitted with parts of its own.
    rows = LISTED[~LISTED["outcome"].isin(["any", "all-cause mortality"])]
    found, marked = set(), set()
    for (measure, area), part in rows.groupby(["measure", "area"]):
        # By a column that was printed right: an outcome's other comparisons.
        expected = pattern(part)
        for row in part.itertuples():
            key = (measure, area, row.outcome, row.comparison)
            if abs(row.location - expected.loc[row.outcome, row.comparison]) > 0.02:
                found.add(key)
            if row.doubt:
                marked.add(key)
    # Three of five numbers of one outcome are off by 1, so there the median follows the error.
    outcomes = {key[:3] for key in found}
    assert outcomes == {key[:3] for key in marked}
    assert len(marked) == 4


def test_what_is_in_doubt_is_not_given_out() -> None:
    doubtful = LISTED[LISTED["doubt"] != ""]
    for row in doubtful.itertuples():
        with pytest.raises(InsufficientEvidenceError, match="is in doubt"):
            empirical_prior(
                row.measure, outcome=row.outcome, comparison=row.comparison, area=row.area
            )


def test_the_table_lists_quantiles_of_tau() -> None:
    row = LISTED[(LISTED["measure"] == "odds ratio") & (LISTED["outcome"] == "any")].iloc[0]
    assert row["median"] == pytest.approx(math.exp(row["location"] / 2), rel=1e-12)
    spread = 1.959963984540054 * row["scale"] / 2
    assert row["high"] == pytest.approx(row["median"] * math.exp(spread), rel=1e-9)
    assert (LISTED["low"] < LISTED["median"]).all()
    assert (LISTED["median"] < LISTED["high"]).all()


def test_a_prior_is_found_and_says_where_it_is_from() -> None:
    ratio = empirical_prior(
        "odds ratio",
        outcome="all-cause mortality",
        comparison="pharmacological against placebo or control",
    )
    assert isinstance(ratio, EmpiricalLogNormal)
    assert "Turner" in ratio.citation
    smd = empirical_prior(
        "standardised mean difference",
        outcome="mental health outcome",
        comparison="pharmacological against placebo or control",
        area="cancer",
    )
    other = empirical_prior(
        "standardised mean difference",
        outcome="mental health outcome",
        comparison="pharmacological against placebo or control",
    )
    assert isinstance(smd, EmpiricalLogStudentT)
    assert smd.df == 5
    assert (smd.location, smd.scale) != (other.location, other.scale)
    result = pool_bayes([0.1, 0.5, 0.3], [0.04, 0.05, 0.06], tau_prior=smd)
    assert "Rhodes" in result.to_dict()["tau_prior_citation"]


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("no empirical prior for the measure 'risk ratio'", {"measure": "risk ratio"}),
        ("outcome 'pian' is not in the table", {"measure": "odds ratio", "outcome": "pian"}),
        ("Did you mean 'pain'", {"measure": "odds ratio", "outcome": "pian"}),
        (
            "comparison 'any' is not in the table",
            {"measure": "odds ratio", "outcome": "pain"},
        ),
        (
            "area 'heart' is not in the table",
            {
                "measure": "standardised mean difference",
                "outcome": "biological marker",
                "area": "heart",
            },
        ),
    ],
)
def test_what_the_tables_do_not_have(words: str, arguments: dict[str, str]) -> None:
    measure = arguments.pop("measure")
    with pytest.raises(UnknownNameError) as refusal:
        empirical_prior(measure, **arguments)
    assert words in str(refusal.value)
