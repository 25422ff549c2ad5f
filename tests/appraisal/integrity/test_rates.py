"""Honest tables are not accused; see `tests.appraisal.simulate_integrity` and README.md."""

from __future__ import annotations

import pytest
from tests.appraisal.simulate_integrity import (
    HONEST,
    MARK,
    README,
    SLIPS,
    markdown,
    read_rates,
    run,
    whole_reviews,
)

TABLES = 50
SEED = 7
#: Checks that hold chance against chance; every other one is arithmetic.
STATISTICAL = ("likeness of the groups at the start", "the same mean and SD twice")


@pytest.fixture(scope="module")
def stored() -> list[dict[str, str]]:
    return read_rates()


def test_the_readme_tells_what_was_stored(stored: list[dict[str, str]]) -> None:
    assert README.read_text("utf-8").split(MARK)[1].strip() == markdown(stored)


def test_no_honest_table_was_accused(stored: list[dict[str, str]]) -> None:
    honest = [row for row in stored if row["slip"] == HONEST]
    assert len(honest) > 20
    for row in honest:
        assert int(row["tested"]) > 100, row
        if row["check"] not in (*STATISTICAL, "any of them"):
            assert int(row["found"]) == 0, row
        assert int(row["found"]) <= 0.002 * int(row["tested"]), row


def test_every_slip_is_found_by_something(stored: list[dict[str, str]]) -> None:
    least = {
        "a standard error typed as an SD": 0.95,
        "a mean and SD copied": 0.1,
        "percentages of the two groups exchanged": 0.9,
    }
    for slip in SLIPS:
        row = next(r for r in stored if r["slip"] == slip and r["check"] == "any of them")
        assert int(row["found"]) >= least.get(slip, 0.2) * int(row["tables"]), row


def test_a_short_run_agrees() -> None:
    rows = run(TABLES, SEED)
    assert sum(int(str(row["found"])) for row in rows if row["slip"] == HONEST) == 0
    wrong = {row["slip"] for row in rows if row["slip"] != HONEST and row["found"]}
    # One in five copied pairs has digits enough.
    assert wrong >= set(SLIPS) - {"a mean and SD copied"}
    assert whole_reviews(40, SEED)["found"] == 0
