"""A rerun on changed data changes the report's words.

Three real runs of the real notebooks: on the data as they are, on a copy with a large and
clear trial added, and on a copy with the headline trial's effect reversed.
"""

import csv
import io
import json
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from evidence.data import find_review
from evidence.data.tables import TABLES
from evidence.living.progress import RunProgress
from evidence.living.run import run_report

CLONE = Path(__file__).parents[2]


class Text(HTMLParser):
    """The words of a page and of its figures, without its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        # What a figure shows is told in its alternative text.
        self.words += [value for name, value in attrs if name == "alt" and value]

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style"):
            self.words.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.words).split())


def rows(review: Path, table: str) -> list[dict[str, str]]:
    with (review / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(review: Path, table: str, content: list[dict[str, str]]) -> None:
    with (review / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, TABLES[table].names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(content)


def add_clear_trial(review: Path) -> None:
    """A made-up trial of 2,000 people, 6 ISI points better (sd 5), as the question asks."""
    source = {"source_id": "made-up", "quote": "a made-up trial", "tier": "primary"}
    study = {
        "study_id": "clear2030",
        "label": "Clear 2030",
        "role": "trial",
        "status": "published",
        "design": "parallel trial",
        "population": "adults with poor sleep",
        "intervention": "magnesium bisglycinate",
        "form": "magnesium bisglycinate",
        "comparator": "placebo",
        "n_randomised": "2000",
        **source,
    }
    arm = {
        "study_id": "clear2030",
        "outcome_id": "isi",
        "timepoint": "week 4",
        "kind": "change",
        "n": "1000",
        "n_basis": "analysed",
        "sd": "5.0",
        **source,
    }
    arms = [
        {**arm, "arm": "magnesium bisglycinate", "role": "treatment", "mean": "-8.0"},
        {**arm, "arm": "placebo", "role": "control", "mean": "-2.0"},
    ]
    cited = {"source_id": "made-up", "citation": "Made up", "kind": "article", "tier": "primary"}
    for table, more in (("studies", [study]), ("arms", arms), ("sources", [cited])):
        write(review, table, [*rows(review, table), *more])


def reverse_headline(review: Path) -> None:
    """Exchange the two groups of the headline trial wherever its primary outcome stands."""
    here = ("schuster2025", "isi")
    arms = rows(review, "arms")
    exchanged = {"treatment": "control", "control": "treatment"}
    for row in arms:
        if (row["study_id"], row["outcome_id"]) == here:
            row["role"] = exchanged.get(row["role"], row["role"])
    contrasts = rows(review, "contrasts")
    for row in contrasts:
        if (row["study_id"], row["outcome_id"]) == here:
            row["direction"] = exchanged.get(row["direction"], row["direction"])
            if row["positive_means"] == "treatment better":
                row["positive_means"] = "treatment higher"
            for name in ("estimate", "ci_low", "ci_high"):
                assert not row[name].startswith("-")
            # A higher score is worse: what was printed as a benefit now is a harm.
    write(review, "arms", arms)
    write(review, "contrasts", contrasts)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[str, str, dict]]:
    """Return a function that changes a copy of the review, runs it, and reads the report."""
    made: dict[str, tuple[str, str, dict]] = {}
    notebooks = tmp_path_factory.mktemp("notebooks")
    shutil.copy(CLONE / "notebooks" / "01-the-answer.ipynb", notebooks)

    def run(change: Callable[[Path], None] | None = None) -> tuple[str, str, dict]:
        name = "" if change is None else change.__name__
        if name not in made:
            folder = tmp_path_factory.mktemp("changed")
            review = folder / "magnesium-sleep"
            shutil.copytree(find_review("magnesium-sleep"), review)
            if change is not None:
                change(review)
            with RunProgress(Console(file=io.StringIO())) as progress:
                index = run_report(
                    review, progress=progress, output=folder / "report", notebooks=notebooks
                )
            notebook = index.parent / "notebooks" / "01-the-answer.html"
            made[name] = (
                str(Text(index.read_text("utf-8"))),
                str(Text(notebook.read_text("utf-8"))),
                json.loads((index.parent / "conclusions.json").read_text("utf-8")),
            )
        return made[name]

    return run


@pytest.mark.slow
def test_a_large_clear_trial_changes_the_words(report) -> None:
    _, before, old = report()
    index, after, new = report(add_clear_trial)
    assert "Clear 2030" in after
    assert "Clear 2030" not in before
    main = new["analyses"]["insomnia-severity"]
    assert {pooled["k"] for pooled in main["pooled"].values()} == {3}
    # Two trials of the form asked about now, and the sentences count them.
    assert "One trial of 14 tested magnesium bisglycinate" in before
    assert "Two trials of 15 tested magnesium bisglycinate" in after
    assert old["answer"][3] != new["answer"][3]
    # What the headline trial itself found is untouched.
    assert old["answer"][:3] == new["answer"][:3]
    assert all(sentence in index and sentence in after for sentence in new["answer"])
    assert old["data"]["fingerprint"] != new["data"]["fingerprint"]


@pytest.mark.slow
def test_a_reversed_headline_changes_the_words(report) -> None:
    _, before, old = report()
    index, after, new = report(reverse_headline)
    for side, estimate in ((old, -1.6), (new, 1.6)):
        found = [reading["estimate"] for reading in side["headline"]["readings"].values()]
        assert found == pytest.approx([estimate] * len(found))
    assert old["answer"][0] != new["answer"][0]
    assert old["answer"][3] != new["answer"][3]
    assert old["answer"][0] not in after
    assert old["answer"][0] in before
    assert all(sentence in index and sentence in after for sentence in new["answer"])
    benefit, was = (
        {
            name: next(iter(one["verdicts"].values()))["benefit"]
            for name, one in side["analyses"].items()
            if one["verdicts"]
        }
        for side in (new, old)
    )
    assert benefit["insomnia-severity"] < was["insomnia-severity"]
    # The outcomes that do not rest on that comparison stay as they were.
    assert benefit["falling-asleep"] == was["falling-asleep"]
