"""Loading a review: from where, as what, and whole or not at all."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pandas as pd
import pytest
from tests.data.small import copy_row, set_cell, small_review

import evidence.data.review as review_module
from evidence.data import TABLES, Review, Threshold, check_review, find_review, load_review
from evidence.data.schema import DTYPES, Kind
from evidence.errors import (
    InvalidArgumentError,
    InvalidReviewError,
    ReviewNotFoundError,
    UnknownNameError,
)


@pytest.fixture
def small(tmp_path: Path) -> Review:
    return load_review(small_review(tmp_path))


# ------------------------------------------------------------------ where


def test_by_path_as_text_or_path(tmp_path: Path) -> None:
    folder = small_review(tmp_path)
    assert load_review(folder).folder == folder.resolve()
    assert load_review(str(folder)).name == "small"
    assert load_review(f"{folder}/").name == "small"


@pytest.mark.parametrize("name", ["small", "data/small"])
@pytest.mark.parametrize("place", [".", "notebooks", "data", "data/small", "notebooks/deep"])
def test_by_name_from_any_folder_of_the_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    folder = small_review(tmp_path / "data")
    (tmp_path / "notebooks/deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / place)
    assert find_review(name) == folder.resolve()
    assert load_review(name).folder == folder.resolve()


def test_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small_review(tmp_path)
    monkeypatch.chdir(folder)
    assert load_review(".").name == "small"
    monkeypatch.chdir(tmp_path)
    assert load_review("./small").folder == folder.resolve()


def test_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_review(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_review("~/small").name == "small"


def test_a_folder_of_the_same_name_that_is_no_review_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_review(tmp_path / "data")
    (tmp_path / "reports/small").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "reports")
    assert find_review("small") == folder.resolve()
    with pytest.raises(ReviewNotFoundError, match="is not a review"):
        load_review("./small")


def test_a_review_without_its_toml_is_not_mistaken_for_one_further_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_review(tmp_path / "data")
    mine = small_review(tmp_path / "work")
    (mine / "review.toml").unlink()
    monkeypatch.chdir(tmp_path / "work")
    assert find_review("small") == mine.resolve()
    assert [problem.place for problem in check_review("small")] == ["review.toml"]


def test_the_nearest_review_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_review(tmp_path / "data")
    near = small_review(tmp_path / "deep/data")
    monkeypatch.chdir(tmp_path / "deep")
    assert find_review("small") == near.resolve()


def test_the_review_of_this_clone_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clone = Path(review_module.__file__).resolve().parents[3]
    assert find_review("magnesium-sleep") == clone / "data/magnesium-sleep"


# ------------------------------------------------------------------ as what


def test_every_column_has_the_dtype_of_its_kind(small: Review) -> None:
    for name, table in TABLES.items():
        frame = small.tables[name]
        assert list(frame.columns) == list(table.names)
        assert frame.index.name == "line"
        for column in table.columns:
            assert str(frame[column.name].dtype) == DTYPES[column.kind], f"{name}.{column.name}"
            if column.kind is Kind.CHOICE:
                assert list(frame[column.name].cat.categories) == list(column.choices)


def test_values_by_kind(small: Review) -> None:
    alpha = small.studies.loc[2]
    assert alpha["study_id"] == "alpha2020"
    assert alpha["year"] == 2020
    assert isinstance(alpha["label"], str)
    assert small.studies["blinding"].tolist() == ["double", "single", "not reported"]
    assert small.arms.loc[6, ["events", "total"]].tolist() == [0, 30]
    assert small.sources.loc[2, "accessed"] == pd.Timestamp(2024, 3, 1)
    assert small.sources["accessed"].isna().tolist() == [False, True, False, True, True]
    assert small.contrasts["estimate"].tolist()[:2] == [-2.2, 5.1]
    assert small.contrasts["estimate"].isna().tolist() == [False, False, True]
    assert small.contrasts.loc[3, "p"] == 0.22
    assert small.contrasts["n_treatment"].isna().tolist() == [False, False, True]
    assert small.arms["kind"].isna().tolist() == [False, False, False, True, True, False, False]
    assert small.arms.loc[5, "note"] == ""


def test_numbers_are_the_floats_that_python_reads(tmp_path: Path) -> None:
    folder = small_review(tmp_path)
    text = "0.1234567890123456789"
    set_cell(folder, "facts", 2, "value", text)
    assert load_review(folder).facts.loc[2, "value"] == float(text)


def test_digits_are_kept(small: Review) -> None:
    assert small.reported["contrasts"].loc[3, "estimate"] == "5.10"
    number = small.number("contrasts", 3, "estimate")
    assert number is not None
    assert (str(number), number.decimals, number.low, number.high) == ("5.10", 2, 5.095, 5.105)
    assert str(small.number("contrasts", 3, "p")) == ".22"
    assert str(small.number("arms", 3, "n")) == "29"
    assert small.number("contrasts", 4, "estimate") is None


def test_a_number_that_is_not_there_says_what_is(small: Review) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'contrasts'"):
        small.number("contrast", 2, "p")
    with pytest.raises(UnknownNameError, match="Did you mean 'estimate'"):
        small.number("contrasts", 2, "estimat")
    with pytest.raises(UnknownNameError, match="lines 2 to 4"):
        small.number("contrasts", 5, "p")
    with pytest.raises(InvalidArgumentError, match=r"holds no numbers.*ci_low"):
        small.number("contrasts", 2, "quote")


def test_tables_are_attributes_and_cannot_be_spoiled(small: Review) -> None:
    arms = small.arms
    arms.loc[3, "mean"] = 99.0
    arms["more"] = 1
    del arms["sd"]
    assert small.arms.loc[3, "mean"] == 9.1
    assert list(small.arms.columns) == list(TABLES["arms"].names)
    assert set(TABLES) <= set(dir(small))
    with pytest.raises(AttributeError, match="'armz'"):
        small.armz  # noqa: B018


def test_a_review_can_be_pickled_for_other_processes(small: Review) -> None:
    again = pickle.loads(pickle.dumps(small))
    assert again.plan == small.plan
    assert again.arms.equals(small.arms)


def test_thresholds_are_sorted_and_can_be_asked_for_by_use(small: Review) -> None:
    def ids(thresholds: tuple[Threshold, ...]) -> list[str]:
        return [threshold.id for threshold in thresholds]

    assert ids(small.thresholds("nap-trouble")) == ["nts-small", "nts-change", "nts-large"]
    between = small.thresholds("nap-trouble", "difference between groups")
    assert ids(between) == ["nts-small", "nts-large"]
    assert small.thresholds("nap-trouble", "state") == ()
    assert small.thresholds("spills") == ()
    with pytest.raises(UnknownNameError, match="'nap-trouble'"):
        small.thresholds("nap-trubble")
    with pytest.raises(UnknownNameError, match="Did you mean 'difference between groups'"):
        small.thresholds("nap-trouble", "difference between group")


def test_facts_of_a_study(small: Review) -> None:
    assert small.facts_of("alpha2020")["item"].tolist() == ["dose_compound", "funding"]
    assert small.facts_of("alpha2020", "dose_compound")["number"].tolist() == [2.5]
    registered = small.facts_of("alpha2020", "dose_compound", "registered")
    assert registered[["low", "high"]].to_numpy().tolist() == [[2.0, 3.0]]
    assert len(small.facts_of("alpha2020", "dose_compound", "")) == 2
    assert small.facts_of("alpha2020", "washout").empty
    assert small.facts_of("beta2021").empty
    assert small.facts_of("gamma2022")["value"].tolist() == ["young"]


def test_unknown_names_suggest(small: Review) -> None:
    with pytest.raises(UnknownNameError, match=r"small has no study 'alpha'.*'alpha2020'"):
        small.study("alpha")
    with pytest.raises(UnknownNameError, match="'alpha2020'"):
        small.label("alpha202")
    with pytest.raises(UnknownNameError, match=r"no outcome 'spill'.*'spills'"):
        small.outcome("spill")
    with pytest.raises(UnknownNameError, match=r"no analysis 'x'. Known are: spilling, trouble"):
        small.analysis("x")
    with pytest.raises(UnknownNameError, match="'alpha2020'"):
        small.facts_of("alpa2020")
    with pytest.raises(UnknownNameError, match="Did you mean 'funding'"):
        small.facts_of("alpha2020", "fundin")
    with pytest.raises(UnknownNameError, match="Did you mean 'registered'"):
        small.facts_of("alpha2020", stage="registred")


def test_the_plan(small: Review) -> None:
    plan = small.plan
    assert plan.title == "Moonwort tea and napping"
    assert str(plan.searched_until) == "2024-03-01"
    assert plan.headline.study_id == "alpha2020"
    assert plan.target.form == "moonwort leaf"
    assert list(plan.outcomes) == ["nap-trouble", "nap-minutes", "spills"]
    assert small.outcome("nap-trouble").benefit_sign == -1
    assert small.outcome("nap-minutes").benefit_sign == 1
    assert small.outcome("nap-minutes").maximum is None
    assert small.analysis("trouble").outcomes == ("nap-trouble",)
    assert small.analysis("trouble").ci_method == "HKSJ"
    assert small.analysis("spilling").tau2_method == "REML"
    assert small.thresholds("nap-trouble")[0].locator == "page 3"


def test_what_it_says_of_itself(small: Review) -> None:
    assert "three studies, of which three are trials of the question" in small.summary()
    assert "15 rows of numbers from five sources; four are second-hand" in small.summary()
    assert "Does moonwort tea" in small.summary()
    assert repr(small) == "<Review small: three studies>"
    assert dict(small.to_frame()[["table", "rows"]].to_numpy())["arms"] == 7
    assert small.to_dict()["fingerprint"] == small.fingerprint
    assert "<p>Moonwort tea" in small._repr_html_()


# ------------------------------------------------------------------ the same, or not


def test_the_fingerprint_changes_with_a_byte_and_not_with_the_time(tmp_path: Path) -> None:
    folder = small_review(tmp_path)
    before = load_review(folder).fingerprint
    for file in folder.iterdir():
        os.utime(file, (1, 1))
    assert load_review(folder).fingerprint == before
    assert load_review(small_review(tmp_path / "elsewhere")).fingerprint == before
    for file in sorted(folder.iterdir()):
        raw = file.read_bytes()
        file.write_bytes(raw + b"\n")
        assert load_review(folder).fingerprint != before, file.name
        file.write_bytes(raw)
    (folder / "missing.csv").unlink()
    assert load_review(folder).fingerprint != before


def test_a_note_beside_the_data_does_not_change_the_fingerprint(tmp_path: Path) -> None:
    folder = small_review(tmp_path)
    before = load_review(folder).fingerprint
    (folder / "notes.txt").write_text("nothing", encoding="utf-8")
    assert load_review(folder).fingerprint == before


def test_a_loaded_review_stays_what_it_was(tmp_path: Path) -> None:
    """Tables and fingerprint belong together, whatever happens to the files meanwhile."""
    folder = small_review(tmp_path)
    small = load_review(folder)
    before = small.fingerprint
    set_cell(folder, "arms", 3, "mean", "9.2")
    assert small.fingerprint == before
    assert small.arms.loc[3, "mean"] == 9.1
    assert load_review(folder).fingerprint != before


@pytest.mark.parametrize("table", TABLES)
def test_whole_or_not_at_all(tmp_path: Path, table: str) -> None:
    """One bad cell in any table refuses the whole review."""
    folder = small_review(tmp_path)
    required = next(column for column in TABLES[table].columns if column.required)
    copy_row(folder, table, 2, **{required.name: ""})
    with pytest.raises(InvalidReviewError) as error:
        load_review(folder)
    assert isinstance(error.value, ValueError)
    assert [getattr(problem, "file", "") for problem in error.value.problems] == [f"{table}.csv"]


def test_the_message_of_a_refusal_stays_readable(tmp_path: Path) -> None:
    folder = small_review(tmp_path)
    for number in range(100):
        copy_row(folder, "claims", 2, claim_id=f"claim-{number}", kind="zebra")
    with pytest.raises(InvalidReviewError) as error:
        load_review(folder)
    assert len(error.value.problems) == 100
    assert str(error.value).startswith("small: 100 problems found.")
    assert str(error.value).endswith("... and 70 more.")
