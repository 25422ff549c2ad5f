"""Rules of directness in `review.toml`: what they say, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.small import TOML, add_row, set_cell, small_review

from evidence.data import Review, check_review, load_review
from evidence.data.nearness import ASPECTS, Nearness, aspects_of, nearness_of
from evidence.data.sections import RULED_ASPECTS

FILE = "review.toml"


def with_rules(folder: Path, *rules: str) -> Path:
    review = small_review(folder) if not (folder / FILE).exists() else folder
    text = TOML + "".join(f"\n[[directness]]\n{rule}\n" for rule in rules)
    (review / FILE).write_text(text, encoding="utf-8")
    return review


def rule(aspect: str, distance: str, *lines: str) -> str:
    head = f'aspect = "{aspect}"\ndistance = "{distance}"\nreason = "{aspect} {distance}"'
    return head + "".join(f"\n{line}" for line in lines)


def fact(review: Path, item: str, value: str, unit: str, **more: str) -> None:
    add_row(
        review, "study_facts", study_id="beta2021", item=item, value=value, number=value,
        unit=unit, source_id="beta-article", quote="as told", tier="primary", **more,
    )  # fmt: skip


def of(review: Review, aspect: str, study: str = "beta2021") -> tuple[str, str]:
    found = nearness_of(review, study, aspect)
    return found.word, found.reason


# ---------------------------------------------------------------- what rules say


def test_without_rules_three_aspects_are_compared(tmp_path: Path) -> None:
    assert set(aspects_of(load_review(small_review(tmp_path)))) == set(ASPECTS)


def test_with_rules_their_aspects_are_too(tmp_path: Path) -> None:
    review = load_review(
        with_rules(tmp_path, rule("dose", "direct", "at_most = 1", 'unit = "g/day"'))
    )
    assert aspects_of(review) == ("form", "dose", "comparator", "population")
    assert aspects_of(review) == tuple(a for a in RULED_ASPECTS if a in aspects_of(review))


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("moonwort leaf", "direct"),
        ("Moonwort Root, dried", "near"),
        ("dried moonwort ROOT", "near"),
        # Whole words only.
        ("moonwort roots", "far"),
        ("nettle", "far"),
        ("not stated", "not stated"),
        ("", "not stated"),
    ],
)
def test_the_first_rule_that_applies_counts(tmp_path: Path, form: str, word: str) -> None:
    review = with_rules(
        tmp_path,
        rule("form", "direct", 'words = ["moonwort leaf"]'),
        rule("form", "near", 'words = ["moonwort root"]'),
        rule("form", "far"),
    )
    set_cell(review, "studies", 3, "form", form)
    assert of(load_review(review), "form")[0] == word


def test_what_no_rule_names_is_the_targets_or_near(tmp_path: Path) -> None:
    review = with_rules(tmp_path, rule("form", "far", 'words = ["nettle"]'))
    set_cell(review, "studies", 3, "form", "moonwort leaf, dried")
    assert of(load_review(review), "form") == ("direct", "As asked about: moonwort leaf.")
    set_cell(review, "studies", 3, "form", "moonwort root")
    word, reason = of(load_review(review), "form")
    assert word == "near"
    assert "no rule says how far" in reason


DOSES = (
    rule("dose", "direct", "at_least = 200", "at_most = 400", 'unit = "mg/day"'),
    rule("dose", "near", "at_most = 0.8", 'unit = "g/day"'),
    rule("dose", "far"),
)


@pytest.mark.parametrize(
    ("value", "unit", "word"),
    [
        ("200", "mg/day", "direct"),
        ("400", "mg/day", "direct"),
        ("0.4", "g/day", "direct"),
        ("199.9", "mg/day", "near"),
        ("800", "mg/day", "near"),
        ("801", "mg/day", "far"),
        ("30", "mmol/day", "not stated"),
    ],
)
def test_a_dose_in_its_range(tmp_path: Path, value: str, unit: str, word: str) -> None:
    review = with_rules(tmp_path, *DOSES)
    fact(review, "dose_elemental", value, unit)
    found = nearness_of(load_review(review), "beta2021", "dose")
    assert found.word == word
    assert found.entry == f"{value} {unit}"


def test_a_dose_that_nobody_tells(tmp_path: Path) -> None:
    review = load_review(with_rules(tmp_path, *DOSES))
    found = nearness_of(review, "beta2021", "dose")
    assert found == Nearness("dose", "", None, "The dose is not stated.")
    assert (found.word, found.match) == ("not stated", "not stated")
    # Of alpha2020 the compound's dose is told alone.
    assert of(review, "dose", "alpha2020") == (
        "not stated",
        "The dose of the compound is stated, that of the element not.",
    )


def test_where_reports_of_a_dose_differ_the_farther_counts(tmp_path: Path) -> None:
    review = with_rules(tmp_path, *DOSES)
    fact(review, "dose_elemental", "300", "mg/day")
    fact(review, "dose_elemental", "500", "mg/day")
    word, reason = of(load_review(review), "dose")
    assert word == "near"
    assert "Its reports differ" in reason


def test_what_was_registered_is_no_report(tmp_path: Path) -> None:
    review = with_rules(tmp_path, rule("duration", "direct", "at_least = 2", 'unit = "weeks"'))
    fact(review, "duration", "8", "weeks", stage="registered")
    assert of(load_review(review), "duration")[0] == "not stated"
    fact(review, "duration", "14", "days")
    assert of(load_review(review), "duration")[0] == "direct"


def test_an_outcome_by_domain_by_id_and_as_asked(tmp_path: Path) -> None:
    review = load_review(
        with_rules(
            tmp_path,
            rule("outcome", "direct", 'domains = ["nap trouble"]'),
            rule("outcome", "near", 'outcomes = ["nap-minutes"]'),
            rule("outcome", "far"),
        )
    )
    words = {
        outcome: nearness_of(review, "alpha2020", "outcome", outcome_id=outcome).word
        for outcome in ("nap-trouble", "nap-minutes", "spills")
    }
    assert words == {"nap-trouble": "direct", "nap-minutes": "near", "spills": "far"}
    asked = nearness_of(review, "alpha2020", "outcome", outcome_id="spills", asked="harms")
    assert (asked.word, asked.entry) == ("direct", "spilled tea")
    # Of several that it reports, the nearest counts.
    assert nearness_of(review, "alpha2020", "outcome").word == "direct"


# ---------------------------------------------------------------- what is wrong with them

LEAF = 'words = ["leaf"]'


@pytest.mark.parametrize(
    ("rules", "column", "says"),
    [
        ([rule("shape", "near")], "directness[1].aspect", "not one of the accepted"),
        ([rule("form", "close", LEAF)], "directness[1].distance", "not one of the accepted"),
        (['aspect = "form"\ndistance = "near"'], "directness[1].reason", "the key is missing"),
        ([rule("form", "near", 'word = ["leaf"]')], "directness[1].word", "Did you mean 'words'"),
        ([rule("form", "near", 'words = "leaf"')], "directness[1].words", "not a list of names"),
        ([rule("form", "near", 'at_least = 1')], "directness[1].at_least", "says nothing about"),
        ([rule("dose", "near", LEAF)], "directness[1].words", "at_least, at_most, unit"),
        ([rule("dose", "near", "at_least = 1")], "directness[1].unit", "a range has a unit"),
        ([rule("dose", "near", 'unit = "mg/day"')], "directness[1].unit", "a unit and no range"),
        ([rule("dose", "near", "at_least = 1", 'unit = "weeks"')], "directness[1].unit",
         "no unit of a dose"),
        ([rule("dose", "near", "at_least = 1", 'unit = "mg"')], "directness[1].unit",
         "not one of the accepted"),
        ([rule("duration", "near", "at_least = 5", "at_most = 4", 'unit = "days"')],
         "directness[1].at_most", "the most is below the least"),
        ([rule("dose", "near", "at_least = -5", 'unit = "mg/day"')], "directness[1].at_least",
         "not below 0"),
        ([rule("outcome", "near", 'outcomes = ["naps"]')], "directness[1].outcomes",
         "no such entry"),
        ([rule("outcome", "near", 'domains = ["nap troubel"]')], "directness[1].domains",
         "Did you mean 'nap trouble'"),
        ([rule("form", "near"), rule("form", "far", LEAF)], "directness[2].aspect",
         "the rule never applies"),
        ([rule("form", "near", LEAF), rule("form", "far", 'words = ["root", "Leaf"]')],
         "directness[2].words", "names this already"),
    ],
)  # fmt: skip
def test_a_bad_rule_is_named_with_its_line(
    tmp_path: Path, rules: list[str], column: str, says: str
) -> None:
    review = with_rules(tmp_path, *rules)
    (problem,) = check_review(review)
    assert (problem.file, problem.column) == (FILE, column)
    assert problem.line > TOML.count("\n")
    assert says in f"{problem.message} {problem.accepted} {problem.advice}"


def test_all_problems_of_rules_at_once(tmp_path: Path) -> None:
    review = with_rules(
        tmp_path,
        rule("dose", "near", "at_least = 9", "at_most = 4", LEAF),
        rule("form", "nearer", 'domains = ["x"]'),
    )
    columns = sorted(problem.column for problem in check_review(review))
    assert columns == [
        "directness[1].at_most",
        "directness[1].unit",
        "directness[1].words",
        "directness[2].distance",
        "directness[2].domains",
        "directness[2].domains",
    ]


@pytest.mark.parametrize(
    "value", ["1", "true", '"x"', "[]", "{}", "[[1]]", '["a", 1]', "inf", "1979-05-27"]
)
@pytest.mark.parametrize(
    "key", ["aspect", "distance", "words", "at_least", "at_most", "unit", "outcomes", "domains",
     "reason"]
)  # fmt: skip
@pytest.mark.parametrize("aspect", ["form", "dose", "outcome"])
def test_no_value_of_another_type_crashes(
    tmp_path: Path, key: str, value: str, aspect: str
) -> None:
    entries = {"aspect": f'"{aspect}"', "distance": '"near"', "reason": '"why"', key: value}
    review = with_rules(tmp_path, "\n".join(f"{name} = {text}" for name, text in entries.items()))
    problems = check_review(review)
    if not problems:
        assert load_review(review).plan.directness
