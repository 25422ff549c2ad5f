"""A small, valid review about nothing: moonwort tea and napping, three made-up trials.

`small_review` writes it into a folder; the other functions change that folder the way a
person with a spreadsheet or an editor would.
"""

from __future__ import annotations

import csv
from pathlib import Path

from evidence.data.tables import TABLES

Rows = list[dict[str, str]]

TOML = """\
schema = 1
title = "Moonwort tea and napping"
question = "Does moonwort tea improve naps in sleepy dragons?"
searched_until = 2024-03-01
search_note = "Made up for tests."

[pico]
population = "sleepy dragons"
intervention = "moonwort tea"
comparator = "hot water"
outcome = "nap trouble"

[target]
treatment = "moonwort tea"
form = "moonwort leaf"
comparator = "hot water"
population = "sleepy dragons"

[headline]
study_id = "alpha2020"
outcome_id = "nap-trouble"
timepoint = "week 4"

[[outcomes]]
id = "nap-trouble"
name = "Nap Trouble Scale"
short = "NTS"
domain = "nap trouble"
kind = "continuous"
unit = "points"
better = "lower"
minimum = 0
maximum = 20
step = 1

[[outcomes]]
id = "nap-minutes"
name = "minutes napped"
short = "minutes"
domain = "nap duration"
kind = "continuous"
unit = "minutes"
better = "higher"
minimum = 0

[[outcomes]]
id = "spills"
name = "spilled tea"
short = "spills"
domain = "harms"
kind = "dichotomous"
unit = "people"
better = "lower"

[[thresholds]]
id = "nts-large"
outcome_id = "nap-trouble"
value = 5.0
scale = "outcome unit"
applies_to = "difference between groups"
label = "a large difference"
source_id = "nts-manual"
quote = "A difference of 5 points is large"
tier = "primary"

[[thresholds]]
id = "nts-small"
outcome_id = "nap-trouble"
value = 1.5
scale = "outcome unit"
applies_to = "difference between groups"
label = "a difference that dragons notice"
source_id = "nts-manual"
quote = "Dragons notice a difference of 1.5 points"
locator = "page 3"
tier = "primary"

[[thresholds]]
id = "nts-change"
outcome_id = "nap-trouble"
value = 3
scale = "outcome unit"
applies_to = "change within a person"
label = "a change that one dragon notices"
source_id = "nts-manual"
quote = "A dragon notices a change of 3 points"
tier = "primary"

[[analyses]]
id = "trouble"
title = "Nap trouble"
outcomes = ["nap-trouble"]
measure = "mean difference"
model = "random"
tau2_method = "REML"
ci_method = "HKSJ"

[[analyses]]
id = "spilling"
title = "Spilled tea"
outcomes = ["spills"]
measure = "risk ratio"
model = "common"
"""


def _alpha(**cells: str) -> dict[str, str]:
    return {"study_id": "alpha2020", "source_id": "alpha-article", "tier": "primary", **cells}


def _beta(**cells: str) -> dict[str, str]:
    return {"study_id": "beta2021", "source_id": "beta-article", "tier": "primary", **cells}


def _gamma(**cells: str) -> dict[str, str]:
    return {"study_id": "gamma2022", "source_id": "gamma-account", "tier": "secondary", **cells}


_TREATED = {"outcome_id": "nap-trouble", "arm": "moonwort tea", "role": "treatment"}
_CONTROL = {"outcome_id": "nap-trouble", "arm": "hot water", "role": "control"}
_WEEK4 = {"timepoint": "week 4"}
_PAIR = {"treatment": "moonwort tea", "comparator": "hot water"}

CELLS: dict[str, Rows] = {
    "studies": [
        _alpha(
            label="Alpha 2020",
            year="2020",
            role="trial",
            status="published",
            design="parallel trial",
            blinding="double",
            population="sleepy dragons",
            intervention="moonwort tea",
            form="moonwort leaf",
            comparator="hot water",
            n_randomised="60",
            quote="60 dragons were randomised",
        ),
        _beta(
            label="Beta 2021",
            year="2021",
            role="trial",
            status="published",
            design="crossover trial",
            blinding="single",
            population="young dragons",
            intervention="moonwort tea",
            form="not stated",
            comparator="hot water",
            n_randomised="24",
            quote="24 young dragons drank both",
        ),
        _gamma(
            label="Gamma 2022",
            year="2022",
            role="trial",
            status="published",
            design="parallel trial",
            blinding="not reported",
            population="sleepy dragons",
            intervention="moonwort extract",
            form="moonwort extract",
            comparator="hot water",
            n_randomised="40",
            quote="a trial in 40 dragons",
            note="Only an account of it was read.",
        ),
    ],
    "study_facts": [
        _alpha(
            item="dose_compound",
            stage="",
            value="2.50 g/day",
            number="2.50",
            unit="g/day",
            quote="2.50 g of leaf a day",
        ),
        _alpha(
            item="dose_compound",
            stage="registered",
            value="2 to 3 g/day",
            low="2",
            high="3",
            unit="g/day",
            quote="Dose: 2 to 3 g a day",
        ),
        _alpha(
            item="funding", stage="published", value="a tea house", quote="Funded by a tea house"
        ),
        _gamma(item="age", value="young", quote="young dragons"),
    ],
    "registered_outcomes": [
        _alpha(
            outcome_id="nap-trouble",
            rank="primary",
            planned="trouble with naps",
            planned_in="registry",
            reported="not known",
            quote="Primary outcome: trouble with naps",
        ),
    ],
    "arms": [
        _alpha(
            **_TREATED,
            timepoint="baseline",
            kind="baseline",
            n="30",
            n_basis="randomised",
            mean="13.0",
            sd="3.9",
            quote="13.0 (3.9) with tea at baseline",
        ),
        _alpha(
            **_TREATED,
            **_WEEK4,
            kind="final",
            n="29",
            n_basis="analysed",
            mean="9.10",
            sd="4.0",
            quote="9.10 (4.0) with tea",
        ),
        _alpha(
            **_CONTROL,
            **_WEEK4,
            kind="final",
            n="30",
            n_basis="analysed",
            mean="11.30",
            sd="4.2",
            quote="11.30 (4.2) with hot water",
        ),
        _alpha(
            outcome_id="spills",
            arm="moonwort tea",
            role="treatment",
            **_WEEK4,
            events="3",
            total="30",
            quote="3 of 30 spilled their tea",
        ),
        _alpha(
            outcome_id="spills",
            arm="hot water",
            role="control",
            **_WEEK4,
            events="0",
            total="30",
            quote="none of 30 spilled the water",
        ),
        _gamma(
            **_TREATED,
            **_WEEK4,
            kind="change",
            n="20",
            mean="-4.1",
            ci_low="-5.7",
            ci_high="-2.5",
            quote="-4.1 (95% CI -5.7 to -2.5) with extract",
        ),
        _gamma(
            **_CONTROL,
            **_WEEK4,
            kind="change",
            n="19",
            mean="-2.6",
            ci_low="-4.3",
            ci_high="-0.9",
            quote="-2.6 (95% CI -4.3 to -0.9) with hot water",
        ),
    ],
    "contrasts": [
        _alpha(
            outcome_id="nap-trouble",
            **_WEEK4,
            **_PAIR,
            measure="mean difference",
            positive_means="treatment higher",
            estimate="-2.20",
            ci_low="-4.34",
            ci_high="-0.06",
            p="0.044",
            n_treatment="29",
            n_control="30",
            n_total="59",
            direction="treatment",
            locator="Table 2",
            quote="-2.20 (95% CI -4.34 to -0.06), p = 0.044",
        ),
        _beta(
            outcome_id="nap-minutes",
            timepoint="week 2",
            **_PAIR,
            measure="mean difference",
            positive_means="treatment higher",
            estimate="5.10",
            se="4.0",
            p=".22",
            n_treatment="24",
            n_control="24",
            n_total="24",
            direction="treatment",
            quote="5.10 minutes longer (SE 4.0), p = .22",
        ),
        _gamma(
            outcome_id="nap-trouble",
            **_WEEK4,
            **_PAIR,
            measure="none",
            p="0.05",
            p_relation=">",
            n_total="39",
            direction="treatment",
            quote="better, but p > 0.05",
        ),
    ],
    "risk_of_bias": [
        _alpha(
            tool="RoB 2",
            domain="overall",
            judgement="some concerns",
            support="Dragons could smell the tea.",
            who="a tester",
            when="2024-03-02",
            quote="open-label for noses",
        ),
    ],
    "signalling_answers": [
        _alpha(
            tool="RoB 2",
            outcome_id="nap-trouble",
            domain="randomisation",
            question="1.2",
            answer="PY",
            support="A sealed teapot held the lots.",
            who="a tester",
            when="2024-03-02",
            quote="lots were drawn from a sealed teapot",
        ),
    ],
    "claims": [
        {
            "claim_id": "naps-better",
            "source_id": "tea-blog",
            "quote": "Moonwort tea cures bad naps",
            "kind": "efficacy",
            "would_have_to_be_true": "Dragons nap better with tea than with hot water.",
            "test": "pooled_benefit(analysis=trouble)",
        },
    ],
    "facts": [
        {
            "fact_id": "leaf-share",
            "quantity": "leaf share",
            "subject": "moonwort tea",
            "value": "0.141",
            "unit": "g/g",
            "source_id": "nts-manual",
            "quote": "Tea holds 14.1% leaf",
            "tier": "primary",
        },
    ],
    "compounds": [
        {
            "compound_id": "leaf",
            "name": "moonwort leaf",
            "also_called": "dragon leaf; tea leaf",
            "formula": "CaCO3",
            "element": "Ca",
            "hydration": "anhydrous",
            "carries": "fizz",
            "molar_mass": "100.09",
            "source_id": "nts-manual",
            "quote": "Moonwort leaf CaCO3 100.09",
            "tier": "primary",
        },
        {
            "compound_id": "extract",
            "name": "moonwort extract",
            "formula": "CaCl2·2H2O",
            "element": "Ca",
            "hydration": "dihydrate",
            "source_id": "nts-manual",
            "quote": "Moonwort extract CaCl2·2H2O",
            "tier": "primary",
        },
    ],
    "sources": [
        {
            "source_id": "alpha-article",
            "citation": "Alpha A. Moonwort tea for naps. J Dragon. 2020;1:1.",
            "kind": "article",
            "doi": "10.9999/dragon.2020.1",
            "pmid": "99999999",
            "url": "https://example.org/alpha",
            "accessed": "2024-03-01",
            "tier": "primary",
        },
        {
            "source_id": "beta-article",
            "citation": "Beta B. A crossover of teas. J Dragon. 2021;2:9.",
            "kind": "abstract",
            "tier": "primary",
        },
        {
            "source_id": "gamma-account",
            "citation": "Delta D. All about moonwort. Tea House News, 2023.",
            "kind": "account",
            "url": "https://example.org/news?id=1&page=2",
            "accessed": "2024-03-01",
            "tier": "secondary",
        },
        {
            "source_id": "nts-manual",
            "citation": "Manual of the Nap Trouble Scale.",
            "kind": "guideline",
            "tier": "primary",
        },
        {
            "source_id": "tea-blog",
            "citation": "Tea makes the nap. A blog.",
            "kind": "web page",
            "url": "http://example.org/blog",
            "tier": "primary",
        },
    ],
    "missing": [
        {
            "missing_id": "gamma-table",
            "study_id": "gamma2022",
            "outcome_id": "nap-trouble",
            "what": "The article of Gamma 2022.",
            "why": "Its numbers are second-hand.",
            "where": "the library of dragons",
            "priority": "high",
        },
    ],
    "exclusions": [
        {
            "analysis_id": "trouble",
            "study_id": "gamma2022",
            "reason": "Extract, not tea.",
        },
    ],
    "certainty_decisions": [
        {
            "analysis_id": "spilling",
            "domain": "indirectness",
            "levels": "0",
            "reason": "Spilling is what was asked about.",
            "who": "A. Dragon",
            "when": "2024-03-02",
            "facts": "trials = 1; another population = no",
            "fingerprint": "a755da6d",
        },
    ],
    "published_certainty": [
        _gamma(
            outcome_id="nap-trouble",
            certainty="low",
            quote="We rated the certainty for naps low",
        ),
    ],
    "misreported": [
        {
            "misreported_id": "grams-for-percent",
            "about": "how much of moonwort tea is leaf",
            "found": "14.1 grams of leaf",
            "wrong": "wrong unit",
            "source_says": "14.1 percent",
            "truth": "fact(fact=leaf-share)",
            "source_id": "nts-manual",
            "quote": "Tea holds 14.1% leaf",
            "tier": "misreported",
        },
    ],
}


def small_review(folder: Path) -> Path:
    """Write the review into `folder` and return its own folder, named ``small``."""
    review = folder / "small"
    review.mkdir(parents=True)
    (review / "review.toml").write_text(TOML, encoding="utf-8")
    for table, rows in CELLS.items():
        write_rows(review, table, [list(TABLES[table].names), *_lists(table, rows)])
    return review


def _lists(table: str, rows: Rows) -> list[list[str]]:
    names = TABLES[table].names
    unknown = {name for row in rows for name in row} - set(names)
    assert not unknown, f"{table} has no columns {sorted(unknown)}"
    return [[row.get(name, "") for name in names] for row in rows]


def read_rows(review: Path, table: str) -> list[list[str]]:
    """Return the cells of a table, header first; line n of the file is item n - 1."""
    with (review / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write_rows(review: Path, table: str, rows: list[list[str]]) -> None:
    """Write the cells of a table, header first."""
    with (review / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def set_cell(review: Path, table: str, line: int, column: str, text: str) -> None:
    """Overwrite one cell; `line` is its line in the file."""
    rows = read_rows(review, table)
    rows[line - 1][rows[0].index(column)] = text
    write_rows(review, table, rows)


def set_cells(review: Path, table: str, line: int, **cells: str) -> None:
    """Overwrite several cells of one line."""
    for column, text in cells.items():
        set_cell(review, table, line, column, text)


def add_row(review: Path, table: str, **cells: str) -> int:
    """Append a row and return its line."""
    rows = [*read_rows(review, table), *_lists(table, [cells])]
    write_rows(review, table, rows)
    return len(rows)


def copy_row(review: Path, table: str, line: int, **cells: str) -> int:
    """Append a copy of a row with some cells changed; return the new line."""
    rows = read_rows(review, table)
    return add_row(review, table, **{**dict(zip(rows[0], rows[line - 1], strict=True)), **cells})


def change_text(review: Path, file: str, old: str, new: str) -> None:
    """Replace the only occurrence of `old` in a file."""
    path = review / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")
