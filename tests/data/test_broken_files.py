"""Broken files and folders: encodings, separators, headers, missing and unknown files."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.broken import Case, Damage, Says, assert_says_exactly, parametrise
from tests.data.small import (
    change_text,
    copy_row,
    read_rows,
    set_cell,
    small_review,
    write_rows,
)

from evidence.data import TABLES, check_review, load_review
from evidence.errors import ReviewNotFoundError


def rewrite(file: str, change: Callable[[bytes], bytes]) -> Damage:
    def damage(review: Path) -> None:
        path = review / file
        path.write_bytes(change(path.read_bytes()))

    return damage


def header(table: str, change: Callable[[list[str]], list[str]]) -> Damage:
    """Change the header alone."""

    def damage(review: Path) -> None:
        rows = read_rows(review, table)
        write_rows(review, table, [change(rows[0]), *rows[1:]])

    return damage


def renamed(table: str, old: str, new: str) -> Damage:
    return header(table, lambda names: [new if name == old else name for name in names])


def without(table: str, column: str) -> Damage:
    def damage(review: Path) -> None:
        rows = read_rows(review, table)
        at = rows[0].index(column)
        write_rows(review, table, [row[:at] + row[at + 1 :] for row in rows])

    return damage


def with_column(table: str, name: str) -> Damage:
    def damage(review: Path) -> None:
        head, *rows = read_rows(review, table)
        at = head.index(name) if name in head else -1
        cells = [row[at] if at >= 0 else "more" for row in rows]
        write_rows(
            review,
            table,
            [[*head, name], *([*row, cell] for row, cell in zip(rows, cells, strict=True))],
        )

    return damage


def width(table: str, line: int, change: Callable[[list[str]], list[str]]) -> Damage:
    def damage(review: Path) -> None:
        rows = read_rows(review, table)
        rows[line - 1] = change(rows[line - 1])
        write_rows(review, table, rows)

    return damage


def remove(file: str) -> Damage:
    return lambda review: (review / file).unlink()


def rename(old: str, new: str) -> Damage:
    return lambda review: (review / old).rename(review / new)


def turn_into_folder(file: str) -> Damage:
    def damage(review: Path) -> None:
        (review / file).unlink()
        (review / file).mkdir()

    return damage


def saved_by_windows(review: Path) -> None:
    set_cell(review, "arms", 4, "note", _UMLAUT)
    rewrite("arms.csv", lambda raw: raw.decode().encode("cp1252"))(review)


def says(file: str, line: int, column: str, message: str, found: str, do: str) -> tuple[Says]:
    return (Says(file, line, column, message, found, do),)


_MORE = "more cells than the header"
_FEWER = "fewer cells than the header"
_NO_COLUMN = "the column is missing"
_MISSING = "the file is missing"
_ARMS, _CLAIMS, _STUDIES = (len(TABLES[name].names) for name in ("arms", "claims", "studies"))
_UMLAUT = "M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller"

FILES = [
    # files
    Case("missing-studies", remove("studies.csv"),
         says("studies.csv", 0, "", _MISSING, "", "study_id, label")),
    Case("missing-sources", remove("sources.csv"),
         says("sources.csv", 0, "", _MISSING, "", "Add the file")),
    Case("missing-review-toml", remove("review.toml"),
         says("review.toml", 0, "", _MISSING, "", "the question")),
    Case("misnamed-studies", rename("studies.csv", "Studies.csv"),
         says("studies.csv", 0, "", _MISSING, "", "There is a file 'Studies.csv'")),
    Case("misnamed-toml", rename("review.toml", "reviews.toml"),
         says("review.toml", 0, "", _MISSING, "", "There is a file 'reviews.toml'")),
    Case("misnamed-optional-table", rename("facts.csv", "fact.csv"),
         says("fact.csv", 0, "", "no such table", "fact.csv", "Did you mean 'facts.csv'?")),
    Case("optional-table-in-capitals", rename("claims.csv", "Claims.CSV"),
         says("Claims.CSV", 0, "", "no such table", "Claims.CSV", "Did you mean 'claims.csv'?")),
    Case("unknown-table", lambda review: (review / "weather.csv").write_text("a,b\n1,2\n"),
         says("weather.csv", 0, "", "nobody would read", "weather.csv", "Move it out")),
    Case("table-is-a-folder", turn_into_folder("studies.csv"),
         says("studies.csv", 0, "", _MISSING, "", "Add the file")),
    Case("empty-file", rewrite("facts.csv", lambda raw: b""),
         says("facts.csv", 0, "", "the file is empty", "", "a header")),
    Case("file-of-white-space", rewrite("facts.csv", lambda raw: b" \r\n\n\t"),
         says("facts.csv", 0, "", "the file is empty", "", "a header")),
    Case("only-a-byte-order-mark", rewrite("studies.csv", lambda raw: codecs.BOM_UTF8),
         says("studies.csv", 0, "", "the file is empty", "", "a header")),
    Case("only-commas", rewrite("facts.csv", lambda raw: b",,,\n,,,\n"),
         says("facts.csv", 1, "", "no header", "", "fact_id, quantity")),
    Case("studies-without-rows", rewrite("studies.csv", lambda raw: raw.split(b"\n")[0]),
         says("studies.csv", 0, "", "a header but no rows", "", "a row is a study")),
    Case("sources-without-rows", rewrite("sources.csv", lambda raw: raw.split(b"\n")[0]),
         says("sources.csv", 0, "", "a header but no rows", "", "a row is one place")),
    # encodings
    Case("windows-code-page", saved_by_windows,
         says("arms.csv", 4, "", "Windows code page", f"r,,primary,{_UMLAUT}", "UTF-8")),
    Case("utf-16", rewrite("arms.csv", lambda raw: raw.decode().encode("utf-16")),
         says("arms.csv", 1, "", "UTF-16", "", "save as 'CSV UTF-8")),
    Case("utf-16-without-mark", rewrite("arms.csv", lambda raw: raw.decode().encode("utf-16-le")),
         says("arms.csv", 1, "", "NUL byte", "s\\x00t\\x00u\\x00d\\x00y\\x00_\\x00i", "UTF-8")),
    Case("nul-byte", rewrite("arms.csv", lambda raw: raw.replace(b"30 (4.2)", b"30\x00(4.2)")),
         says("arms.csv", 4, "", "NUL byte", "rticle,11.30\\x00(4.2) with", "UTF-8")),
    Case("spreadsheet", rewrite("arms.csv", lambda raw: b"PK\x03\x04" + raw),
         says("arms.csv", 0, "", "a spreadsheet file", "", "save as 'CSV UTF-8")),
    # separators and quotation marks
    Case("semicolons", rewrite("arms.csv", lambda raw: raw.replace(b",", b";")),
         says("arms.csv", 1, "", "separated by semicolons",
              "study_id;outcome_id;timepoint;arm;role;kind;n;n_basis;mean;sd;se;ci_low;ci_hi...",
              "commas")),
    Case("quoted-semicolons", rewrite("claims.csv", lambda raw: b'"claim_id";"kind"\n"a";"b"\n'),
         says("claims.csv", 1, "", "separated by semicolons", '"claim_id";"kind"', "commas")),
    Case("tabs", rewrite("claims.csv", lambda raw: b"claim_id\tkind\na\tb\n"),
         says("claims.csv", 1, "", "separated by tabs", "claim_id\\tkind", "commas")),
    Case("unclosed-quotation-mark",
         rewrite("claims.csv", lambda raw: raw.replace(b"Moonwort", b'"Moonwort')),
         says("claims.csv", 2, "", "unexpected end of data",
              'naps-better,tea-blog,"Moonwort tea cures bad naps,,efficacy,Dragons nap bette...',
              "not closed")),
    Case("undoubled-quotation-mark",
         rewrite("claims.csv", lambda raw: raw.replace(b"Moonwort tea", b'"Moonwort" tea')),
         says("claims.csv", 2, "", "expected after",
              'naps-better,tea-blog,"Moonwort" tea cures bad naps,,efficacy,Dragons nap bett...',
              "not doubled")),
    # headers
    Case("missing-column", without("arms", "sd"),
         says("arms.csv", 1, "sd", "the column is missing", "", "Add 'sd' to the header")),
    Case("missing-required-column", without("contrasts", "direction"),
         says("contrasts.csv", 1, "direction", _NO_COLUMN, "", "fill it in every row")),
    Case("missing-key-column", without("studies", "study_id"),
         says("studies.csv", 1, "study_id", "the column is missing", "", "lower-case letters")),
    Case("missing-column-of-sources", without("sources", "source_id"),
         says("sources.csv", 1, "source_id", _NO_COLUMN, "", "fill it in every row")),
    Case("misspelt-column", renamed("contrasts", "estimate", "estimat"),
         says("contrasts.csv", 1, "estimat", "no such column", "estimat", "mean 'estimate'?")),
    Case("column-in-capitals", renamed("arms", "ci_low", "CI low"),
         says("arms.csv", 1, "CI low", "no such column", "CI low", "Did you mean 'ci_low'?")),
    Case("duplicated-column", with_column("arms", "mean"),
         says("arms.csv", 1, "mean", "more than once", f"columns 9, {_ARMS + 1}", "Keep one")),
    Case("unknown-column", with_column("arms", "weather"),
         says("arms.csv", 1, "weather", "no such column", "weather", "Take the column out")),
    Case("column-without-a-name", with_column("arms", ""),
         says("arms.csv", 1, "", f"column {_ARMS + 1} has no name", "", "Name it")),
    Case("control-characters-in-the-header", with_column("arms", "\x1b[2J"),
         says("arms.csv", 1, "\\x1b[2J", "no such column", "\\x1b[2J", "Take the column out")),
    Case("no-header", rewrite("sources.csv", lambda raw: raw.split(b"\n", 1)[1]),
         says("sources.csv", 1, "", "not the header",
              "alpha-article,Alpha A. Moonwort tea for naps. J Dragon. 2020;1:1.,article,10....",
              "source_id, citation")),
    # lines
    Case("too-many-cells", width("arms", 4, lambda cells: [*cells, "more"]),
         says("arms.csv", 4, "", _MORE, f"{_ARMS + 1} cells", f"{_ARMS} cells")),
    Case("too-few-cells", width("arms", 4, lambda cells: cells[:-1]),
         says("arms.csv", 4, "", _FEWER, f"{_ARMS - 1} cells", "need their")),
    Case("unquoted-comma",
         rewrite("claims.csv", lambda raw: raw.replace(b"cures", b"cures, yes,")),
         says("claims.csv", 2, "", _MORE, f"{_CLAIMS + 2} cells", "quotation marks")),
    Case("lost-study-line", width("studies", 2, lambda cells: [*cells, ""]),
         says("studies.csv", 2, "", _MORE, f"{_STUDIES + 1} cells", f"{_STUDIES} cells")),
]  # fmt: skip


@parametrise(FILES)
def test_a_broken_file(tmp_path: Path, case: Case) -> None:
    assert_says_exactly(tmp_path, case)


def test_an_unreadable_file_is_a_problem_and_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = small_review(tmp_path)
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "arms.csv":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (problem,) = check_review(review)
    assert problem.place == "arms.csv"
    assert "Permission denied" in problem.message


def test_a_lost_line_does_not_make_its_study_unknown_but_others_stay_so(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    width("studies", 2, lambda cells: cells[:-1])(review)
    set_cell(review, "arms", 7, "study_id", "gama2022")
    places = [problem.place for problem in check_review(review)]
    assert places == ["arms.csv, line 7, study_id", "studies.csv, line 2"]


def test_lines_are_those_of_an_editor(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    rows = read_rows(review, "arms")
    rows[1][-1] = "two\nlines"
    rows.insert(1, [""] * len(rows[0]))
    rows.insert(1, [])
    write_rows(review, "arms", rows)
    set_cell(review, "arms", 5, "mean", "x")  # item 5 of the rows; two lines further in the file
    text = (review / "arms.csv").read_text(encoding="utf-8").split("\n")
    (problem,) = check_review(review)
    assert text[problem.line - 1].startswith("alpha2020,nap-trouble,week 4")
    assert ",x," in text[problem.line - 1]
    for ending in ("\r\n", "\r"):
        (review / "arms.csv").write_bytes(ending.join(text).encode())
        assert list(check_review(review)) == [problem]


@pytest.mark.parametrize("what", ["not-a-review", "does-not-exist", "file", "empty-folder"])
def test_what_is_no_review(tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    review = small_review(tmp_path / "data")
    path = tmp_path / what
    words = ["There is no review", repr(str(path)), "review.toml"]
    if what == "not-a-review":
        path.mkdir()
        (path / "notes.txt").write_text("nothing")
        words = ["is not a review", "studies.csv", "Start from a copy"]
    elif what == "empty-folder":
        path.mkdir()
        words = ["is not a review"]
    elif what == "file":
        path = review / "review.toml"
        words = ["is a file", repr(str(review))]
    for function in (check_review, load_review):
        with pytest.raises(ReviewNotFoundError) as error:
            function(path)
        assert isinstance(error.value, FileNotFoundError)
        for word in words:
            assert word in str(error.value)


def test_an_unknown_name_suggests_a_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_review(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReviewNotFoundError, match="Did you mean 'small'"):
        load_review("smal")


def test_ten_thousand_rows_are_checked_in_a_few_seconds(tmp_path: Path) -> None:
    from time import perf_counter

    review = small_review(tmp_path)
    rows = read_rows(review, "contrasts")
    study, timepoint = rows[0].index("study_id"), rows[0].index("timepoint")
    for number in range(10_000):
        row = list(rows[1])
        row[timepoint] = f"week {number + 5}"
        rows.append(row)
    write_rows(review, "contrasts", rows)
    start = perf_counter()
    assert not check_review(review)
    assert len(load_review(review).contrasts) == 10_003
    assert perf_counter() - start < 10
    # The same with something wrong in each of them.
    for number, row in enumerate(rows[1:]):
        row[study] = f"omega{number}"
    write_rows(review, "contrasts", rows)
    start = perf_counter()
    problems = check_review(review)
    assert len(problems) == 10_003
    assert len(problems.summary(30).splitlines()) < 200
    assert perf_counter() - start < 10


def test_damage_helpers_do_damage(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    assert copy_row(review, "arms", 2, timepoint="week 9") == 9
    change_text(review, "review.toml", 'title = "Moonwort tea and napping"', 'title = "Tea"')
    assert load_review(review).plan.title == "Tea"
