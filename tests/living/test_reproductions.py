"""Published analyses computed again: what counts as agreement, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from tests.papers.bcg import LABELS, log_risk_ratios

from evidence.data import check_review, find_review
from evidence.errors import InvalidReviewError, ReviewNotFoundError, UnknownNameError
from evidence.living.reproductions import (
    Reproduction,
    published_studies,
    read_paper,
    reproduce,
    reproduction_gallery,
)
from evidence.synthesis import pool

FOLDER = Path(__file__).parents[2] / "data" / "reproductions"
BCG = "viechtbauer-2010-bcg"


@pytest.fixture
def bcg(tmp_path: Path) -> Path:
    """A copy of one paper, to be spoilt."""
    return Path(shutil.copytree(FOLDER / BCG, tmp_path / "papers" / BCG))


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, content: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(content)


def set_cell(path: Path, line: int, column: str, text: str) -> None:
    content = rows(path)
    content[line - 1][content[0].index(column)] = text
    write(path, content)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(InvalidReviewError) as caught:
        read_paper(folder)
    return [str(each) for each in caught.value.problems]


def one_problem(folder: Path) -> str:
    found = problems(folder)
    assert len(found) == 1, found
    return found[0]


# ------------------------------------------------------------------- agreement


def printed_as(folder: Path, line: int, text: str) -> Reproduction:
    set_cell(folder / "printed.csv", line, "printed", text)
    return reproduce(folder)


@pytest.mark.parametrize("line", range(2, 21))
def test_one_changed_digit_makes_the_gallery_fail(bcg: Path, line: int) -> None:
    printed = rows(bcg / "printed.csv")
    text, relation = (printed[line - 1][printed[0].index(name)] for name in ("printed", "relation"))
    text = text[:-1] + ("0" if relation == "<" else str((int(text[-1]) + 5) % 10))
    explained = printed[line - 1][printed[0].index("difference")]
    set_cell(bcg / "printed.csv", line, "difference", "")
    changed = printed_as(bcg, line, text)
    assert [each.printed.number.text for each in changed.unexplained] == [text]
    gallery = reproduction_gallery(bcg.parent)
    assert not gallery.holds
    assert [each.paper.name for each in gallery.unexplained] == [BCG]
    assert "does not hold" in gallery.summary()
    assert bool(explained) == (line > 18)


def test_the_last_digit_may_be_off_by_half_a_unit_and_no_more(bcg: Path) -> None:
    # Ours is -0.71453...
    for text in ("-0.7145", "-0.715", "-0.71", "-0.7", "-1"):
        assert printed_as(bcg, 2, text).holds, text
    for text in ("-0.7146", "-0.7144", "-0.714", "-0.72", "-0.8", "0.7145"):
        assert not printed_as(bcg, 2, text).holds, text


def test_a_number_just_between_two_roundings_is_worth_either(tmp_path: Path) -> None:
    name = "mah-pitre-2021-magnesium"
    folder = Path(shutil.copytree(FOLDER / name, tmp_path / name))
    line = next(
        n
        for n, row in enumerate(rows(folder / "printed.csv"), 1)
        if row[:2] == ["sleep-time", "estimate"]
    )
    assert printed_as(folder, line, "16.06").holds  # ours is 16.065
    assert printed_as(folder, line, "16.07").holds
    assert not printed_as(folder, line, "16.08").holds


def test_a_reason_where_nothing_differs_is_not_let_stand(bcg: Path) -> None:
    set_cell(bcg / "printed.csv", 2, "difference", "Because.")
    result = reproduce(bcg)
    assert not result.holds
    assert result.unexplained[0].mark == "✗ agrees, against the reason stated"


def test_a_stated_difference_is_never_called_agreement() -> None:
    result = reproduce(FOLDER / BCG)
    assert result.holds
    assert result.mark == "≠ 2 differ, reasons stated"
    assert all(not each.agrees for each in result.differing)
    assert {each.mark for each in result.differing} == {"≠ differs, reason stated"}
    assert "ours agree with 17 and differ from 2" in result.verdict()


def test_a_difference_without_a_reason_says_so(bcg: Path) -> None:
    result = printed_as(bcg, 2, "-0.8145")
    assert "the reason is stated for 2" in result.verdict()
    gallery = reproduction_gallery(bcg.parent)
    assert "No reason is known." in str(gallery.differences())
    assert "✗\N{NO-BREAK SPACE}differs" in result._repr_html_()


def test_nothing_differing_is_said_too(bcg: Path) -> None:
    content = rows(bcg / "printed.csv")
    write(bcg / "printed.csv", [row for row in content if not row[-1] or row[-1] == "difference"])
    result = reproduce(bcg)
    assert result.mark == "✓ agrees"
    assert "ours agree with all" in result.verdict()
    assert "Nothing differs." in str(reproduction_gallery(bcg.parent).differences())


def test_changed_studies_change_the_result(bcg: Path) -> None:
    set_cell(bcg / "numbers.csv", 2, "events_treatment", "40")
    assert len(reproduce(bcg).unexplained) > 5


# -------------------------------------------------------------------- showing


def test_a_paper_shows_its_source_its_place_and_its_tier() -> None:
    result = reproduce(FOLDER / "sidik-jonkman-2007-hernia")
    html = result._repr_html_()
    assert "doi:10.1002/sim.2688" in html
    assert "(second-hand)" in html
    assert html.count("✓ agrees") == 1
    assert html.count("✓\N{NO-BREAK SPACE}agrees") == len(result.comparisons)
    assert result.to_frame()["agrees"].all()


def test_everything_is_escaped(bcg: Path) -> None:
    replace(bcg / "reproduction.toml", "BCG vaccine", "<b>BCG & vaccine</b>")
    html = reproduce(bcg)._repr_html_() + reproduction_gallery(bcg.parent)._repr_html_()
    assert "<b>BCG" not in html
    assert html.count("&lt;b&gt;BCG &amp; vaccine&lt;/b&gt;") == 2


def test_the_gallery_is_plain_data_too() -> None:
    gallery = reproduction_gallery()
    content = json.loads(json.dumps(gallery.to_dict(), allow_nan=False))
    assert content["holds"] is True
    assert len(content["papers"]) == len(gallery.to_frame()) == len(gallery.reproductions)
    total = sum(len(each["printed"]) for each in content["papers"])
    assert f"{total} printed numbers" in gallery.verdict()
    assert gallery[BCG].paper.name == BCG
    with pytest.raises(KeyError, match="There is no paper 'bcg'"):
        gallery["bcg"]


def test_numbers_are_shown_with_digits_enough_to_see_the_rounding() -> None:
    shown = {
        (each.printed.quantity, each.printed.scale, each.printed_text): each.our_text
        for each in reproduce(FOLDER / BCG).comparisons
    }
    assert shown["estimate", "ratio", "0.49"] == "0.4894"
    assert shown["z", "analysed", "−3.9744"] == "−3.974448"
    assert shown["p_value", "analysed", "< 0.0001"] == "0.000071"


# --------------------------------------------------------------------- places


def test_the_folder_is_not_taken_for_a_review() -> None:
    for folder in (FOLDER, FOLDER / BCG):
        with pytest.raises(ReviewNotFoundError, match="is not a review"):
            check_review(folder)
    assert find_review("magnesium-sleep").parent == FOLDER.parent


def test_a_missing_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReviewNotFoundError, match=r"There is no folder .*nowhere"):
        reproduce(tmp_path / "nowhere")
    with pytest.raises(ReviewNotFoundError, match="There is no published analysis"):
        reproduction_gallery(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert reproduction_gallery().holds  # the package's own
    monkeypatch.setattr("evidence.living.reproductions.gallery.FOLDER", Path("data/nowhere"))
    with pytest.raises(ReviewNotFoundError, match="No folder data/nowhere was found"):
        reproduction_gallery()


def test_the_papers_of_the_clone_one_stands_in_go_first(
    bcg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    bcg.parent.rename(tmp_path / "data" / "reproductions")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert [each.paper.name for each in reproduction_gallery().reproductions] == [BCG]


# -------------------------------------------------------------- broken folders


def test_all_problems_come_at_once(bcg: Path) -> None:
    replace(bcg / "reproduction.toml", 'title = "', 'titel = "')
    set_cell(bcg / "numbers.csv", 3, "events_treatment", "400")
    set_cell(bcg / "analyses.csv", 2, "tau2_method", "RELM")
    set_cell(bcg / "printed.csv", 2, "printed", "-0,7145")
    set_cell(bcg / "printed.csv", 3, "quote", "word " * 26)
    found = problems(bcg)
    assert len(found) == 5
    text = "\n".join(found)
    assert "reproduction.toml, line 2, titel: there is no such key." in text
    assert "Did you mean 'title'?" in text
    assert "numbers.csv, line 3, events_treatment: there are more events than people." in text
    assert "Accepted: at most 306." in text
    assert "analyses.csv, line 2, tau2_method: the word is not one of the accepted ones." in text
    assert "Found 'RELM'. Accepted: REML, " in text
    assert "printed.csv, line 2, printed: the number has a decimal comma." in text
    assert "printed.csv, line 3, quote: the quote has 26 words." in text


@pytest.mark.parametrize(
    "name", ["reproduction.toml", "numbers.csv", "analyses.csv", "printed.csv"]
)
def test_a_missing_file_is_named(bcg: Path, name: str) -> None:
    (bcg / name).unlink()
    assert any(each.startswith(f"{name}: the file is missing.") for each in problems(bcg))


def test_a_file_that_nobody_reads_is_named(bcg: Path) -> None:
    (bcg / "Printed.csv").write_text("a,b\n")
    assert "nobody would read it" in one_problem(bcg)


def test_code_is_no_data(bcg: Path) -> None:
    (bcg / "analyse.py").write_text("raise SystemExit")
    assert "a published analysis has no such file" in one_problem(bcg)
    (bcg / "analyse.py").unlink()
    set_cell(bcg / "printed.csv", 2, "printed", "=1/0")
    assert "this is" in one_problem(bcg)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("schema = 1", "schema = 2", "this layout is not known. Found '2'. Accepted: 1."),
        ("schema = 1", 'schema = "1"', "this layout is not known."),
        ("schema = 1\n", "", "schema: the key is missing."),
        ("schema = 1\n", "schema = 1\nfoo = 1\n", "foo: there is no such key. Found 'foo'."),
        ('numbers = "counts"', 'numbers = "count"', "the word is not one of the accepted ones."),
        ('"10.18637/jss.v036.i03"', '"jss.v036.i03"', "not a digital object identifier"),
        ('numbers_tier = "secondary"', "numbers_tier = 2", "this is not a text."),
        ('numbers_tier = "secondary"', 'numbers_tier = " "', "this is not a text."),
        ('title = "', "title = ", "the file cannot be read as TOML"),
    ],
)
def test_a_broken_head_is_refused(bcg: Path, old: str, new: str, words: str) -> None:
    replace(bcg / "reproduction.toml", old, new)
    assert any(words in each for each in problems(bcg)), problems(bcg)


@pytest.mark.parametrize(
    ("file", "line", "column", "text", "words"),
    [
        ("numbers.csv", 2, "label", "", "the cell is empty and must not be."),
        ("numbers.csv", 2, "label", "Coetzee & Berjak 1968", "has the same label"),
        ("numbers.csv", 2, "total_control", "0", "out of range"),
        ("numbers.csv", 2, "events_control", "1.5", "a count has no decimals."),
        ("analyses.csv", 2, "kind", "random effect", "Did you mean 'random effects'?"),
        ("analyses.csv", 2, "kind", "three levels", "needs a study table of clusters"),
        ("analyses.csv", 2, "kind", "coherence", "needs a study table of reported"),
        ("analyses.csv", 2, "kind", "common effect", "common effect does not use this."),
        ("analyses.csv", 2, "kind", "Bayesian", "Bayesian needs this."),
        ("analyses.csv", 2, "tau2_method", "", "random effects needs this."),
        ("analyses.csv", 2, "ci_method", "", "random effects needs this."),
        ("analyses.csv", 2, "tau_prior", "half-normal", "does not use this."),
        ("analyses.csv", 2, "mu_mean", "0", "both a mean and a standard deviation"),
        ("analyses.csv", 2, "tau_scale", "-1", "out of range"),
        ("analyses.csv", 2, "measure", "correlation", "does not give this measure."),
        ("analyses.csv", 2, "analysis_id", "other", "no number of printed.csv belongs to this"),
        ("printed.csv", 2, "analysis_id", "other", "analyses.csv has no such analysis."),
        ("printed.csv", 2, "quantity", "mu_mode", "does not give this."),
        ("printed.csv", 2, "quantity", "estimat", "Did you mean 'estimate'?"),
        ("printed.csv", 2, "scale", "correlation", "is not written this way."),
        ("printed.csv", 3, "scale", "ratio", "is not written this way."),
        ("printed.csv", 2, "scale", "fraction", "is not written this way."),
        ("printed.csv", 2, "relation", "≈", "not one of the accepted ones."),
        ("printed.csv", 2, "printed", "", "the cell is empty and must not be."),
        ("printed.csv", 2, "printed", "nan", "sign for a missing value"),
        ("printed.csv", 2, "quote", "", "the cell is empty and must not be."),
        ("printed.csv", 2, "locator", "", "the cell is empty and must not be."),
        ("printed.csv", 2, "tier", "misreported", "this tier never enters the tables."),
        ("printed.csv", 3, "quantity", "estimate", "has the same analysis_id, quantity, scale"),
    ],
)
def test_a_broken_cell_is_refused(
    bcg: Path, file: str, line: int, column: str, text: str, words: str
) -> None:
    set_cell(bcg / file, line, column, text)
    found = problems(bcg)
    assert any(words in each and each.startswith(file) for each in found), found
    # The message names the folder and, in it, the place.
    with pytest.raises(InvalidReviewError, match=BCG):
        reproduction_gallery(bcg.parent)


def test_an_analysis_without_a_printed_number_is_refused(bcg: Path) -> None:
    content = rows(bcg / "analyses.csv")
    write(bcg / "analyses.csv", [*content, ["dl", "DL", *content[1][2:4], "DL", *content[1][5:]]])
    assert "no number of printed.csv belongs to this analysis." in one_problem(bcg)


def test_intervals_are_checked(tmp_path: Path) -> None:
    name = "hackshaw-1997-passive-smoking"
    folder = Path(shutil.copytree(FOLDER / name, tmp_path / name))
    set_cell(folder / "numbers.csv", 2, "ci_low", "1.60")
    set_cell(folder / "numbers.csv", 3, "ratio", "3.00")
    set_cell(folder / "numbers.csv", 4, "ratio", "-1")
    found = problems(folder)
    assert [each.split(".csv, ")[1].split(":")[0] for each in found] == [
        "line 2, ci_high",
        "line 3, ratio",
        "line 4, ratio",
    ]
    assert "outside its own interval" in found[1]


def test_an_interval_without_its_printed_effect_is_named(tmp_path: Path) -> None:
    name = "mah-pitre-2021-magnesium"
    folder = Path(shutil.copytree(FOLDER / name, tmp_path / name))
    set_cell(folder / "numbers.csv", 2, "label", "something else")
    assert "no row of numbers.csv has this label." in one_problem(folder)
    set_cell(folder / "numbers.csv", 2, "label", "sleep-onset")
    set_cell(folder / "analyses.csv", 2, "kind", "common effect")
    assert any("against their own intervals" in each for each in problems(folder))


def test_three_levels_are_fitted_by_likelihood(tmp_path: Path) -> None:
    name = "cheung-2024-school-calendars"
    folder = Path(shutil.copytree(FOLDER / name, tmp_path / name))
    set_cell(folder / "analyses.csv", 4, "tau2_method", "DL")
    assert "three levels is fitted by likelihood." in one_problem(folder)


@pytest.mark.parametrize("prior", ["half-Cauchy", "uniform"])
def test_other_priors_are_accepted(tmp_path: Path, prior: str) -> None:
    name = "roever-2020-transplants"
    folder = Path(shutil.copytree(FOLDER / name, tmp_path / name))
    set_cell(folder / "analyses.csv", 2, "tau_prior", prior)
    set_cell(folder / "analyses.csv", 2, "mu_mean", "")
    set_cell(folder / "analyses.csv", 2, "mu_sd", "")
    assert len(reproduce(folder).unexplained) > 3


def test_other_study_tables_are_accepted(tmp_path: Path) -> None:
    name = "cheung-2024-school-calendars"
    folder = Path(shutil.copytree(FOLDER / name, tmp_path / name))
    replace(folder / "reproduction.toml", 'numbers = "clusters"', 'numbers = "effects"')
    content = rows(folder / "numbers.csv")
    write(folder / "numbers.csv", [[row[0], *row[2:]] for row in content])
    for file in ("analyses.csv", "printed.csv"):
        kept = [row for row in rows(folder / file) if row[0] != "three-level"]
        write(folder / file, kept)
    result = reproduce(folder)
    assert result.holds
    assert len(result.comparisons) == 16


def test_the_studies_of_a_paper_are_ready_to_be_pooled() -> None:
    vaccine = published_studies("viechtbauer-2010-bcg")
    assert vaccine.measure == "risk ratio"
    assert vaccine.result.k == len(vaccine.paper.studies.labels) == 13
    assert vaccine.result.to_dict() == pool(log_risk_ratios(), labels=LABELS).to_dict()
    assert set(vaccine.counts or {}) == {
        "events_treatment",
        "total_treatment",
        "events_control",
        "total_control",
    }
    assert vaccine.paper.citation in str(vaccine.source)
    assert set(vaccine.years) == set(LABELS)
    assert vaccine.years["Comstock & Webster 1969"] == 1969
    assert published_studies("hackshaw-1997-passive-smoking").counts is None
    with pytest.raises(UnknownNameError, match="viechtbauer-2010-bcg"):
        published_studies("viechtbauer-2010-bgc")
