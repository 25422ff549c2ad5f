"""The summary of findings: what it says, that it escapes everything, and that it fits a page."""

from __future__ import annotations

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.data.small import add_row, set_cell, set_cells

import evidence
from evidence.data import load_review
from evidence.errors import InvalidArgumentError, UnknownNameError
from evidence.judgement import Conclusions, summary_of_findings


def text_of(page: str) -> str:
    """The text that a reader of the page sees."""

    class Text(HTMLParser):
        parts: list[str]
        skip = False

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.skip = tag == "style"

        def handle_data(self, data: str) -> None:
            if not self.skip:
                self.parts.append(data)

    found = Text()
    found.parts = []
    found.feed(page)
    return " ".join(" ".join(found.parts).split())


# ---------------------------------------------------------------- the worked case


def test_every_analysis_and_reading_has_a_row(conclusions: Conclusions) -> None:
    found = summary_of_findings(conclusions)
    wanted = [
        (analysis.title, certainty.reading, certainty.level)
        for analysis in conclusions.analyses
        for certainty in analysis.certainties
    ]
    assert [(row.outcome, row.reading, row.certainty) for row in found.rows] == wanted
    assert found.title == conclusions.review.plan.question
    assert found.subtitle == "Magnesium against placebo in adults with poor sleep"
    for row, analysis in zip(
        found.rows,
        [a for a in conclusions.analyses for _ in a.certainties],
        strict=True,
    ):
        assert (row.trials, row.people) == (analysis.synthesis.k, analysis.synthesis.participants)
        assert row.statement in {verdict.sentence() for verdict in analysis.verdicts}


def test_every_downgrade_has_a_footnote_with_its_reason(conclusions: Conclusions) -> None:
    found = summary_of_findings(conclusions)
    certainties = [c for a in conclusions.analyses for c in a.certainties]
    for row, certainty in zip(found.rows, certainties, strict=True):
        assert len(row.marks) == len(certainty.rated_down)
        for mark, domain in zip(row.marks, certainty.rated_down, strict=True):
            note = found.footnotes[mark]
            assert note.lower().startswith(f"{domain.name}, {domain.word}: ")
            assert note.endswith(domain.reason)
    # A letter each, in order, each used, none for the same text twice.
    assert "".join(found.footnotes) == "abcdefghijklmnopqrstuvwxyz"[: len(found.footnotes)]
    assert {mark for row in found.rows for mark in row.marks} == set(found.footnotes)
    assert len(set(found.footnotes.values())) == len(found.footnotes)


def test_standardised_differences_are_told_in_points_with_their_spread(
    conclusions: Conclusions,
) -> None:
    found = summary_of_findings(conclusions)
    first, verdict = found.rows[0], conclusions.main.verdicts[0]
    points, smd = first.absolute.split("; ")
    assert smd == "0.63 SD better (0.52 worse to 1.77 better)"
    spread = next(note for note in found.notes if note.startswith("Points of the Insomnia"))
    sd = float(re.search(r"times ([\d.]+) points", spread)[1])
    told = float(re.match(r"([\d.]+) points better", points)[1])
    assert told == pytest.approx(verdict.benefit * sd, abs=0.1)
    assert "implied by the standard errors of Schuster 2025" in spread
    # An interval that leaves the scale is said to.
    assert any("reaches further than the whole scale" in note for note in found.notes)


def test_events_are_told_per_thousand(conclusions: Conclusions) -> None:
    row = summary_of_findings(conclusions).rows[-1]
    # 2 of 77 against 7 of 78: 90 in 1,000, and 0.29 times that.
    assert row.relative == "RR 0.29 (0.06 to 1.35)"
    assert row.absolute == "64 fewer per 1,000 (84 fewer to 31 more)"
    stated = summary_of_findings(conclusions, control_risk={"adverse-events": 0.2})
    assert stated.rows[-1].absolute == "142 fewer per 1,000 (188 fewer to 70 more)"
    assert "Adverse events: the risk without treatment is 200 in 1,000 (as stated)." in stated.notes


def test_it_says_that_nothing_was_decided(conclusions: Conclusions) -> None:
    assert "no reviewer's decision is recorded" in summary_of_findings(conclusions).notes[0]


def test_faces(conclusions: Conclusions) -> None:
    found = evidence.summary_of_findings(conclusions)
    assert json.dumps(found.to_dict())
    page = found._repr_html_()
    assert page == found.to_html() == evidence.summary_of_findings(conclusions).to_html()
    told = text_of(page)
    for row in found.rows:
        for part in (row.outcome, row.reading, row.absolute, row.relative, row.statement):
            assert part in told
    for note in (*found.footnotes.values(), *found.notes):
        assert note in told
        assert note in found.summary()


def test_latex_holds_all_of_it(conclusions: Conclusions) -> None:
    found = summary_of_findings(conclusions)
    text = found.to_latex()
    assert text.startswith(r"\begin{table}")
    assert "Very low (a, b, c, d, e)" in text
    assert text.count("\\\\\n") > len(found.rows)
    assert "fewer per 1,000" in text
    assert "95\\% CI" in text


def test_the_library_loads_only_when_a_table_is_set() -> None:
    import subprocess

    code = (
        "import sys, evidence; from evidence.judgement import summary_of_findings as s;"
        "s(evidence.load_review('magnesium-sleep')).to_frame();"
        "print('great_tables' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# ---------------------------------------------------------------- other reviews

HOSTILE = '<script>alert(1)</script> & "x" [a](javascript:b) **m** $5_x^2 \\input{y} 100% #~'


def test_hostile_labels_stay_text(small: Path) -> None:
    text = (small / "review.toml").read_text("utf-8")
    literal = json.dumps(HOSTILE)
    text = text.replace('title = "Nap trouble"', f"title = {literal}")
    text = text.replace('question = "Does moonwort tea improve naps in sleepy dragons?"',
                        f"question = {literal}")  # fmt: skip
    text = text.replace('treatment = "moonwort tea"', f"treatment = {literal}", 1)
    (small / "review.toml").write_text(text, "utf-8")
    set_cell(small, "studies", 2, "label", HOSTILE)
    # Contradictory reports bring the label into a reading and a footnote.
    set_cells(small, "contrasts", 2, estimate="-3.20", ci_low="-4.00", ci_high="-2.40", p="")
    found = summary_of_findings(load_review(small))
    assert len([row for row in found.rows if row.reading]) == 2
    page = found.to_html()
    assert "<script" not in page
    assert "<a " not in page
    assert "<strong" not in page
    assert "<em" not in page
    told = text_of(page)
    assert told.count(HOSTILE) >= 4
    latex = found.to_latex()
    assert "\\input{y}" not in latex
    assert r"\textbackslash{}input\{y\}" in latex
    assert not re.search(r"(?<!\\)[%#_]", latex.replace("@{\\extracolsep{\\fill}}", ""))


def test_mean_differences_in_their_unit_and_an_analysis_without_trials(small: Path) -> None:
    found = summary_of_findings(load_review(small))
    trouble, spilling = found.rows
    assert trouble.absolute.startswith("2.2 points better (0.1 to ")
    assert trouble.relative == ""
    # Nobody in the control group spilled anything, so no risk is known to start from.
    assert spilling.absolute == "not known: no risk without treatment is reported"
    assert spilling.relative.startswith("RR ")
    add_row(small, "exclusions", analysis_id="trouble", study_id="alpha2020", reason="Too small.")
    nothing = summary_of_findings(load_review(small)).rows[0]
    assert (nothing.trials, nothing.certainty, nothing.marks) == (0, "not rated", ())
    assert nothing.statement == "No trial gives an effect that can be used."


def test_decisions_are_told_in_footnotes(small: Path) -> None:
    found = summary_of_findings(load_review(small))
    assert "what A. Dragon decided" in found.notes[0]
    told = [text for text in found.footnotes.values() if "A. Dragon, 2024-03-02" in text]
    assert len(told) == 1
    assert told[0].startswith("Indirectness, not serious (A. Dragon, 2024-03-02; stale: ")
    assert told[0].endswith("the rule suggests not serious): Spilling is what was asked about.")


def test_many_footnotes_go_on_after_z() -> None:
    from evidence.judgement.summary_of_findings import _Maker

    maker = _Maker(None, {})
    letters = [maker._letter(str(number)) for number in range(54)]
    assert letters[25:28] == ["z", "aa", "ab"]
    assert letters[51:] == ["az", "ba", "bb"]
    assert len(set(letters)) == 54


def test_refusals(conclusions: Conclusions) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'adverse-events'"):
        summary_of_findings(conclusions, control_risk={"adverse-event": 0.1})
    for risk in (0, 1, 12, True, float("nan")):
        with pytest.raises(
            InvalidArgumentError, match=r"control_risk of adverse-events is .*0\.12"
        ):
            summary_of_findings(conclusions, control_risk={"adverse-events": risk})


@pytest.mark.browser
@pytest.mark.parametrize("width", [1200, 400])
def test_it_fits_a_page(
    conclusions: Conclusions, tmp_path: Path, chromium: str, width: int
) -> None:
    from playwright.sync_api import sync_playwright

    page = tmp_path / "page.html"
    head = "<!doctype html><meta name=viewport content='width=device-width'>"
    page.write_text(head + summary_of_findings(conclusions).to_html(), encoding="utf-8")

    def look() -> tuple[int, str]:
        with sync_playwright() as player:
            browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            tab = browser.new_page(viewport={"width": width, "height": 900})
            tab.goto(page.as_uri())
            wide = tab.evaluate("document.documentElement.scrollWidth")
            beyond = "getComputedStyle(document.querySelector('div')).overflowX"
            found = wide, tab.evaluate(beyond)
            browser.close()
            return found

    # In a thread of its own: another test's browser may hold this one's event loop.
    with ThreadPoolExecutor(1) as pool:
        wide, overflow = pool.submit(look).result()
    assert wide <= width
    # Nothing is cut off: what is wider scrolls within the table's own box.
    assert overflow == "auto"
