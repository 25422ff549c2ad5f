"""Any text can be drawn: signs without a shape go, signs without a font become a box."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plots import make

from evidence.plots.lettering import BOX, drawable, families, one_line, shorten, width, wrap


@pytest.mark.parametrize("number", range(len(make.NASTY)))
def test_what_is_drawable_is_measured_without_a_warning(number: int) -> None:
    text = drawable(make.NASTY[number] or " ")
    assert width(text) > 0.2
    assert width(text, bold=True) > 0.2


def test_signs() -> None:
    assert drawable("a\tb\r\nc  d") == "a b c d"
    assert drawable("\u202eabc\x00\ud800\ufeff") == "abc"
    assert drawable("$x_1$ \\frac <script>") == "$x_1$ \\frac <script>"
    assert drawable("\N{PILL}") == BOX
    assert drawable("") == ""
    assert drawable(" \u200b") == one_line("") == "(unnamed)"
    assert one_line("pill \N{PILL}") == "pill \N{PILL}"


def test_families_name_only_what_is_needed() -> None:
    assert families("Abbasi 2012, −0.5 †") == ["DejaVu Sans"]
    assert families(drawable("المغنيسيوم")) == ["DejaVu Sans"]


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_at_all(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert width(drawable(text)) >= 0


@given(st.text(st.sampled_from("ab w-"), max_size=80), st.floats(0.5, 2.0))
def test_lines_are_no_wider_than_asked_and_lose_nothing(text: str, limit: float) -> None:
    line = one_line(text)
    wrapped = wrap(line, limit, lines=99)
    assert "".join(wrapped.split()) == "".join(line.split())
    assert all(width(one) <= limit + 0.01 for one in wrapped.split("\n"))


def test_what_belongs_together_stays_on_a_line() -> None:
    for text in ("the difference and p = 0.049", "differences among them: I² 81%"):
        for limit in (0.9, 1.1, 1.3, 1.5, 1.7):
            lines = wrap(text, limit).split("\n")
            assert any("p = 0.049" in line or "I² 81%" in line for line in lines)


def test_too_many_lines_end_with_an_ellipsis() -> None:
    wrapped = wrap("word " * 100, 1.0, lines=3)
    assert wrapped.count("\n") == 2
    assert wrapped.endswith("…")
    assert all(width(line) <= 1.01 for line in wrapped.split("\n"))
    assert shorten("short", 2.0) == "short"
    assert wrap("", 1.0) == ""
