"""What is accepted as it is, and what never crashes the check."""

from __future__ import annotations

import codecs
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.small import (
    CELLS,
    TOML,
    add_row,
    read_rows,
    set_cell,
    set_cells,
    small_review,
    write_rows,
)

from evidence.data import TABLES, check_review, load_review
from evidence.data.folder import FILES

OPTIONAL = [name for name, table in TABLES.items() if not table.required]


def test_the_small_review_has_every_table_and_no_problem(tmp_path: Path) -> None:
    assert set(CELLS) == set(TABLES)
    review = small_review(tmp_path)
    assert list(check_review(review)) == []
    assert all(len(table) for table in load_review(review).tables.values())


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("how", ["byte-order-mark", "crlf", "cr", "no-last-line-end"])
def test_how_spreadsheets_and_editors_save(tmp_path: Path, file: str, how: str) -> None:
    plain = small_review(tmp_path / "plain")
    review = small_review(tmp_path)
    raw = (review / file).read_bytes()
    changed = {
        "byte-order-mark": codecs.BOM_UTF8 + raw,
        "crlf": raw.replace(b"\n", b"\r\n"),
        "cr": raw.replace(b"\n", b"\r"),
        "no-last-line-end": raw.rstrip(b"\n"),
    }[how]
    assert changed != raw
    (review / file).write_bytes(changed)
    assert list(check_review(review)) == []
    expected, loaded = load_review(plain), load_review(review)
    assert loaded.plan == expected.plan
    for name, table in expected.reported.items():
        assert loaded.reported[name].equals(table)
    assert loaded.fingerprint != expected.fingerprint


def test_blank_lines_and_lines_of_empty_cells_hold_no_data(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    rows = read_rows(review, "arms")
    empty = [""] * len(rows[0])
    write_rows(review, "arms", [rows[0], [], *rows[1:3], empty, [" ", *empty[1:]], *rows[3:], []])
    assert list(check_review(review)) == []
    assert list(load_review(review).arms.index) == [3, 4, 7, 8, 9, 10, 11]


def test_every_cell_in_quotation_marks_and_white_space_around_cells(tmp_path: Path) -> None:
    plain = load_review(small_review(tmp_path / "plain"))
    review = small_review(tmp_path)
    lines = [
        ",".join('" ' + cell.replace('"', '""') + '\t"' for cell in row)
        for row in read_rows(review, "contrasts")
    ]
    (review / "contrasts.csv").write_text("\n".join(lines), encoding="utf-8")
    assert list(check_review(review)) == []
    assert load_review(review).reported["contrasts"].equals(plain.reported["contrasts"])


@pytest.mark.parametrize("table", OPTIONAL)
@pytest.mark.parametrize("left", ["absent", "header-only"])
def test_an_optional_table_may_be_absent_or_empty(tmp_path: Path, table: str, left: str) -> None:
    review = small_review(tmp_path)
    path = review / f"{table}.csv"
    if left == "absent":
        path.unlink()
    else:
        write_rows(review, table, read_rows(review, table)[:1])
    assert list(check_review(review)) == []
    loaded = load_review(review)
    assert len(loaded.tables[table]) == 0
    assert list(loaded.tables[table].columns) == list(TABLES[table].names)
    assert dict(loaded.tables[table].dtypes) == dict(
        load_review(small_review(tmp_path / "full")).tables[table].dtypes
    )


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    plain = load_review(small_review(tmp_path / "plain"))
    review = small_review(tmp_path)
    write_rows(review, "arms", [row[::-1] for row in read_rows(review, "arms")])
    assert list(check_review(review)) == []
    assert load_review(review).reported["arms"].equals(plain.reported["arms"])


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "=HYPERLINK(A1)",
        "+1+1",
        "@SUM(1)",
        "-2",
        "<script>alert(1)</script>",
        "[bold]",
        "NA",
        "nan",
        "None",
        "null",
        "a, b; c",
        'a "b" c',
        "two\nlines",
        "007",
        "1e5",
        "\N{DRAGON}",
    ],
)
def test_text_is_kept_as_text_and_never_run(tmp_path: Path, text: str) -> None:
    review = small_review(tmp_path)
    set_cell(review, "arms", 3, "note", text)
    set_cell(review, "studies", 2, "label", text)
    assert list(check_review(review)) == []
    loaded = load_review(review)
    assert loaded.arms.loc[3, "note"] == text
    assert loaded.label("alpha2020") == text


def test_a_hidden_file_and_a_note_are_no_tables(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    (review / ".~lock.arms.csv").write_text("somebody", encoding="utf-8")
    (review / "notes.txt").write_text("a note", encoding="utf-8")
    (review / "papers").mkdir()
    assert list(check_review(review)) == []


@pytest.mark.parametrize(
    "cells",
    [
        {"estimate": "0.0", "ci_low": "-2.1", "ci_high": "2.1", "direction": "control"},
        {"direction": "none"},
        {"direction": "not reported"},
        {"positive_means": "treatment better", "direction": "control"},
        {"estimate": "-4.34"},
        {"p": "0.044", "p_relation": "="},
        {"p": "1", "p_relation": ""},
        {"p": "4.4e-2"},
        {"p": "", "significance": "significant"},
        {"n_control": ""},
        {"n_total": ""},
        {"ci_level": "99"},
        {"t": "-2.06", "df": "57"},
    ],
    ids=lambda cells: " ".join(f"{name}={text}" for name, text in cells.items()),
)
def test_what_a_contrast_may_say(tmp_path: Path, cells: dict[str, str]) -> None:
    review = small_review(tmp_path)
    set_cells(review, "contrasts", 2, **cells)
    assert list(check_review(review)) == []


def test_reports_that_contradict_each_other_both_stay(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cells(review, "contrasts", 2, p="0.9", se="5", t="7", n_treatment="30", n_total="60")
    set_cells(review, "arms", 3, se="0.1", ci_low="9.0", ci_high="9.2")
    assert list(check_review(review)) == []


def test_a_study_without_known_design_may_count_people_twice(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cell(review, "studies", 3, "design", "parallel trial")
    assert len(check_review(review)) == 1
    set_cell(review, "studies", 3, "design", "crossover trial")
    assert list(check_review(review)) == []


def test_one_outcome_id_may_stand_in_both_arms_of_a_study(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    line = add_row(
        review,
        "arms",
        study_id="beta2021",
        outcome_id="nap-minutes",
        timepoint="week 2",
        arm="moonwort tea",
        role="treatment",
        kind="period",
        n="24",
        median="55.5",
        q1="40",
        q3="70.25",
        minimum="5",
        maximum="120",
        source_id="beta-article",
        quote="55.5 (40 to 70.25)",
        tier="primary",
    )
    assert list(check_review(review)) == []
    assert load_review(review).arms.loc[line, "median"] == 55.5


_SNIPPETS = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b'"', b",", b"\n", b"\r\n", b"[", b"]", b"=", b"-", b"e999", b"\xef\xbb\xbf"]),
)


@given(st.sampled_from(FILES), st.lists(st.tuples(st.floats(0, 1), _SNIPPETS), max_size=3))
def test_damage_of_any_kind_ends_in_problems_or_in_a_review(
    file: str, edits: list[tuple[float, bytes]]
) -> None:
    with TemporaryDirectory() as folder:
        review = small_review(Path(folder))
        raw = (review / file).read_bytes()
        for where, snippet in edits:
            at = int(where * len(raw))
            raw = raw[:at] + snippet + raw[at + len(snippet) // 2 :]
        (review / file).write_bytes(raw)
        problems = check_review(review)
        assert problems.summary()
        assert problems._repr_html_()
        if not problems:
            assert load_review(review).fingerprint


def test_the_toml_of_the_small_review_is_what_it_seems() -> None:
    assert TOML.endswith("\n")
    assert TOML.isascii()
