"""A broken `review.toml`: each problem with its line, also those about other files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.data.broken import Case, Says, assert_says_exactly, parametrise
from tests.data.small import TOML, change_text, set_cell, small_review, write_rows

from evidence.data import check_review, load_review
from evidence.data.sections import SECTIONS

FILE = "review.toml"


_TOP = 'search_note = "Made up for tests."\n'


def change(
    name: str,
    old: str,
    new: str,
    at: str,
    column: str,
    message: str,
    found: str,
    do: str,
    top: str = "",
) -> Case:
    """Replace `old` by `new` and add `top` to the top of the file.

    The problem must stand in the line of `at`, or in no line where that is empty.
    """
    assert TOML.count(old) == 1, f"{old!r} stands {TOML.count(old)} times"
    text = TOML.replace(old, new).replace(_TOP, f"{_TOP}{top}\n")
    assert not at or text.count(at) == 1, f"{at!r} stands {text.count(at)} times"
    line = text[: text.index(at)].count("\n") + 1 if at else 0
    says = Says(FILE, line, column, message, found, do)
    return Case(name, lambda review: (review / FILE).write_text(text, encoding="utf-8"), (says,))


_NOT_TOML = "cannot be read as TOML"
_NO_ENTRY = "no such entry"
_NTS = 'id = "nap-trouble"\nname = "Nap Trouble Scale"'
_ALPHA = 'study_id = "alpha2020"'
_PICO = TOML[TOML.index("[pico]") : TOML.index("[target]")]
_PICO_IN_ONE_LINE = (
    'pico = {population = "a", intervention = "b", comparator = "c", outcome = "d", colour = "e"}'
)
_OUTCOMES = TOML[TOML.index("[[outcomes]]") : TOML.index("[[thresholds]]")]
_SPILLS = TOML[TOML.index('[[analyses]]\nid = "spilling"') :]

TOMLS = [
    # what cannot be parsed
    change("unclosed-text", 'form = "moonwort leaf"', 'form = "moonwort leaf',
           'form = "moonwort leaf', "column 22", _NOT_TOML, 'form = "moonwort leaf', "quotation"),
    change("text-without-quotation-marks", 'title = "Nap trouble"', "title = Nap trouble",
           "title = Nap trouble", "column 9", _NOT_TOML, "title = Nap trouble", "quotation marks"),
    change("key-twice", "step = 1", "step = 1\nstep = 2", "step = 2", "column 9", _NOT_TOML,
           "step = 2", "Texts stand in"),
    change("unclosed-section", "[target]", "[target", "[target", "column 8", _NOT_TOML, "[target",
           "a section starts with [name]"),
    change("unclosed-list", 'outcomes = ["spills"]', 'outcomes = ["spills"',
           'measure = "risk ratio"', "column 1", _NOT_TOML, 'measure = "risk ratio"', "Texts"),
    change("ends-in-the-middle", _SPILLS, _SPILLS + 'note = """to be continued',
           'note = """to be continued', "end of file", _NOT_TOML,
           'note = """to be continued', "Texts"),
    Case("empty", lambda review: (review / FILE).write_text("\n"),
         (Says(FILE, 0, "", "the file is empty", "", "the question"),)),
    Case("code-page", lambda review: (review / FILE).write_bytes(
            TOML.replace("Moonwort tea and", "Tee f\xfcr").encode("cp1252")),
         (Says(FILE, 2, "", "Windows code page", 'tle = "Tee f\xfcr napping"', "UTF-8"),)),
    Case("utf-16", lambda review: (review / FILE).write_bytes(TOML.encode("utf-16")),
         (Says(FILE, 1, "", "UTF-16", "", "in an editor"),)),
    # names
    change("unknown-key", 'short = "NTS"', 'short = "NTS"\ncolour = "red"', 'colour = "red"',
           "outcomes[1].colour", "no such key in this section", "colour", "Take it out"),
    change("misspelt-key", 'title = "Moonwort tea and napping"', 'titel = "Moonwort"', "titel",
           "titel", "no such key or section", "titel", "Did you mean 'title'?"),
    change("misspelt-key-of-an-entry", 'title = "Nap trouble"', 'titel = "Nap trouble"',
           "titel", "analyses[1].titel", "no such key", "titel", "Did you mean 'title'?"),
    change("misspelt-section", "[pico]", "[picco]", "[picco]", "picco", "no such key or section",
           "picco", "Did you mean 'pico'?"),
    change("unknown-section", "[pico]", "[weather]\nrain = true\n\n[pico]", "[weather]",
           "weather", "no such key or section", "weather", "Take it out"),
    change("missing-key", "schema = 1\n", "", "", "schema", "the key is missing", "",
           "Version of this layout"),
    change("missing-key-of-an-entry", 'domain = "nap duration"\n', "",
           '[[outcomes]]\nid = "nap-minutes"', "outcomes[2].domain", "the key is missing", "",
           "What is measured"),
    change("missing-key-of-a-section", 'form = "moonwort leaf"\n', "", "[target]", "target.form",
           "the key is missing", "", "The form asked about"),
    change("missing-section", '[target]\ntreatment = "moonwort tea"\nform = "moonwort leaf"\n'
           'comparator = "hot water"\npopulation = "sleepy dragons"\n', "", "", "target",
           "the section is missing", "", "[target]: What the question asks for"),
    change("missing-list-of-sections", TOML[TOML.index("[[analyses]]"):], "", "", "analyses",
           "the section is missing", "", "[[analyses]]: One planned synthesis"),
    change("list-without-entries", TOML[TOML.index("[[analyses]]"):], "", "analyses = []",
           "analyses", "the section has no entry", "", "[[analyses]]", top="analyses = []"),
    change("unknown-version", "schema = 1", "schema = 2", "schema = 2", "schema",
           "a version that this program does not read", "2", "1"),
    # values
    change("number-as-text", "value = 5.0", 'value = "5.0"', 'value = "5.0"',
           "thresholds[1].value", "this is not a number", "5.0", "without quotation marks"),
    change("version-as-text", "schema = 1", 'schema = "1"', "schema =", "schema",
           "this is not a number", "1", "without quotation marks"),
    change("truth-as-number", "value = 5.0", "value = true", "value = true",
           "thresholds[1].value", "this is not a number", "True", "without quotation marks"),
    change("endless-number", "maximum = 20", "maximum = inf", "maximum = inf",
           "outcomes[1].maximum", "not a number to compute with", "inf", "a finite number"),
    change("huge-number", "maximum = 20", f"maximum = 1{'0' * 400}", "maximum = 1",
           "outcomes[1].maximum", "not a number to compute with", f"1{'0' * 76}...", "finite"),
    change("negative-threshold", "value = 5.0", "value = -5.0", "value = -5.0",
           "thresholds[1].value", "above 0", "-5.0", "Leave out the sign"),
    change("text-as-number", 'short = "minutes"', "short = 7", "short = 7", "outcomes[2].short",
           "this is not text", "7", "quotation marks"),
    change("empty-text", 'short = "minutes"', 'short = " "', 'short = " "', "outcomes[2].short",
           "empty and must not be", " ", "Short name"),
    change("date-as-text", "2024-03-01", '"2024-03-01"', "searched_until", "searched_until",
           "not a date", "2024-03-01", "without quotation marks"),
    change("date-with-time", "2024-03-01", "2024-03-01T10:00:00", "searched_until",
           "searched_until", "not a date", "2024-03-01 10:00:00", "2026-11-21"),
    change("impossible-date", "2024-03-01", "2024-02-31", "2024-02-31", "column 18", _NOT_TOML,
           "searched_until = 2024-02-31", "Texts"),
    change("list-as-text", 'outcomes = ["spills"]', 'outcomes = "spills"', 'outcomes = "spills"',
           "analyses[2].outcomes", "not a list of names", "spills", '["a", "b"]'),
    change("empty-list", 'outcomes = ["spills"]', "outcomes = []", "outcomes = []",
           "analyses[2].outcomes", "not a list of names", "[]", '["a", "b"]'),
    change("name-twice-in-a-list", '["spills"]', '["spills", "spills"]', '["spills", "spills"]',
           "analyses[2].outcomes", "names something twice", "['spills', 'spills']", "Keep one"),
    change("impossible-word", 'better = "higher"', 'better = "more"', 'better = "more"',
           "outcomes[2].better", "not one of the accepted", "more", "lower, higher"),
    change("misspelt-word", 'tau2_method = "REML"', 'tau2_method = "RELM"', "RELM",
           "analyses[1].tau2_method", "not one of the accepted", "RELM", "'REML'?"),
    change("bad-identifier", 'id = "nts-large"', 'id = "NTS large"', "NTS large",
           "thresholds[1].id", "cannot be an identifier", "NTS large", "'nts-large'"),
    change("long-quote", "A difference of 5 points is large", "w " * 26, 'quote = "w w w',
           "thresholds[1].quote", "has 26 words", "w " * 26, "at most 25"),
    change("scale-upside-down", "maximum = 20", "maximum = -20", "maximum = -20",
           "outcomes[1].maximum", "not above the lowest", "-20", "above 0"),
    change("step-of-nothing", "step = 1", "step = 0", "step = 0", "outcomes[1].step",
           "a step is above 0", "0", "above 0"),
    change("duplicated-id", 'id = "nts-small"', 'id = "nts-large"', 'id = "nts-large"\noutcome_id'
           ' = "nap-trouble"\nvalue = 1.5', "thresholds[2].id", "used twice, first in line 57",
           "nts-large", "Name each entry differently"),
    change("section-that-is-a-text", _PICO, "", 'pico = "dragons"', "pico",
           "not written as a section", "dragons", "[pico]", top='pico = "dragons"'),
    change("section-in-one-line", _PICO, "", "pico = {", "pico.colour", "no such key in this",
           "colour", "Take it out", top=_PICO_IN_ONE_LINE),
    change("list-that-is-a-section", _OUTCOMES, '[outcomes]\nid = "naps"\n\n', "[outcomes]",
           "outcomes", "not written as a section", "[outcomes]", "[[outcomes]]"),
    change("section-that-is-a-list", "[pico]", "[[pico]]", "[[pico]]", "pico",
           "not written as a section", "[[pico]]", "[pico]"),
    change("sections-as-one", '[[analyses]]\nid = "trouble"', '[analyses]\nid = "trouble"',
           '[[analyses]]\nid = "spilling"', "column 11", _NOT_TOML, "[[analyses]]", "Texts"),
    # what other files must hold
    change("headline-unknown-study", _ALPHA, 'study_id = "alpa2020"', "alpa2020",
           "headline.study_id", f"studies.csv has {_NO_ENTRY}", "alpa2020", "'alpha2020'?"),
    change("headline-unknown-outcome", 'outcome_id = "nap-trouble"\ntimepoint',
           'outcome_id = "nap-trubble"\ntimepoint', "nap-trubble", "headline.outcome_id",
           f"review.toml has {_NO_ENTRY}", "nap-trubble", "'nap-trouble'?"),
    change("headline-without-rows", 'timepoint = "week 4"', 'timepoint = "week 5"', "week 5",
           "headline.timepoint", "have no row for this study",
           "alpha2020 / nap-trouble / week 5", "Did you mean 'week 4'?"),
    change("headline-study-without-outcome", _ALPHA, 'study_id = "beta2021"', "[headline]",
           "headline", "have no row for this study", "beta2021 / nap-trouble / week 4",
           "Add the row"),
    change("threshold-of-unknown-outcome", 'outcome_id = "nap-trouble"\nvalue = 1.5',
           'outcome_id = "naps"\nvalue = 1.5', 'outcome_id = "naps"',
           "thresholds[2].outcome_id", _NO_ENTRY, "naps", "nap-trouble"),
    change("threshold-of-unknown-source",
           'source_id = "nts-manual"\nquote = "A difference', 'source_id = "manual"\nquote = "A d',
           'source_id = "manual"', "thresholds[1].source_id", f"sources.csv has {_NO_ENTRY}",
           "manual", "'nts-manual'?"),
    change("primary-threshold-of-a-secondary-source",
           'source_id = "nts-manual"\nquote = "A difference of 5 points is large"\ntier',
           'source_id = "gamma-account"\nquote = "A difference of 5 points is large"\ntier',
           'tier = "primary"\n\n[[thresholds]]\nid = "nts-small"', "thresholds[1].tier",
           "its source is second-hand", "primary, source gamma-account", "mark it secondary"),
    change("analysis-of-unknown-outcome", '["spills"]', '["spills", "spils"]', '"spils"',
           "analyses[2].outcomes", _NO_ENTRY, "spils", "'spills'?"),
]  # fmt: skip


@parametrise(TOMLS)
def test_a_broken_review_toml(tmp_path: Path, case: Case) -> None:
    assert_says_exactly(tmp_path, case)


@pytest.mark.parametrize("value", ["[" * 20_000, "1" * 20_000], ids=["brackets", "digits"])
def test_toml_beyond_the_parser_is_a_problem_and_no_crash(tmp_path: Path, value: str) -> None:
    review = small_review(tmp_path)
    (review / FILE).write_text(f"a = {value}\n", encoding="utf-8")
    (problem,) = check_review(review)
    assert problem.file == FILE
    assert _NOT_TOML in problem.message
    assert problem.advice


@pytest.mark.parametrize(
    "value",
    ["1", "true", "1.5", "2024-01-01", "[]", "{}", "[[1]]", '["a", 1]', "[{a = 1}]", "inf", '""'],
)
@pytest.mark.parametrize("key", sorted({key.name for s in SECTIONS for key in s.keys}))
def test_no_value_of_another_type_crashes_the_check(tmp_path: Path, key: str, value: str) -> None:
    """Whatever stands behind any key, the check ends, and says so where it is wrong."""
    review = small_review(tmp_path)
    text = re.sub(rf"^{key} = .*$", f"{key} = {value}", TOML, flags=re.MULTILINE)
    (review / FILE).write_text(text, encoding="utf-8")
    problems = check_review(review)
    for problem in problems:
        assert problem.file != FILE or problem.line
    if not problems:
        assert load_review(review).plan.outcomes


@pytest.mark.parametrize("section", [section.name for section in SECTIONS if section.name])
@pytest.mark.parametrize("value", ["1", '"text"', "[]", "[1]", "{}", "[{}]"])
def test_no_value_for_a_section_crashes_the_check(tmp_path: Path, section: str, value: str) -> None:
    review = small_review(tmp_path)
    (review / FILE).write_text(f"{section} = {value}\n", encoding="utf-8")
    problems = check_review(review)
    assert {problem.file for problem in problems} == {FILE}


def test_entries_in_one_line_are_checked_alike(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    start = TOML.index("[[analyses]]")
    analyses = (
        'analyses = [\n  {id = "a", title = "A", outcomes = ["naps"], measure = "risk ratio", '
        'model = "random"},\n  {id = "a", measure = "risk ratio", model = "random"},\n]\n'
    )
    (review / FILE).write_text(analyses + TOML[:start], encoding="utf-8")
    set_cell(review, "exclusions", 2, "analysis_id", "a")
    set_cell(review, "certainty_decisions", 2, "analysis_id", "a")
    set_cell(review, "claims", 2, "test", "pooled_benefit(analysis=a)")
    found = [(problem.line, problem.column) for problem in check_review(review)]
    assert found == [
        (1, "analyses[1].outcomes"),
        (1, "analyses[2].id"),
        (1, "analyses[2].outcomes"),
        (1, "analyses[2].title"),
    ]


def test_problems_between_files_carry_the_line_of_the_toml(tmp_path: Path) -> None:
    """Also behind comments, long texts and lists over several lines that look like sections."""
    review = small_review(tmp_path)
    note = 'search_note = """\n[headline]\nstudy_id = 1\n"""\n'
    text = TOML.replace('search_note = "Made up for tests."\n', note)
    text = text.replace('["spills"]', '[ # [[analyses]]\n  "spills",\n  "drops",\n]')
    text = text.replace('study_id = "alpha2020"', 'study_id = "omega"')
    (review / FILE).write_text(text, encoding="utf-8")
    lines = text.split("\n")
    found = {problem.column: lines[problem.line - 1] for problem in check_review(review)}
    assert found == {
        "headline.study_id": 'study_id = "omega"',
        "analyses[2].outcomes": "outcomes = [ # [[analyses]]",
    }


def test_a_review_toml_that_cannot_be_read_hides_nothing_in_the_tables(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    change_text(review, FILE, "schema = 1", "schema = ")
    set_cell(review, "arms", 3, "mean", "9,1")
    set_cell(review, "arms", 4, "study_id", "alpa2020")
    places = [problem.place for problem in check_review(review)]
    assert places == [
        "arms.csv, line 3, mean",
        "arms.csv, line 4, study_id",
        "review.toml, line 1, column 10",
    ]


def test_no_table_at_all_but_the_toml(tmp_path: Path) -> None:
    review = tmp_path / "bare"
    review.mkdir()
    (review / FILE).write_text(TOML, encoding="utf-8")
    assert [problem.place for problem in check_review(review)] == ["sources.csv", "studies.csv"]
    write_rows(review, "studies", [["study_id"]])
    assert {problem.line for problem in check_review(review)} == {0, 1}
