"""What changed, and why: each change of the data with the cause it has to name."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.data.small import (
    add_row,
    change_text,
    copy_row,
    read_rows,
    set_cell,
    set_cells,
    small_review,
    write_rows,
)
from typer.testing import CliRunner

import evidence
from evidence.cli import app
from evidence.errors import InvalidArgumentError, ReportError
from evidence.judgement import Conclusions
from evidence.judgement.record import SCHEMA, record
from evidence.living.diff import ConclusionsComparison, compare_conclusions, demonstrate_change
from evidence.living.diff.causes import CODE_CAUSE
from evidence.living.diff.changes import Change
from evidence.living.diff.rows import compare_files
from evidence.living.diff.sides import Side
from evidence.living.page import conclusions_json

HOSTILE = "<script>alert('x')</script> **bold** [a](b) | `c`"
_SCHEMA_FILE = Path(evidence.__file__).parent / "living" / "conclusions.schema.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small review as it is."""
    return small_review(tmp_path_factory.mktemp("diff"))


@pytest.fixture(scope="module")
def base(folder: Path) -> Conclusions:
    """What it comes to."""
    return evidence.conclude(evidence.load_review(folder))


@pytest.fixture
def changed(
    folder: Path, base: Conclusions, tmp_path: Path
) -> Callable[..., ConclusionsComparison]:
    """Compare the review with a copy that was changed."""

    def changed(change: Callable[[Path], object]) -> ConclusionsComparison:
        copied = Path(shutil.copytree(folder, tmp_path / folder.name))
        change(copied)
        return compare_conclusions(base, copied, labels=("before", "after"))

    return changed


def the(found: ConclusionsComparison, level: str, what: str) -> Change:
    """Return the one change on a level whose subject starts so."""
    [one] = [change for change in found.of(level) if change.what.startswith(what)]
    return one


# ---------------------------------------------------------------- ten changes and more


def test_nothing(base: Conclusions, folder: Path) -> None:
    found = compare_conclusions(base, folder)
    assert found.changes == found.notes == found.unchanged == ()
    assert not found.verdict_changed
    assert found.summary() == f"Nothing changed from small to {folder}."


def test_a_mean_that_reverses_what_is_said(changed: Callable[..., Any]) -> None:
    found = changed(lambda f: set_cell(f, "arms", 3, "mean", "13.10"))
    row = the(found, "row", "arms.csv line 3")
    assert (row.before, row.after) == ("mean 9.10", "mean 13.10")
    effect = the(found, "effect", "Alpha 2020, NTS, week 4, mean difference from arms")
    assert effect.before.startswith("2.20 points (0.06")
    assert effect.after.startswith("−1.80 points (")
    assert effect.causes == ("arms.csv line 3 changed",)
    assert the(found, "threshold", "The reports of Alpha 2020").after == "contradict each other"
    assert found.verdict_changed
    for change in found.changes:
        if change.level not in ("row", "code"):
            assert "arms.csv line 3 changed" in change.sentence() or change.level == "verdict"


def test_two_rows_under_one_effect_are_both_named(changed: Callable[..., Any]) -> None:
    def both(review: Path) -> None:
        set_cell(review, "arms", 3, "sd", "4.4")
        set_cell(review, "arms", 4, "sd", "4.6")
        set_cell(review, "arms", 8, "mean", "-2.7")  # under another effect

    effect = the(changed(both), "effect", "Alpha 2020, NTS, week 4, mean difference from arms")
    assert effect.causes == ("arms.csv line 3 changed", "arms.csv line 4 changed")


def test_an_interval_moves_only_the_readings_from_it(changed: Callable[..., Any]) -> None:
    found = changed(
        lambda f: set_cells(f, "contrasts", 2, ci_low="-4.20", ci_high="-0.20", p="0.03")
    )
    kinds = {change.what.partition(" from ")[2].partition(" ")[0] for change in found.of("effect")}
    assert kinds == {"interval", "p"}
    assert {change.causes for change in found.of("effect")} == {("contrasts.csv line 2 changed",)}


def test_words_about_a_number_change_no_number(changed: Callable[..., Any]) -> None:
    found = changed(lambda f: set_cell(f, "arms", 3, "note", "read again"))
    assert [change.level for change in found.changes] == ["row"]
    assert not found.verdict_changed
    assert "no result changed" in found.headline()


def test_rows_are_matched_by_what_names_them(changed: Callable[..., Any]) -> None:
    def insert(review: Path) -> None:
        rows = read_rows(review, "arms")
        write_rows(review, "arms", [rows[0], *reversed(rows[1:])])

    assert changed(insert).changes == ()


def test_a_row_that_came(changed: Callable[..., Any]) -> None:
    found = changed(
        lambda f: copy_row(f, "contrasts", 2, source_id="tea-blog", ci_high="0.90", p="")
    )
    row = the(found, "row", "contrasts.csv line 5")
    assert row.kind == "added"
    new = [change for change in found.of("effect") if "tea-blog" in change.what]
    assert [change.kind for change in new] == ["added"]
    assert new[0].causes == ("contrasts.csv line 5 was added",)


def test_a_row_that_went(changed: Callable[..., Any]) -> None:
    def without_spills(review: Path) -> None:
        rows = read_rows(review, "arms")
        write_rows(review, "arms", [row for row in rows if "spills" not in row])
        write_rows(review, "certainty_decisions", read_rows(review, "certainty_decisions")[:1])

    found = changed(without_spills)
    effect = the(found, "effect", "Alpha 2020, spills")
    assert effect.kind == "removed"
    lines = tuple(f"arms.csv line {n} of the old file was removed" for n in (5, 6))
    assert effect.causes == lines
    pooled = the(found, "pooled", "Spilled tea")
    assert pooled.kind == "removed"
    assert pooled.causes == (f"Alpha 2020 is no longer in ({'; '.join(lines)})",)
    assert the(found, "verdict", "Spilled tea").verdict


def test_an_exclusion_that_went(changed: Callable[..., Any]) -> None:
    def drop(review: Path) -> None:
        write_rows(review, "exclusions", read_rows(review, "exclusions")[:1])

    found = changed(drop)
    cause = "exclusions.csv line 2 of the old file was removed"
    effect = the(found, "effect", "Gamma 2022, NTS")
    assert (effect.kind, effect.causes) == ("added", (cause,))
    pooled = the(found, "pooled", "Nap trouble")
    assert pooled.causes == (f"Gamma 2022 came in ({cause})",)
    assert (pooled.before[-5:], pooled.after[-5:]) == ("k = 1", "k = 2")
    assert the(found, "claim", "Claim naps-better").causes[-1] == "Nap trouble changed"


def test_a_threshold(changed: Callable[..., Any]) -> None:
    found = changed(lambda f: change_text(f, "review.toml", "value = 1.5", "value = 3.5"))
    [row] = found.of("row")
    assert row.what.startswith("review.toml line ")
    assert row.what.endswith("(thresholds nts-small)")
    assert (row.before, row.after) == ("value 1.5", "value 3.5")
    line = row.what.partition(" (")[0]
    assert found.of("effect") == found.of("pooled") == ()
    verdict = the(found, "verdict", "Nap trouble")
    assert verdict.verdict
    assert f"{line} changed" in verdict.causes
    assert the(found, "threshold", "Alpha 2020").causes == (f"{line} changed",)
    assert the(found, "certainty", "Nap trouble, imprecision").causes == (f"{line} changed",)


def test_a_judgement_of_bias(changed: Callable[..., Any]) -> None:
    found = changed(lambda f: set_cell(f, "risk_of_bias", 2, "judgement", "high"))
    cause = ("risk_of_bias.csv line 2 changed",)
    assert the(found, "appraisal", "Risk of bias of alpha2020").causes == cause
    domain = the(found, "certainty", "Nap trouble, risk of bias")
    assert (domain.before, domain.after, domain.causes) == ("serious", "very serious", cause)
    assert not found.verdict_changed


def test_a_decision(changed: Callable[..., Any]) -> None:
    found = changed(lambda f: set_cell(f, "certainty_decisions", 2, "levels", "2"))
    domain = the(found, "certainty", "Spilled tea, indirectness")
    assert domain.causes == ("certainty_decisions.csv line 2 changed",)
    assert domain.after.startswith("very serious, decided by A. Dragon")


def test_an_outcome_read_the_other_way(changed: Callable[..., Any]) -> None:
    found = changed(
        lambda f: set_cells(f, "studies", 2, population="old knights", n_randomised="61")
    )
    assert all("studies.csv line 2 changed" in change.sentence() for change in found.changes[1:])
    assert found.of("appraisal")


def test_a_date_of_the_search(changed: Callable[..., Any]) -> None:
    found = changed(lambda f: change_text(f, "review.toml", "= 2024-03-01", "= 2025-03-01"))
    one = the(found, "appraisal", "Searched until")
    assert (one.before, one.after) == ("2024-03-01", "2025-03-01")
    assert one.causes[0].startswith("review.toml line ")


def test_a_study_that_came(changed: Callable[..., Any]) -> None:
    def come(review: Path) -> None:
        copy_row(review, "studies", 2, study_id="delta2023", label="Delta 2023", year="2023")
        for line in (3, 4):
            copy_row(review, "arms", line, study_id="delta2023")
        copy_row(review, "risk_of_bias", 2, study_id="delta2023")

    found = changed(come)
    effect = the(found, "effect", "Delta 2023")
    assert effect.causes == ("arms.csv line 9 was added", "arms.csv line 10 was added")
    assert the(found, "pooled", "Nap trouble").causes[0].startswith("Delta 2023 came in (arms.csv")
    assert the(found, "appraisal", "Directness of delta2023").kind == "added"


# ---------------------------------------------------------------- rows by themselves


def test_a_row_whose_name_was_corrected_is_one_row(folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(folder, tmp_path / "small"))
    set_cell(copied, "arms", 3, "timepoint", "week 5")
    before, after = (evidence.load_review(one).files for one in (folder, copied))
    [row] = compare_files(before, after)
    assert row.cells == (("timepoint", "week 4", "week 5"),)
    assert (row.kind, len(row.names)) == ("changed", 2)


def test_line_ends_and_spaces_are_no_change(folder: Path) -> None:
    files = dict(evidence.load_review(folder).files)
    dos = {name: raw.replace(b"\n", b"\r\n") for name, raw in files.items()}
    assert compare_files(files, {**dos, "arms.csv": b"\xef\xbb\xbf" + dos["arms.csv"]}) == []


def test_cells_over_several_lines_keep_their_line() -> None:
    head = b"fact_id,quantity,note\n"
    before = {"facts.csv": head + b'a,x,"one\ntwo"\nb,y,\n'}
    after = {"facts.csv": head + b'a,x,"one\ntwo"\nb,z,\n'}
    [row] = compare_files(before, after)
    assert row.place == "facts.csv line 4"


# ---------------------------------------------------------------- code, files alone, older files


def _moved(content: dict[str, Any], **code: str) -> dict[str, Any]:
    """Return conclusions in which one number moved though no data did."""
    moved = copy.deepcopy(content)
    moved["code"] |= code
    pooled = moved["analyses"]["trouble"]["pooled"]["as reported"]
    pooled["ci_low"] -= 0.5
    return moved


def test_without_a_change_of_data_the_code_is_the_cause(base: Conclusions) -> None:
    content = record(base)
    found = compare_conclusions(content, _moved(content, fingerprint="f" * 64, version="0.2.0"))
    assert {change.level for change in found.changes} == {"code", "pooled"}
    assert found.of("pooled")[0].causes == (CODE_CAUSE,)
    assert the(found, "code", "evidence").after == "0.2.0"
    packages = copy.deepcopy(content)
    packages["code"]["packages"]["scipy"] = "9.9"
    assert the(compare_conclusions(content, packages), "code", "scipy").after == "9.9"


def test_nothing_recorded_is_said_and_not_guessed(base: Conclusions) -> None:
    content = record(base)
    found = compare_conclusions(content, _moved(content))
    assert "neither the data nor the recorded code" in found.of("pooled")[0].causes[0]


def test_what_the_code_did_is_told_from_what_the_data_did(
    base: Conclusions, folder: Path, tmp_path: Path
) -> None:
    old = _moved(record(base), fingerprint="0" * 64)  # as an earlier code had it
    copied = Path(shutil.copytree(folder, tmp_path / "small"))
    set_cells(copied, "arms", 6, events="6")
    side = Side("the old report", old, dict(base.review.files))
    found = compare_conclusions(side, copied)
    assert the(found, "pooled", "Nap trouble").causes == (CODE_CAUSE,)
    assert the(found, "pooled", "Spilled tea").causes == (
        "the effect of Alpha 2020 changed (arms.csv line 6 changed)",
    )


def test_differences_between_machines_are_none(base: Conclusions) -> None:
    content = record(base)
    near = copy.deepcopy(content)
    near["analyses"]["trouble"]["pooled"]["as reported"]["ci_low"] *= 1 + 1e-8
    assert compare_conclusions(content, near).changes == ()


def test_files_alone_tell_the_rows_that_effects_rest_on(
    base: Conclusions, folder: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(folder, tmp_path / "small"))
    set_cell(copied, "arms", 3, "mean", "8.10")
    paths = [tmp_path / "old.json", tmp_path / "new.json"]
    for path, conclusions in zip(
        paths, (base, evidence.conclude(evidence.load_review(copied))), strict=True
    ):
        path.write_text(conclusions_json(conclusions.to_dict()), "utf-8")
    found = compare_conclusions(*paths)
    effect = the(found, "effect", "Alpha 2020, NTS, week 4, mean difference from arms")
    assert effect.causes == ("arms.csv line 3 changed",)
    assert the(found, "row", "arms.csv line 3").before == ""
    assert "the tables are not beside both" in found.notes[0]


def test_an_older_layout_is_compared_as_far_as_it_goes(base: Conclusions) -> None:
    new = record(base)
    analyses = [
        {
            "id": name,
            "title": one["title"],
            "refusal": one["refusal"],
            "synthesis": {
                "measure": one["measure"],
                "scenarios": [
                    {**{k: v for k, v in pooled.items() if k != "studies"}, "reading": ""}
                    for pooled in one["pooled"].values()
                ],
            },
            "certainty": [{"level": c["level"]} for c in one["certainty"].values()],
            "verdicts": list(one["verdicts"].values()),
        }
        for name, one in new["analyses"].items()
    ]
    old: dict[str, Any] = {"schema": 1, "review": "small", "analyses": copy.deepcopy(analyses)}
    same = compare_conclusions(old, new)
    assert same.changes == ()
    assert "has schema 1" in same.notes[0]
    assert "Run `evidence run` once" in same.notes[0]
    old["analyses"][0]["verdicts"][0]["size"] = "trivial"
    found = compare_conclusions(old, new)
    assert [change.level for change in found.changes] == ["verdict"]
    assert found.verdict_changed
    assert compare_conclusions({"schema": 1, "review": "small"}, new).notes


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (3, "One side is a int; accepted are the folder of a report"),
        ("no/such/place", "There is nothing at 'no/such/place'"),
        ({"schema": SCHEMA + 1, "review": "x"}, "knows up to"),
        ({"schema": "two", "review": "x"}, "has schema 'two'"),
        ({"title": "x"}, "is no conclusions file"),
    ],
)
def test_what_is_no_side_is_refused(base: Conclusions, source: object, message: str) -> None:
    with pytest.raises((InvalidArgumentError, ReportError), match=message):
        compare_conclusions(source, base)


def test_a_cut_file_and_an_empty_folder_are_refused(base: Conclusions, tmp_path: Path) -> None:
    cut = tmp_path / "conclusions.json"
    cut.write_text('{"schema": 2, "rev')
    with pytest.raises(ReportError, match="is not JSON"):
        compare_conclusions(cut, base)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidArgumentError, match=r"neither conclusions\.json"):
        compare_conclusions(tmp_path / "empty", base)


def test_a_damaged_file_is_refused(base: Conclusions) -> None:
    content = record(base)
    for broken in (
        {**content, "analyses": []},
        {**content, "headline": {"study_id": "alpha2020"}},
        {"schema": SCHEMA, "review": "small"},
    ):
        with pytest.raises(ReportError, match="does not hold what a conclusions file"):
            compare_conclusions(broken, base)


# ---------------------------------------------------------------- how it looks


def test_hostile_text_stays_text(folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(folder, tmp_path / "small"))
    set_cell(copied, "studies", 2, "label", HOSTILE)
    set_cell(copied, "arms", 3, "mean", "8.10")
    found = compare_conclusions(folder, copied, labels=("old", HOSTILE))
    html = found._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    markdown = found.to_markdown()
    assert "<script" not in markdown.replace("\\<", "")
    assert "**bold**" not in markdown
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert found.to_frame()["level"].iloc[0] == "row"


def test_levels_stand_from_the_row_up(changed: Callable[..., Any]) -> None:
    found = changed(lambda f: set_cell(f, "arms", 3, "mean", "13.10"))
    titles = [title for title, _ in found.sections()]
    assert titles[:2] == ["Data", "Effects"]
    assert titles.index("Pooled results") < titles.index("Verdicts")
    text = found.summary()
    assert text.splitlines()[0] == "From before to after: what it says changed."
    assert "→" in text


# ---------------------------------------------------------------- demonstration


def test_a_demonstration_changes_nothing_but_a_copy(base: Conclusions, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shown = demonstrate_change(base)
    assert shown.comparison is not None
    assert shown.comparison.of("effect")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert shown.said.startswith("In a copy of the review, in contrasts.csv line 2, ci_low becomes")
    again = demonstrate_change(base.review)
    assert again.to_dict() == shown.to_dict()
    [row] = shown.comparison.of("row")
    assert row.what.startswith("contrasts.csv line 2")
    assert shown.summary().startswith(shown.said)
    assert not shown.table.frame.empty


def test_a_review_without_numbers_shows_no_change(folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(folder, tmp_path / "small"))
    write_rows(copied, "arms", read_rows(copied, "arms")[:1])
    write_rows(copied, "contrasts", read_rows(copied, "contrasts")[:2])
    nothing = dict.fromkeys(("estimate", "ci_low", "ci_high", "p", "positive_means"), "")
    set_cells(copied, "contrasts", 2, measure="none", **nothing)
    shown = demonstrate_change(evidence.load_review(copied))
    assert shown.comparison is None
    assert shown.summary() == "No row of this review can be altered by the rule."
    assert shown.said in shown._repr_html_()
    assert shown.table._repr_html_()
    found = compare_conclusions(folder, copied)
    assert found.verdict_changed
    assert the(found, "threshold", "An effect of Alpha 2020").kind == "removed"


# ---------------------------------------------------------------- the file and its schema


def test_conclusions_follow_their_schema(base: Conclusions) -> None:
    schema = json.loads(_SCHEMA_FILE.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    content = record(base)
    assert list(validator.iter_errors(content)) == []
    assert set(content) == set(schema["properties"])
    assert schema["properties"]["schema"]["const"] == content["schema"] == SCHEMA
    content["analyses"]["trouble"]["pooled"]["as reported"]["estimate"] = "2.2"
    assert list(validator.iter_errors(content))


def test_one_more_study_adds_lines_and_moves_none(folder: Path, tmp_path: Path) -> None:
    """A git diff of the file shows what came: nothing that stayed is written anew."""
    copied = Path(shutil.copytree(folder, tmp_path / "small"))
    add_row(
        copied,
        "missing",
        missing_id="more",
        what="a new gap",
        why="to see",
        where="here",
        priority="high",
    )
    texts = [
        conclusions_json(evidence.conclude(evidence.load_review(one)).to_dict()).splitlines()
        for one in (folder, copied)
    ]
    gone = [line for line in texts[0] if line not in texts[1]]
    assert all("fingerprint" in line or "missing.csv" in line for line in gone), gone


# ---------------------------------------------------------------- the command line


@pytest.fixture
def repository(folder: Path, tmp_path: Path) -> Path:
    """A repository with the review in two commits: the second reverses the effect."""
    top = tmp_path / "repository"
    review = Path(shutil.copytree(folder, top / "data" / "small"))

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", "-C", str(top), *who, *arguments], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (top / "other.txt").write_text("before the review")
    git("add", "other.txt")
    git("commit", "-qm", "none")
    git("add", ".")
    git("commit", "-qm", "one")
    set_cell(review, "arms", 3, "mean", "13.10")
    git("commit", "-qam", "two")
    set_cell(review, "arms", 3, "mean", "9.10")
    set_cell(review, "arms", 3, "note", "not committed")
    return review


def diff(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["diff", *arguments], env={"COLUMNS": "200"})


def test_git_revisions(repository: Path) -> None:
    before = {p: p.read_bytes() for p in repository.iterdir()}
    found = diff("HEAD~1..HEAD", "--review", str(repository))
    assert found.exit_code == 3, found.output
    assert "From HEAD~1 to HEAD: what it says changed." in found.output
    assert "because arms.csv line 3 changed" in found.output
    two = diff("HEAD~1", "main", "-r", str(repository), "--format", "json")
    assert two.exit_code == 3
    assert json.loads(two.output)["verdict_changed"] is True
    now = diff("HEAD~1..", "-r", str(repository), "-f", "markdown")
    assert now.exit_code == 0, now.output
    assert "### Data" in now.output
    assert "no result changed" in now.output
    assert {p: p.read_bytes() for p in repository.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nonsense",), "neither a folder or file here nor a git revision"),
        (("nonsense..HEAD",), "'nonsense' is neither"),
        (("..HEAD",), "names no revision to begin with"),
        (("HEAD~2..",), "the review was added or renamed"),
        ((), "There is no report of small"),
    ],
)
def test_names_that_stand_for_nothing(
    repository: Path, arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    found = diff(*arguments, "--review", str(repository))
    assert found.exit_code == 1
    assert message in found.output


def test_a_wrong_format_is_a_wrong_command(repository: Path) -> None:
    assert diff("HEAD~1", "--review", str(repository), "--format", "pdf").exit_code == 2


def test_two_folders(folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(folder, tmp_path / "small"))
    set_cell(copied, "arms", 3, "note", "read again")
    found = diff(str(folder), str(copied), "--review", str(folder))
    assert found.exit_code == 0, found.output
    assert "note (empty) → note read again" in found.output


# ---------------------------------------------------------------- HL7 FHIR


def test_pooled_results_as_fhir_evidence(base: Conclusions) -> None:
    found = evidence.to_fhir_evidence(base)
    assert [one["id"] for one in found] == ["trouble-1", "spilling-1"]
    first = found[0]
    content = record(base)
    pooled = content["analyses"]["trouble"]["pooled"]["as reported"]
    [statistic] = first["statistic"]
    assert statistic["quantity"]["value"] == pooled["estimate"]
    interval = statistic["attributeEstimate"][0]
    assert interval["range"]["low"]["value"] == pooled["ci_low"]
    assert statistic["sampleSize"] == {"numberOfStudies": 1, "numberOfParticipants": 59}
    [certainty] = first["certainty"]
    assert certainty["rating"]["coding"][0]["code"] == "very-low"
    assert [one["type"]["coding"][0]["code"] for one in certainty["subcomponent"]] == [
        "RiskOfBias",
        "Inconsistency",
        "Indirectness",
        "Imprecision",
        "PublicationBias",
    ]
    roles = [one["variableRole"]["coding"][0]["code"] for one in first["variableDefinition"]]
    assert roles == ["population", "exposure", "referenceExposure", "measuredVariable"]
    assert "natural logarithm" in found[1]["statistic"][0]["description"]
    # FHIR has no null and no empty list.
    assert "null" not in json.dumps(found)
    assert "[]" not in json.dumps(found)
    with pytest.raises(InvalidArgumentError, match=r"evidence\.conclude"):
        evidence.to_fhir_evidence(3)  # type: ignore[arg-type]
