"""A tool that a review brings, and every slip that its file can hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.small import add_row, set_cells, small_review

from evidence.data import check_review, load_review
from evidence.data.bias_tools import builtin_tools, judge_domain, judgements_of
from evidence.data.bias_tools.reader import read_tool

TEA = """\
name = "Tea 1"
citation = "Made up for tests."
read_in = "Nowhere."

[answers]
Y = "yes"
N = "no"

[[judgements]]
word = "strong"
severity = 0
concern = "low"
sign = "S"

[[judgements]]
word = "weak"
severity = 1
concern = "high"
sign = "W"

[[domains]]
id = "leaves"
name = "leaves"
short = "L"

[[domains.questions]]
id = "1"
text = "Were there leaves?"
answers = ["Y", "N"]

[[domains.rules]]
judgement = "strong"
all = { "1" = ["Y"] }

[[domains.rules]]
judgement = "weak"
all = { "1" = ["N"] }

[[overall]]
judgement = "weak"
any = ["weak"]

[[overall]]
judgement = "strong"
all = ["strong"]
"""


def with_tool(folder: Path, text: str) -> Path:
    review = small_review(folder)
    (review / "tools").mkdir()
    (review / "tools" / "tea.toml").write_text(text, encoding="utf-8")
    return review


def test_a_tool_of_its_own_judges_as_any_other(tmp_path: Path) -> None:
    review = with_tool(tmp_path, TEA)
    before = load_review(review).fingerprint
    set_cells(review, "signalling_answers", 2, tool="Tea 1", domain="leaves", question="1",
              answer="N")  # fmt: skip
    set_cells(review, "risk_of_bias", 2, tool="Tea 1", domain="overall", judgement="strong")
    loaded = load_review(review)
    (found,) = judgements_of(loaded, "alpha2020")
    assert found.of("leaves").word == "weak"
    assert found.of("leaves").origin == "computed"
    assert (found.overall.word, found.overall.computed) == ("strong", "weak")
    assert found.overall.differs
    (review / "tools" / "tea.toml").write_text(TEA + "\n", encoding="utf-8")
    assert load_review(review).fingerprint not in (before, loaded.fingerprint)


def test_a_tool_may_be_based_on_another(tmp_path: Path) -> None:
    text = """\
name = "RoB 2 with leaves"
based_on = "RoB 2"
citation = "Made up for tests."

[[domains]]
id = "leaves"
name = "leaves"
short = "L"
after = "randomisation"

[[domains.questions]]
id = "1"
text = "Were there leaves?"
answers = ["Y", "PY", "N"]

[[domains.rules]]
judgement = "high"
all = { "1" = ["no"] }

[[domains.rules]]
judgement = "low"
any = { "1" = ["yes"] }
"""
    tool = load_review(with_tool(tmp_path, text)).bias_tools["RoB 2 with leaves"]
    assert [domain.short for domain in tool.domains] == ["D1", "L", "D2", "D3", "D4", "D5"]
    leaves = tool.domain("leaves")
    assert leaves is not None
    assert judge_domain(tool, leaves, {"1": "PY"}).word == "low"
    assert "RoB 2 with leaves" not in builtin_tools()


BROKEN = [
    ('name = "Tea 1"\n', "", 0, "name", "the key is missing"),
    ('name = "Tea 1"', 'name = ""', 1, "name", "is empty and must not be"),
    ('name = "Tea 1"', "name = 1", 1, "name", "of the wrong kind"),
    ('name = "Tea 1"', 'name = "RoB 2"', 0, "name", "of this name already"),
    ('name = "Tea 1"', 'nam = "x"\nname = "Tea 1"', 1, "nam", "no such key"),
    ('name = "Tea 1"', 'name = "Tea 1', 0, "", "cannot be read as TOML"),
    ('name = "Tea 1"', 'name = "Tea 1"\nbased_on = "RoB 3"', 2, "based_on", "no such tool"),
    ('concern = "high"', 'concern = "hgh"', 18, "judgements[2].concern", "no such concern"),
    ("severity = 1", "severity = 0", 17, "judgements[2].severity", "the same rank"),
    ('sign = "W"', 'sign = "weak"', 19, "judgements[2].sign", "no room"),
    ('word = "weak"', 'word = "no information"', 16, "judgements[2].word", "is taken"),
    ('id = "leaves"', 'id = "overall"', 22, "domains[1].id", "is taken"),
    ('short = "L"', 'after = "roots"\nshort = "L"', 24, "domains[1].after", "no such domain"),
    ('short = "L"', 'about = "tea"\nshort = "L"', 24, "domains[1].about", "no such kind"),
    ('short = "L"', 'short = "Leaves"', 24, "domains[1].short", "no room"),
    ('short = "L"', 'facts = ["blindin"]\nshort = "L"', 24, "domains[1].facts", "no such kind"),
    ('answers = ["Y", "N"]', 'answers = ["Y", "P"]', 29, "domains.questions[1].answers",
     "no such answer"),
    ('answers = ["Y", "N"]', 'answers = "Y"', 29, "domains.questions[1].answers", "wrong kind"),
    ('judgement = "strong"\nall = { "1" = ["Y"] }', 'judgement = "high"\nall = { "1" = ["Y"] }', 32,
     "domains.rules[1].judgement", "no such judgement"),
    ('all = { "1" = ["N"] }', 'all = { "2" = ["N"] }', 37, "domains.rules[2].all",
     "no such question"),
    ('all = { "1" = ["N"] }', 'all = { "1" = ["M"] }', 37, "domains.rules[2].all",
     "no such answer"),
    ('all = { "1" = ["N"] }', 'all = { "1" = "N" }', 37, "domains.rules[2].all", "wrong kind"),
    ('all = { "1" = ["N"] }', "", 36, "domains.rules[2].judgement", "no condition"),
    ('any = ["weak"]', 'any = ["wek"]', 41, "overall[1].any", "no such judgement"),
    ('any = ["weak"]', "", 40, "overall[1].judgement", "no condition"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "column", "message"), BROKEN)
def test_a_broken_tool_says_what_is_wrong_and_where(
    tmp_path: Path, old: str, new: str, line: int, column: str, message: str
) -> None:
    assert old in TEA
    problems = check_review(with_tool(tmp_path, TEA.replace(old, new, 1)))
    mine = [problem for problem in problems if problem.file == "tools/tea.toml"]
    assert any(
        (problem.line, problem.column) == (line, column) and message in problem.message
        for problem in mine
    ), list(map(str, mine))


def test_a_broken_tool_is_not_also_an_unknown_one(tmp_path: Path) -> None:
    review = with_tool(tmp_path, TEA.replace('concern = "high"', 'concern = "hgh"'))
    add_row(
        review, "risk_of_bias", study_id="beta2021", tool="Tea 1", domain="leaves",
        judgement="weak", support="So it seemed.", who="a tester", source_id="beta-article",
        quote="so it seemed", tier="primary",
    )  # fmt: skip
    assert {problem.file for problem in check_review(review)} == {"tools/tea.toml"}


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"[" * 5000, b"name = 1e", b"x = 1"])
def test_whatever_a_file_holds_ends_in_problems(raw: bytes) -> None:
    found = read_tool(raw, "tools/x.toml", {})
    assert found.tool is None
    assert found.problems
