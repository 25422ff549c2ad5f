"""The language of tests: what is written comes back, and nothing hostile gets through."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evidence
from evidence.data.claim_tests import Call, parse_test
from evidence.data.claim_tests.grammar import MOST_DEEP, MOST_PARTS, ClaimTestError

names = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
texts = st.text(max_size=60)
values = st.one_of(texts, st.lists(texts, min_size=1, max_size=4).map(tuple))
arguments = st.lists(
    st.tuples(names, values), max_size=5, unique_by=lambda each: each[0]
).map(tuple)  # fmt: skip
leaves = st.builds(Call, names, arguments)


def nested(depth: int) -> st.SearchStrategy[Call]:
    if depth == 1:
        return leaves
    parts = st.lists(nested(depth - 1), max_size=2).map(tuple)
    return st.builds(Call, names, st.just(()), parts) | leaves


@given(nested(MOST_DEEP))
def test_what_is_written_is_read_back(call: Call) -> None:
    assert parse_test(str(call)) == call


@given(nested(MOST_DEEP))
def test_writing_it_again_changes_nothing(call: Call) -> None:
    text = str(call)
    assert str(parse_test(text)) == text


@given(nested(2), st.sampled_from([" ", "\n", "\t  "]))
def test_space_between_the_parts_means_nothing(call: Call, space: str) -> None:
    spread = f"{space}{call}{space}"
    assert parse_test(spread) == call


def read(text: str) -> Call | ClaimTestError:
    """Return the test, or what is wrong; anything else that is raised is a fault of ours."""
    try:
        return parse_test(text)
    except ClaimTestError as error:
        return error


def assert_a_test_or_a_problem(text: str) -> None:
    found = read(text)
    if isinstance(found, Call):
        assert parse_test(str(found)) == found
        return
    assert 0 <= found.place <= len(text)
    assert found.message.endswith(".")
    assert found.found
    assert found.accepted


@given(st.text(max_size=300) | st.text("ab(=,)[]'\" .\\\x00", max_size=80))
@settings(max_examples=400)
def test_any_text_is_a_test_or_a_problem_with_its_place(text: str) -> None:
    assert_a_test_or_a_problem(text)


@given(nested(2), st.integers(0, 200), st.sampled_from("()[]=,'\"x "))
def test_one_sign_too_many_never_crashes(call: Call, place: int, sign: str) -> None:
    text = str(call)
    assert_a_test_or_a_problem(text[:place] + sign + text[place:])


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "this is not a test.", 0),
        ("the analysis of naps", "the name 'the' has no parentheses behind it.", 4),
        ("Benefit(study=a)", "this is not a test.", 0),
        ("benefit(study=a", "the parts of a test are separated by commas.", 15),
        ("benefit(study=a))", "there is something behind the end of the test.", 16),
        ("benefit(study)", "the argument 'study' has no value.", 8),
        ("benefit(study=)", "a value is missing, or holds signs that need marks.", 14),
        ("benefit(study=a b)", "the parts of a test are separated by commas.", 16),
        ("benefit(study=a,)", "an argument has no name.", 16),
        ("benefit(=a)", "an argument has no name.", 8),
        ("benefit(study='a)", "a quotation mark is not closed.", 14),
        ('benefit(study="a)', "a quotation mark is not closed.", 14),
        ("benefit(study=a, study=b)", "the argument 'study' stands twice.", 17),
        ("f(a=[])", "a value is missing, or holds signs that need marks.", 5),
        ("f(a=[b c])", "a list ends with ], and commas separate its values.", 7),
        ("f(a=1+1)", "the parts of a test are separated by commas.", 5),
        ("f(a=b.c())", "the parts of a test are separated by commas.", 7),
        ("f(a=f(b=c))", "the parts of a test are separated by commas.", 5),
        ("__import__('os')", "this is not a test.", 0),
        ("lambda: 1", "the name 'lambda' has no parentheses behind it.", 6),
        ("a(a(a(a())))", "the tests stand too deep inside each other.", 6),
    ],
)
def test_each_slip_is_named_where_it_stands(text: str, message: str, place: int) -> None:
    with pytest.raises(ClaimTestError) as caught:
        parse_test(text)
    assert (caught.value.message, caught.value.place) == (message, place)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "all(" * 50_000,
        "a(b=" * 50_000,
        "a(b=[" + "c," * 50_000,
        "a(" + ", ".join(f"b{i}=c" for i in range(20_000)) + ")",
        "a(b='" + "x" * 1_000_000,
        "a(b='" + "''" * 500_000,
        "a(b=" + "x" * 1_000_000 + "(",
        " " * 1_000_000,
        "'" * 100_001,
    ],
    ids=range(10),
)
def test_hostile_texts_are_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ClaimTestError):
        parse_test(text)
    assert time.perf_counter() - start < 1.0


def test_parts_are_counted_up_to_the_limit() -> None:
    fits = f"a({', '.join(f'b{i}=c' for i in range(MOST_PARTS))})"
    assert len(parse_test(fits).arguments) == MOST_PARTS
    with pytest.raises(ClaimTestError, match="too many parts"):
        parse_test(fits[:-1] + ", d=e)")
    with pytest.raises(ClaimTestError, match="list is too long"):
        parse_test(f"a(b=[{', '.join(['c'] * (MOST_PARTS + 1))}])")


def test_quotation_marks_of_both_kinds() -> None:
    double = 'b="say ""so"""'
    call = parse_test(f"""f(a='it''s', {double}, c="it's", d='say "so"')""")
    assert [call[name] for name in "abcd"] == ["it's", 'say "so"', "it's", 'say "so"']
    said = "'say \"so\"'"
    assert str(call) == f"f(a='it''s', b={said}, c='it''s', d={said})"


def test_what_an_argument_gives() -> None:
    call = parse_test("f(a=[x, 'y z'], b=1.50, c=w)")
    assert call.many("a") == ("x", "y z")
    assert call.many("c") == ("w",)
    assert call.many("d") == ()
    assert call.text("d") == ""
    assert call.number("b") == 1.5
    assert "a" in call
    assert "d" not in call
    with pytest.raises(KeyError):
        call["a"]


def test_nothing_in_the_language_is_ever_run() -> None:
    source = Path(evidence.__file__).parent
    files = [*source.glob("data/claim_tests/*.py"), *source.glob("judgement/claims/*.py")]
    assert len(files) > 10
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), path.name
