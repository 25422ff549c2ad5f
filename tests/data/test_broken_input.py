"""Broken cells and rows: exactly the slip is reported, where it stands, with its mend.

Lines are counted from 1, as an editor shows them; line 2 is the first row. Broken files are
in `test_broken_files.py`, a broken `review.toml` in `test_broken_toml.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.broken import Case, Says, assert_says_exactly, cell, parametrise, row
from tests.data.small import copy_row, set_cell, set_cells, small_review

from evidence.data import check_review

NOT_NUMBERS = [
    ("text", "nine", "this is not a number", "digits with a decimal point"),
    ("decimal-comma", "9,10", "decimal comma", "'9.10'"),
    ("comma-decimal-or-thousands", "9,100", "for decimals or for thousands", "'9100'"),
    ("thousands-separator", "1,009,100", "thousands separators", "'1009100'"),
    ("thousands-and-decimal", "1,009.10", "thousands separators", "'1009.10'"),
    ("european-thousands", "1.009,10", "thousands separators and a decimal comma", "'1009.10'"),
    ("thousands-space", "1 009", "thousands separators", "'1009'"),
    ("thousands-narrow-space", "1\N{NARROW NO-BREAK SPACE}009", "thousands", "'1009'"),
    ("thousands-apostrophe", "1'009.1", "thousands separators", "'1009.1'"),
    ("typographic-minus", "\N{MINUS SIGN}9.10", "minus is a typographic one", "'-9.10'"),
    ("en-dash-as-minus", "\N{EN DASH}9.10", "minus is a typographic one", "'-9.10'"),
    ("minus-and-comma", "\N{MINUS SIGN}9,1", "decimal comma", "'-9.1'"),
    ("minus-and-space", "- 9.1", "space behind the minus", "'-9.1'"),
    ("raised-point", "9\N{MIDDLE DOT}10", "decimal point is a raised one", "'9.10'"),
    ("plus-sign", "+9.10", "plus sign", "'9.10'"),
    ("na", "NA", "sign for a missing value", "Leave the cell empty"),
    ("n.a.", "n.a.", "sign for a missing value", "Leave the cell empty"),
    ("dash", "\N{EN DASH}", "sign for a missing value", "Leave the cell empty"),
    ("spreadsheet-na", "#N/A", "sign for a missing value", "Leave the cell empty"),
    ("spreadsheet-error", "#VALUE!", "error of a spreadsheet", "Write the number itself"),
    ("nan", "nan", "sign for a missing value", "Leave the cell empty"),
    ("infinity", "inf", "this is not a number", "digits with a decimal point"),
    ("percent", "9.1%", "percent sign", "'9.1'"),
    ("mean-and-sd", "3.9 ± 1.2", "these are two numbers", "their own columns"),
    ("mean-and-sd-in-brackets", "3.9 (1.2)", "these are two numbers", "their own columns"),
    ("range", "3.9 to 4.2", "this is a range", "lower and the upper end"),
    ("range-in-brackets", "[3.9, 4.2]", "this is a range", "lower and the upper end"),
    ("range-or-date", "9-10", "this is a range", "lower and the upper end"),
    ("range-with-dash", "3.9\N{EN DASH}4.2", "this is a range", "lower and the upper end"),
    ("unit", "9.1 points", "text behind the number", "'9.1'"),
    ("unit-without-space", "9.1mg", "text behind the number", "'9.1'"),
    ("footnote", "9.1*", "text behind the number", "'9.1'"),
    ("bound", "<9.1", "a bound or an approximation", "tell of the bound in the note"),
    ("about", "~9.1", "a bound or an approximation", "tell of the bound in the note"),
    ("date", "10-Sep", "turns some numbers into dates", "Format the column as text"),
    ("full-date", "9/10/2024", "turns some numbers into dates", "Format the column as text"),
    ("formula", "=SUM(A1:A2)", "this is a formula", "Write its result"),
    ("formula-of-numbers", "=4.5+4.6", "this is a formula", "Write its result"),
    ("equals-sign", "=9.1", "equals sign before the number", "'9.1'"),
    ("command", "=cmd|' /C calc'!A0", "this is a formula", "Write its result"),
    ("two-points", "9.1.0", "this is not a number", "digits with a decimal point"),
    ("underscore", "1_000", "this is not a number", "digits with a decimal point"),
    ("other-digits", "\N{ARABIC-INDIC DIGIT NINE}", "this is not a number", "for example 5.10"),
    ("too-large", "1e999", "beyond what can be computed with", "slip of the pen"),
    ("too-small", "1e-999", "beyond what can be computed with", "slip of the pen"),
]

ONE_CELL = [
    # p values
    cell("p-bound", "contrasts", 2, "p", "<.05", "relation belongs into its own column", "'.05'"),
    cell("p-at-most", "contrasts", 2, "p", "≤ 0.05", "relation belongs", "'<=' into the column"),
    cell("p-with-letter", "contrasts", 2, "p", "P = 0.04", "relation belongs", "'0.04' here"),
    cell("p-ns", "contrasts", 2, "p", "n.s.", "these are words", "'not significant' into"),
    cell("p-above-1", "contrasts", 2, "p", "1.2", "out of range", "between 0 and 1"),
    cell("p-negative", "contrasts", 2, "p", "-0.1", "out of range", "between 0 and 1"),
    cell("p-zero", "contrasts", 2, "p", "0.000", "never exactly 0", "0.001 with the relation <"),
    cell("p-zero-bound", "contrasts", 2, "p", "0", "never exactly 0", "bound", p_relation="<"),
    cell("ci-level-share", "contrasts", 2, "ci_level", "0.95", "out of range", "in percent: 95"),
    # ranges
    cell("negative-sd", "arms", 3, "sd", "-4.0", "out of range", "never negative"),
    cell("negative-se", "contrasts", 3, "se", "-4.0", "out of range", "never negative"),
    cell("zero-se", "contrasts", 3, "se", "0", "out of range", "above 0"),
    cell("n-zero", "arms", 3, "n", "0", "out of range", "counted from 1"),
    cell("n-with-decimals", "arms", 3, "n", "28.5", "a count has no decimals", "whole number"),
    cell("n-as-float", "arms", 3, "n", "29.0", "written in digits only", "Write 29."),
    cell("n-huge", "arms", 3, "n", "1" * 30, "beyond what can be computed with", "slip"),
    cell("events-negative", "arms", 5, "events", "-3", "out of range", "at least 0"),
    cell("year-short", "studies", 2, "year", "20", "out of range", "from 1900 to 2100"),
    # words
    cell("choice", "arms", 3, "role", "treatmnt", "not one of the accepted", "'treatment'?"),
    cell("choice-case", "arms", 3, "tier", "Primary", "not one of the accepted", "'primary'?"),
    cell("choice-far-off", "arms", 3, "role", "zebra", "not one of", "treatment, control, all"),
    cell("misreported-tier", "arms", 3, "tier", "misreported", "never enters", "in a note"),
    cell("empty-required", "arms", 3, "quote", "", "empty and must not be", "Fill it"),
    cell("bad-identifier", "claims", 2, "claim_id", "Naps better!", "identifier", "'naps-better'"),
    cell("path-as-identifier", "claims", 2, "claim_id", "../up", "identifier", "'up'"),
    cell("bad-date", "risk_of_bias", 2, "when", "2.3.2024", "not a date", "2025-08-31"),
    cell("date-without-hyphens", "risk_of_bias", 2, "when", "20240302", "not a date", "2025-08-31"),
    cell("impossible-date", "sources", 2, "accessed", "2023-02-30", "not a date", "no such day"),
    cell("javascript-url", "sources", 2, "url", "javascript:alert(1)", "web address", "https://"),
    cell("url-with-quote", "sources", 2, "url", 'https://e.org/"x', "web address", "https://"),
    cell("url-without-host", "sources", 2, "url", "https://", "web address", "Leave it empty"),
    cell("doi-as-address", "sources", 2, "doi", "https://doi.org/10.9/x", "not a DOI", "10.1000"),
    cell("pmid-text", "sources", 2, "pmid", "PMC99", "not a PubMed number", "digits only"),
    # plans and dates of registration
    cell("fate", "registered_outcomes", 2, "reported", "lost", "not one of the accepted",
         "not reported"),
    cell("unknown-report", "registered_outcomes", 2, "report_source_id", "alpha-articel",
         "no such", "'alpha-article'?"),
    cell("fate-without-report", "registered_outcomes", 2, "report_source_id", "",
         "not in which report", "'not known'", reported="as planned"),
    cell("date-in-words", "study_facts", 4, "value", "spring 2019", "is a date", "2025-08-31",
         item="registered_on"),
    cell("date-of-no-day", "study_facts", 4, "value", "2019-02-30", "is a date", "2025-08-31",
         item="started_on"),
    cell("timing-in-other-words", "study_facts", 4, "value", "late", "does not say when",
         "prospective, retrospective", item="registration_timing"),
    # tools for risk of bias
    cell("unknown-tool", "risk_of_bias", 2, "tool", "ROB2", "no such tool", "'RoB 2'?"),
    cell("unknown-tool-far-off", "risk_of_bias", 2, "tool", "zebra", "no such tool", "tools/NAME"),
    cell("unknown-domain", "risk_of_bias", 2, "domain", "randomization", "RoB 2 has no such domain",
         "'randomisation'?"),
    cell("domain-of-another-tool", "risk_of_bias", 2, "domain", "confounding",
         "RoB 2 has no such domain", "reported-result, overall"),
    cell("judgement-of-another-tool", "risk_of_bias", 2, "judgement", "serious",
         "RoB 2 has no such judgement", "some concerns"),
    cell("judgement-misspelt", "risk_of_bias", 2, "judgement", "Some concern",
         "RoB 2 has no such judgement", "'some concerns'?"),
    cell("answer-to-unknown-tool", "signalling_answers", 2, "tool", "RoB2", "no such tool",
         "'RoB 2'?"),
    cell("answer-in-unknown-domain", "signalling_answers", 2, "domain", "overall",
         "RoB 2 has no such domain", "randomisation, deviations"),
    cell("answer-where-nothing-is-asked", "signalling_answers", 2, "domain", "sequence",
         "RoB 1 asks no questions", "in risk_of_bias.csv", tool="RoB 1"),
    cell("unknown-question", "signalling_answers", 2, "question", "1.4", "no such question",
         "1.1, 1.2, 1.3"),
    cell("answer-in-words", "signalling_answers", 2, "answer", "probably yes", "no such answer",
         "'PY'?"),
    cell("answer-not-taken", "signalling_answers", 2, "answer", "NA", "no such answer",
         "NI (no information)"),
    # compounds
    cell("no-formula", "compounds", 2, "formula", "Leaf!", "not a chemical formula", "CaCl2·2H2O"),
    cell("peptide", "compounds", 2, "formula", "GLYGLY", "not a chemical formula", "Capitals"),
    cell("ion", "compounds", 2, "formula", "Ca++", "not a chemical formula", "charge is left out"),
    cell("no-element", "compounds", 2, "element", "leaf", "no such element", "not the symbol"),
    cell("other-element", "compounds", 2, "element", "Mg", "no such element", "it holds C, Ca, O"),
    cell("other-weight", "compounds", 2, "molar_mass", "118.10", "does not weigh", "100.09 g/mol"),
    # references
    cell("unknown-study", "arms", 4, "study_id", "alpa2020", "no such entry", "'alpha2020'?"),
    cell("unknown-study-far-off", "arms", 4, "study_id", "zzz", "no such entry", "Add it to studi"),
    cell("upper-case-reference", "arms", 4, "study_id", "ALPHA2020", "no such entry", "alpha2020"),
    cell("unknown-outcome", "arms", 4, "outcome_id", "nap-trubble", "no such", "'nap-trouble'?"),
    cell("unknown-source", "arms", 4, "source_id", "alpha-articel", "no such", "'alpha-article'?"),
    cell("unknown-analysis", "exclusions", 2, "analysis_id", "truble", "no such", "'trouble'?"),
    cell("unknown-claim-source", "claims", 2, "source_id", "te-blog", "no such", "'tea-blog'?"),
    # one cell against the others
    cell("mean-above-scale", "arms", 3, "mean", "21", "scale does not have", "0 to 20"),
    cell("mean-below-scale", "arms", 3, "mean", "-1", "scale does not have", "'change'"),
    cell("change-above-scale", "arms", 7, "mean", "-21", "larger than the whole", "20 either way",
         ci_low="-24", ci_high="-18"),
    cell("difference-above-scale", "contrasts", 2, "estimate", "-22", "larger than the whole",
         "20 either way", ci_low="-44", ci_high="-1"),
    cell("n-above-randomised", "arms", 3, "n", "61", "more people than the study", "at most 60"),
    cell("minutes-below-zero", "arms", 3, "mean", "-1.5", "does not have", "0 to any",
         outcome_id="nap-minutes"),
    cell("events-of-continuous", "arms", 3, "events", "3", "is continuous", "a mean", total="29"),
    cell("mean-of-events", "arms", 5, "mean", "3", "is a count of people", "events and total",
         kind="final"),
]  # fmt: skip


def arm(line: int, column: str, message: str, found: str, do: str) -> Says:
    return Says("arms.csv", line, column, message, found, do)


def contrast(line: int, column: str, message: str, found: str, do: str) -> Says:
    return Says("contrasts.csv", line, column, message, found, do)


_CI = "confidence interval"


def plan(column: str, message: str, found: str, do: str) -> Says:
    return Says("registered_outcomes.csv", 2, column, message, found, do)


ROWS = [
    row("results-of-a-published-study", "registered_outcomes", 2,
        {"reported": "results not public"},
        plan("reported", "studies.csv says that it has", "results not public, study published",
             "correct the status")),
    row("without-numbers-but-in-arms", "registered_outcomes", 2,
        {"reported": "without numbers", "report_source_id": "alpha-article",
         "outcome_id": "spills"},
        plan("reported", "arms.csv, line 5, holds a number", "alpha2020 / spills / without numbers",
             "leave outcome_id empty")),
    row("without-numbers-but-in-contrasts", "registered_outcomes", 2,
        {"reported": "without numbers", "report_source_id": "alpha-article"},
        plan("reported", "contrasts.csv, line 2, holds a number",
             "alpha2020 / nap-trouble / without numbers", "another fate")),
    row("not-reported-but-a-bound", "registered_outcomes", 2,
        {"study_id": "gamma2022", "reported": "not reported", "report_source_id": "gamma-account",
         "source_id": "gamma-account", "tier": "secondary"},
        plan("reported", "contrasts.csv, line 4, holds a result",
             "gamma2022 / nap-trouble / not reported", "Say what became of it")),
    row("white-space-only", "arms", 3, {"quote": " \u00a0\t "},
        arm(3, "quote", "empty and must not be", "", "Fill it")),
    row("ci-wrong-way-round", "contrasts", 2, {"ci_low": "-0.06", "ci_high": "-4.34"},
        contrast(2, "ci_low", "wrong way round", "-0.06 to -4.34", "Exchange")),
    row("ci-without-width", "contrasts", 2, {"ci_low": "-2.20", "ci_high": "-2.20"},
        contrast(2, "ci_low", "has no width", "-2.20 to -2.20", "below")),
    row("ci-without-estimate-in-it", "contrasts", 2, {"ci_low": "0.06", "ci_high": "4.34"},
        contrast(2, "estimate", "does not contain", "-2.20, interval 0.06 to 4.34", "lost minus")),
    row("ci-one-end", "contrasts", 2, {"ci_high": ""},
        contrast(2, "ci_high", "needs both ends", "-4.34 to", "both ends, or neither")),
    row("ci-other-end", "arms", 7, {"ci_low": ""},
        arm(7, "ci_low", "needs both ends", "to -2.5", "both ends, or neither")),
    row("ci-of-nothing", "arms", 7, {"mean": ""},
        arm(7, "mean", "interval but no estimate", "-5.7 to -2.5", "Fill it")),
    row("ci-level-alone", "contrasts", 3, {"ci_level": "90"},
        contrast(3, "ci_level", f"a level but no {_CI}", "90", "both ends")),
    row("se-above-sd", "arms", 3, {"se": "4.5"},
        arm(3, "se", "larger than the standard deviation", "sd 4.0, se 4.5", "Exchange")),
    row("quartiles-out-of-order", "arms", 3, {"median": "9", "q1": "12", "q3": "13"},
        arm(3, "median", "out of order", "q1 12, median 9", "q1 at most median")),
    row("range-out-of-order", "facts", 2, {"low": "0.2"},
        Says("facts.csv", 2, "value", "out of order", "low 0.2, value 0.141", "low at most value")),
    row("fact-range-out-of-order", "study_facts", 3, {"low": "4"},
        Says("study_facts.csv", 3, "high", "out of order", "low 4, high 3", "low at most high")),
    row("fact-without-number", "facts", 2, {"value": ""},
        Says("facts.csv", 2, "value", "carries no number", "", "a value or a range")),
    row("events-above-total", "arms", 5, {"events": "31"},
        arm(5, "events", "more events than people", "31 of 30", "not episodes")),
    row("events-without-total", "arms", 5, {"total": ""},
        arm(5, "total", "events but no total", "events 3", "how many people")),
    row("mean-without-kind", "arms", 3, {"kind": ""},
        arm(3, "kind", "what it is a mean of", "", "final, change, baseline, period")),
    row("empty-arm", "arms", 5, {"events": "", "total": ""},
        arm(5, "mean", "carries no number", "", "take the row out")),
    row("n-do-not-add-up", "contrasts", 2, {"n_total": "60"},
        contrast(2, "n_total", "do not add up", "29 + 30 against 60", "59")),
    row("n-of-a-group-above-total", "contrasts", 2, {"n_control": "", "n_total": "28"},
        contrast(2, "n_total", "do not add up", "29 against 28", "at least 29")),
    row("crossover-n-do-not-add-up", "contrasts", 3, {"n_total": "23"},
        contrast(3, "n_total", "do not add up", "24 + 24 against 23", "48")),
    row("estimate-without-meaning", "contrasts", 2, {"positive_means": ""},
        contrast(2, "positive_means", "what a positive one means", "estimate -2.20", "higher")),
    row("measure-without-estimate", "contrasts", 2,
        {"estimate": "", "ci_low": "", "ci_high": ""},
        contrast(2, "estimate", "no estimate", "measure mean difference", "'none'")),
    row("estimate-without-measure", "contrasts", 2, {"measure": "none"},
        contrast(2, "measure", "without its measure", "estimate -2.20, measure none", "Name")),
    row("direction-against-the-sign", "contrasts", 2, {"direction": "control"},
        contrast(2, "direction", "contradicts the sign",
                 "estimate -2.20 (treatment higher), control", "positive_means")),
    row("direction-against-better", "contrasts", 3,
        {"positive_means": "treatment better", "direction": "control"},
        contrast(3, "direction", "contradicts the sign",
                 "estimate 5.10 (treatment better), control", "treatment")),
    row("direction-against-a-ratio", "contrasts", 3,
        {"outcome_id": "spills", "measure": "risk ratio", "estimate": "1.5", "se": ""},
        contrast(3, "direction", "contradicts the sign",
                 "estimate 1.5 (treatment higher), treatment", "control")),
    row("log-ratio", "contrasts", 3,
        {"outcome_id": "spills", "measure": "odds ratio", "estimate": "-0.4"},
        contrast(3, "estimate", "a ratio is above 0", "-0.4", "log ratio")),
    row("risk-difference-in-percent", "contrasts", 3,
        {"outcome_id": "spills", "measure": "risk difference", "estimate": "-5.1"},
        contrast(3, "estimate", "between -1 and 1", "-5.1", "Divide")),
    row("relation-without-p", "contrasts", 4, {"p": ""},
        contrast(4, "p", "a relation but no p", ">", "empty p_relation")),
    row("p-above-one-as-bound", "contrasts", 4, {"p": "1"},
        contrast(4, "p", "no p value is above 1", "> 1", "below 1")),
    row("row-that-says-nothing", "contrasts", 4,
        {"p": "", "p_relation": "", "direction": "not reported"},
        contrast(4, "direction", "the row says nothing", "not reported", "missing.csv")),
    row("primary-row-of-a-secondary-source", "arms", 7, {"tier": "primary"},
        arm(7, "tier", "its source is second-hand", "primary, source gamma-account", "secondary")),
    Case("duplicated-row", lambda review: copy_row(review, "arms", 3),
         (arm(9, "", "repeats line 3",
              "alpha2020 / nap-trouble / week 4 / moonwort tea / final / alpha-article",
              "Remove one"),)),
    Case("duplicated-key", lambda review: copy_row(review, "studies", 2, label="Again"),
         (Says("studies.csv", 5, "study_id", "repeats line 2", "alpha2020", "Remove one"),)),
]  # fmt: skip

LONG = [
    cell("quote-of-26-words", "arms", 3, "quote", "w " * 25 + "w", "has 26 words", "at most 25"),
    cell("very-long-cell", "arms", 3, "note", "x" * 6000, "6,000 characters", "not closed"),
    cell("bell", "arms", 3, "note", "ding\x07", "control characters", "Type the cell again"),
    cell("terminal-escape", "arms", 3, "note", "\x1b[31mred", "control characters", "again"),
    cell("turned-around", "arms", 3, "note", "abc\u202edef", "turn the writing around", "again"),
    cell("lost-character", "arms", 3, "note", "M\ufffdller", "replacement character", "original"),
]


@pytest.mark.parametrize(
    ("text", "message", "do"), [entry[1:] for entry in NOT_NUMBERS], ids=[e[0] for e in NOT_NUMBERS]
)
def test_what_is_not_a_number(tmp_path: Path, text: str, message: str, do: str) -> None:
    case = cell("", "arms", 3, "mean", text, message, do)
    shown = text.replace("\N{NARROW NO-BREAK SPACE}", "\\u202f")
    says = (Says("arms.csv", 3, "mean", message, shown, do),)
    assert_says_exactly(tmp_path, Case(case.name, case.damage, says))


@parametrise(ONE_CELL)
def test_one_wrong_cell(tmp_path: Path, case: Case) -> None:
    assert_says_exactly(tmp_path, case)


@parametrise(ROWS)
def test_a_row_that_cannot_be(tmp_path: Path, case: Case) -> None:
    assert_says_exactly(tmp_path, case)


@parametrise(LONG)
def test_what_cannot_be_shown_is_cut_or_escaped(tmp_path: Path, case: Case) -> None:
    (says,) = case.says
    text = says.found if len(says.found) <= 80 else says.found[:77] + "..."
    found = text if text.isprintable() else text.encode("unicode_escape").decode()
    shown = Says(says.file, says.line, says.column, says.message, found, says.do)
    assert_says_exactly(tmp_path, Case(case.name, case.damage, (shown,)))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("estimate", "-2,20"),
        ("ci_low", "-4,34"),
        ("ci_high", "n.a."),
        ("p", "<.05"),
        ("measure", "mean diff"),
        ("positive_means", "higher"),
        ("direction", "treated"),
        ("p_relation", "=<"),
        ("n_treatment", "29 dragons"),
        ("n_total", "fifty-nine"),
        ("tier", "first"),
        ("study_id", "alpha"),
        ("outcome_id", "naps"),
        ("source_id", "article"),
    ],
)
def test_one_slip_is_one_problem(tmp_path: Path, column: str, text: str) -> None:
    review = small_review(tmp_path)
    set_cell(review, "contrasts", 2, column, text)
    (problem,) = check_review(review)
    assert (problem.file, problem.line, problem.column) == ("contrasts.csv", 2, column)


def test_a_slip_in_a_name_is_reported_where_the_name_is_given(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cell(review, "studies", 2, "study_id", "Alpha2020")
    (problem,) = check_review(review)
    assert problem.place == "studies.csv, line 2, study_id"
    assert "'alpha2020'" in problem.advice


def test_ten_things_wrong_at_once_are_ten_problems(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cell(review, "studies", 2, "year", "MMXX")
    set_cell(review, "studies", 4, "role", "trail")
    set_cells(review, "arms", 3, mean="9,10", sd="-4.0")
    set_cell(review, "arms", 7, "tier", "primary")
    set_cells(review, "contrasts", 2, p="1.4", direction="control")
    set_cell(review, "contrasts", 4, "source_id", "gama-account")
    set_cell(review, "sources", 2, "url", "javascript:alert(1)")
    set_cell(review, "exclusions", 2, "reason", "")
    assert [problem.place for problem in check_review(review)] == [
        "arms.csv, line 3, mean",
        "arms.csv, line 3, sd",
        "arms.csv, line 7, tier",
        "contrasts.csv, line 2, direction",
        "contrasts.csv, line 2, p",
        "contrasts.csv, line 4, source_id",
        "exclusions.csv, line 2, reason",
        "sources.csv, line 2, url",
        "studies.csv, line 2, year",
        "studies.csv, line 4, role",
    ]
