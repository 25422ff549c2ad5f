"""Rounding, words, escaping: what a reader sees of every result."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.display import (
    MINUS,
    Display,
    Prose,
    Table,
    capital,
    format_interval,
    format_number,
    format_p,
    format_p_range,
    html_table,
    join_words,
    plural,
)

HOSTILE = "</td><script>alert('x')</script>&amp;\"'<b>|`*_[a](b)"
VOID = {"br", "img", "hr", "input", "meta", "link"}


class Well(HTMLParser):
    """Parses a fragment, and fails where a tag is closed that was not open."""

    def __init__(self, fragment: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(fragment)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def text(self, tag: str) -> str:
        return "".join(self.texts.get(tag, []))


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.625, 2, "0.62"),
        (-1.6, 1, f"{MINUS}1.6"),
        (-0.001, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (-0.4, 0, "0"),
        (-0.6, 0, f"{MINUS}1"),
        (1234.5, 1, "1234.5"),
        (None, 2, "\N{EN DASH}"),
        (math.nan, 2, "\N{EN DASH}"),
        (math.inf, 2, "\N{INFINITY}"),
        (-math.inf, 2, f"{MINUS}\N{INFINITY}"),
        (np.float64(-2.345), 1, f"{MINUS}2.3"),
    ],
)
def test_format_number(value: float | None, decimals: int, text: str) -> None:
    assert format_number(value, decimals) == text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 6))
def test_a_number_reads_back_within_its_rounding(value: float, decimals: int) -> None:
    text = format_number(value, decimals)
    assert "-" not in text
    back = float(text.replace(MINUS, "-"))
    assert back == pytest.approx(value, abs=0.5 * 10**-decimals * (1 + 1e-9))
    # Nothing reads as a negative zero.
    assert not (back == 0 and text.startswith(MINUS))


def test_intervals_are_unambiguous_with_negative_ends() -> None:
    assert format_interval(-3.0, -1.0, 1) == f"{MINUS}3.0 to {MINUS}1.0"
    assert format_interval(-0.001, 0.5) == "0.00 to 0.50"
    assert format_interval(math.nan, math.inf) == "\N{EN DASH} to \N{INFINITY}"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "p < 0.001"),
        (1e-300, "p < 0.001"),
        (0.00099999, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0012, "p = 0.001"),
        (0.049, "p = 0.049"),
        (0.05, "p = 0.050"),
        (0.0994, "p = 0.099"),
        (0.0995, "p = 0.10"),
        (0.0999, "p = 0.10"),
        (0.1, "p = 0.10"),
        (0.174, "p = 0.17"),
        (0.99, "p = 0.99"),
        (0.9901, "p > 0.99"),
        (0.9999, "p > 0.99"),
        (1.0, "p > 0.99"),
        (1.0000000000000002, "p > 0.99"),
        (math.nan, "p not known"),
    ],
)
def test_format_p(p: float, text: str) -> None:
    assert format_p(p) == text


@given(st.floats(0, 1))
def test_no_p_value_reads_as_nothing_or_as_certainty(p: float) -> None:
    relation, number = re.fullmatch(r"p ([=<>]) (0\.\d+)", format_p(p)).groups()
    if relation == "=":
        assert float(number) == pytest.approx(p, abs=0.0051)
        assert 0 < float(number) < 1
    else:
        assert (p < float(number)) == (relation == "<")


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.0983, 0.1694, "p = 0.098 to 0.17"),
        (0.3461, 0.3463, "p = 0.35"),
        (1e-9, 1e-6, "p < 0.001"),
        (1e-6, 0.03, "p from below 0.001 to 0.030"),
        (0.5, 1.0, "p = 0.50 to above 0.99"),
        (0.0, 1.0, "p from below 0.001 to above 0.99"),
        (math.nan, math.nan, "p not known"),
    ],
)
def test_format_p_range(low: float, high: float, text: str) -> None:
    assert format_p_range(low, high) == text


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "no trials"),
        (1, "one trial"),
        (2, "two trials"),
        (9, "nine trials"),
        (10, "10 trials"),
        (12345, "12,345 trials"),
    ],
)
def test_plural(count: int, words: str) -> None:
    assert plural(count, "trial") == words


def test_plural_of_nouns_that_need_it() -> None:
    assert plural(1, "study", "studies") == "one study"
    assert plural(3, "study", "studies") == "three studies"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_join_words(words: list[str], sentence: str) -> None:
    assert join_words(iter(words)) == sentence


def test_join_words_with_another_last_word() -> None:
    assert join_words("abc", "or") == "a, b or c"


def test_capital_leaves_the_rest_alone() -> None:
    assert capital("the ISI of adults") == "The ISI of adults"
    assert capital("") == ""


# ---------------------------------------------------------------- tables


def test_a_table_escapes_caption_headers_cells_and_note() -> None:
    table = Table(pd.DataFrame({HOSTILE: [HOSTILE]}), caption=HOSTILE, note=HOSTILE)
    page = Well(table._repr_html_())
    assert "script" not in page.tags
    assert "b" not in page.tags
    for tag in ("caption", "th", "td", "small"):
        assert page.text(tag) == HOSTILE


@given(st.text(), st.text(), st.lists(st.text(), min_size=1, max_size=3), st.text())
def test_no_text_breaks_out_of_a_table(
    caption: str, head: str, cells: list[str], note: str
) -> None:
    page = Well(Table(pd.DataFrame({head: cells}), caption=caption, note=note)._repr_html_())
    outer = ["table", "caption"][: 1 + bool(caption)]
    expected = [*outer, "thead", "tr", "th", "tbody", *(["tr", "td"] * len(cells))]
    assert page.tags == [*expected, *(["p", "small"] if note else [])]


def test_cells_show_nothing_for_what_is_not_known() -> None:
    frame = pd.DataFrame(
        {
            "text": ["a", None, pd.NA, "b"],
            "float": [0.625, np.nan, -0.001, np.inf],
            "count": pd.array([1, None, 3, 4], dtype="Int64"),
            "date": pd.to_datetime(["2026-01-02", None, None, None]),
        }
    )
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html_table(frame))
    assert cells[:4] == ["a", "0.62", "1", "2026-01-02 00:00:00"]
    assert cells[4:8] == ["", "", "", ""]
    assert cells[8:12] == ["", "0.00", "3", ""]
    assert cells[12:15] == ["b", "\N{INFINITY}", "4"]


def test_numbers_stand_to_the_right_and_text_to_the_left() -> None:
    frame = pd.DataFrame(
        {
            "name": ["a"],
            "float": [1.0],
            "count": pd.array([1], dtype="Int64"),
            "shown": ["1 of 2"],
        }
    )
    html = html_table(frame, align_right=("shown",))
    assert re.findall(r"text-align:(\w+)\" scope", html) == ["left", "right", "right", "right"]
    assert re.findall(r"<td style=\"text-align:(\w+)", html) == ["left", "right", "right", "right"]


def test_columns_of_one_name_are_both_shown() -> None:
    html = html_table(pd.DataFrame([["a", 2]], columns=["x", "x"]))
    assert re.findall(r"<td[^>]*>(.*?)</td>", html) == ["a", "2"]


def test_the_index_is_not_shown() -> None:
    table = Table(pd.DataFrame({"a": ["x"]}, index=[77]))
    assert "77" not in table._repr_html_()
    assert "77" not in table.summary()
    assert "77" not in table.to_markdown()


def test_a_table_in_plain_text() -> None:
    table = Table(pd.DataFrame({"a": ["x", None], "b": [1.5, np.nan]}), "A caption", "A note.")
    lines = table.summary().splitlines()
    assert lines[0] == "A caption"
    assert lines[-1] == "A note."
    assert lines[2].split() == ["x", "1.5"]
    assert lines[3].strip() == ""
    assert repr(table) == table.summary()


def test_a_table_of_nothing_is_its_caption() -> None:
    table = Table(pd.DataFrame(), caption="Nothing <here>.", note="Why.")
    assert table.summary() == "Nothing <here>.\nWhy."
    page = Well(table._repr_html_())
    assert page.tags == ["p", "p", "small"]
    assert page.text("p") == "Nothing <here>."


def test_a_table_as_plain_values() -> None:
    table = Table(pd.DataFrame({"a": ["x"]}), "c", "n")
    assert table.to_dict() == {"caption": "c", "rows": [{"a": "x"}], "note": "n"}
    assert table.to_frame() is table.frame


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("plain −0.5 (95% CI)", "plain −0.5 (95% CI)"),
        ("Mah & Pitre", "Mah & Pitre"),
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("two\nlines\r\n and more", "two lines and more"),
        ("<script>", r"\<script\>"),
        ("*a* _b_ `c` ~d~", r"\*a\* \_b\_ \`c\` \~d\~"),
        ("[a](b)", r"\[a\](b)"),
        ("&lt;", r"\&lt;"),
        ("&#60;", r"\&#60;"),
        (None, ""),
        (math.nan, ""),
        (0.625, "0.62"),
        (3, "3"),
    ],
)
def test_markdown_cells(cell: object, shown: str) -> None:
    frame = pd.DataFrame({"a": pd.Series([cell], dtype=object), "b": ["end"]})
    assert Table(frame).to_markdown().splitlines()[2] == f"| {shown} | end |"


def test_markdown_has_a_head_and_a_rule() -> None:
    lines = Table(pd.DataFrame({"a|b": ["x"], "c": ["y"]})).to_markdown().splitlines()
    assert lines == [r"| a\|b | c |", "| --- | --- |", "| x | y |"]


@given(st.lists(st.text(), min_size=2, max_size=2))
def test_no_text_breaks_out_of_a_markdown_cell(cells: list[str]) -> None:
    lines = Table(pd.DataFrame([cells], columns=["a", "b"])).to_markdown().split("\n")
    assert len(lines) == 3
    # As GitHub reads a row: a backslash takes the meaning from the character after it.
    bare = re.sub(r"\\[\\|`*_\[\]<>~&]", "", lines[2])
    assert bare.count("|") == 3
    assert not re.search(r"[`*_\[\]<>~\\]|&#?\w+;", bare)


# ---------------------------------------------------------------- prose


@pytest.mark.parametrize(
    ("style", "tags"),
    [("paragraphs", ["p", "p"]), ("list", ["ul", "li", "li"]), ("numbered", ["ol", "li", "li"])],
)
def test_prose_is_well_formed_and_escaped(style: str, tags: list[str]) -> None:
    page = Well(Prose(HOSTILE, "Two.", style=style)._repr_html_())
    assert page.tags == tags
    assert page.text(tags[-1]) == f"{HOSTILE}Two."


def test_empty_sentences_are_left_out() -> None:
    prose = Prose("One.", "", "Two.", facts={"k": 2})
    assert prose.paragraphs == ("One.", "Two.")
    assert str(prose) == repr(prose) == "One.\n\nTwo."
    assert prose.facts == {"k": 2}


@pytest.mark.parametrize("style", ["paragraphs", "list", "numbered"])
def test_prose_of_nothing_shows_nothing(style: str) -> None:
    assert Prose("", style=style)._repr_html_() == ""


def test_by_default_a_result_shows_each_line_of_its_summary() -> None:
    class Result(Display):
        def summary(self) -> str:
            return f"first\n\n{HOSTILE}"

        def to_frame(self) -> pd.DataFrame:
            return pd.DataFrame()

        def to_dict(self) -> dict[str, object]:
            return {}

    page = Well(Result()._repr_html_())
    assert page.tags == ["p", "p"]
    assert page.texts["p"] == ["first", HOSTILE]


def test_a_result_without_its_four_faces_cannot_be_made() -> None:
    class Half(Display):
        def summary(self) -> str:
            return ""

    with pytest.raises(TypeError, match="to_dict"):
        Half()  # type: ignore[abstract]


def test_a_long_caption_has_room_above_a_narrow_table() -> None:
    narrow = pd.DataFrame({"a": [1]})
    assert "min-width" in html_table(narrow, caption="A sentence that is longer than the table is")
    assert "min-width" not in html_table(narrow, caption="Short")
