"""Problems read well in a terminal and on a page."""

from __future__ import annotations

import json
from pathlib import Path

from tests.data.small import set_cells, small_review

from evidence.data import Problem, Problems, check_review

PLAIN = Problem("arms.csv", 3, "sd", "it is wrong.", "-4.0", "a number", "Mend it.")


def test_one_line() -> None:
    assert str(PLAIN) == (
        "arms.csv, line 3, sd: it is wrong. Found '-4.0'. Accepted: a number. Mend it."
    )
    assert str(Problem("arms.csv", 0, "", "it is missing.")) == "arms.csv: it is missing."


def test_the_terminal_sees_files_then_lines(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cells(review, "arms", 3, sd="-4.0", mean="9,10")
    (review / "sources.csv").unlink()
    assert str(check_review(review)) == (
        "small: three problems found.\n"
        "\n"
        "arms.csv\n"
        "  line 3, mean: the number has a decimal comma.\n"
        "      found     '9,10'\n"
        "      accepted  a number, decimals after a point\n"
        "      try       Write '9.10'.\n"
        "  line 3, sd: the number is out of range.\n"
        "      found     '-4.0'\n"
        "      accepted  a number, decimals after a point, at least 0\n"
        "      try       A standard deviation is never negative: is this a mean or a change?\n"
        "\n"
        "sources.csv\n"
        "  the file is missing.\n"
        "      accepted  a CSV file with the columns source_id, citation, kind, doi, pmid, url,\n"
        "                accessed, tier, note\n"
        "      try       Add the file."
    )


def test_no_line_is_wider_than_a_terminal() -> None:
    long = Problem("a.csv", 1, "c", "m " * 90 + "m.", "f" * 200, "a, " * 90 + "a", "w " * 90)
    assert max(map(len, Problems(Path("x"), (long,)).summary().splitlines())) <= 100


def test_no_problems() -> None:
    none = Problems.collect(Path("small"), [])
    assert none.summary() == "small: no problems found."
    assert none._repr_html_() == "<p>small: no problems found.</p>"
    assert not none
    assert list(none.to_frame().columns)[:3] == ["file", "line", "column"]


def test_the_page_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    problems = Problems(Path("<b>"), (Problem(evil, 0, evil, evil, evil, evil, evil),))
    html = problems._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 6
    assert "&lt;b&gt;" in html
    assert "<caption>" in html
    assert ">0<" not in html, "line 0 means no line"


def test_what_cannot_be_seen_is_written_as_an_escape() -> None:
    problem = Problem("a.csv", 1, "\x1b[31m", "it is wrong.", "a\u200bb\u00a0c\n" + "x" * 100)
    assert problem.column == "\\x1b[31m"
    assert problem.found.startswith("a\\u200bb\\xa0c\\nxxx")
    assert problem.found.endswith("x...")
    assert str(problem).isprintable()


def test_sorted_by_file_and_line_without_repetition() -> None:
    first, later = Problem("a.csv", 2, "x", "m."), Problem("a.csv", 10, "x", "m.")
    other = Problem("b.csv", 1, "x", "m.")
    assert list(Problems.collect(Path(), [other, later, first, later])) == [first, later, other]


def test_as_table_and_as_plain_values() -> None:
    problems = Problems(Path("small"), (PLAIN,))
    assert len(problems) == 1
    assert problems.to_frame().loc[0].tolist() == [
        *("arms.csv", 3, "sd", "it is wrong.", "-4.0", "a number", "Mend it.")
    ]
    assert json.loads(json.dumps(problems.to_dict()))["problems"][0]["line"] == 3


def test_a_limit_says_how_many_more() -> None:
    problems = Problems(Path("small"), tuple(Problem("a.csv", n, "x", "m.") for n in range(1, 9)))
    assert problems.summary(6).endswith("line 6, x: m.\n\n... and two more.")
    assert problems.summary(8) == problems.summary()
