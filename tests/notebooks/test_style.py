"""Notebooks load, call, show and narrate; they hold no analysis and no typed-in result."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MOST_LINES = 15

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[str]:
    return [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def test_cells_are_short(path: Path) -> None:
    long = [s.splitlines()[0] for s in cells(path, "code") if len(s.splitlines()) > MOST_LINES]
    assert not long


def test_only_evidence_is_imported(path: Path) -> None:
    imported = set()
    for source in cells(path, "code"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
    assert imported == {"evidence"}


def test_code_computes_nothing_itself(path: Path) -> None:
    """Arithmetic, comparisons, functions and comprehensions belong into the package."""
    forbidden = (ast.BinOp, ast.Compare, ast.FunctionDef, ast.Lambda, ast.ListComp, ast.DictComp)
    found = [
        ast.unparse(node)
        for source in cells(path, "code")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, forbidden)
    ]
    assert not found


#: What may stand in prose although it has digits: by rule, and nothing else.
EXCEPTED = {
    "where a link leads": r"\]\([^)]*\)",
    "code": r"`[^`]*`",
    "a quote": r'"[^"\n]*"',
    "a citation with its year": (
        r"\b(?!(?:In|Since|By|Until|From|After|Before|During)\b)"
        r"[A-Z]\w+(?: et al\.| and [A-Z]\w+|, [A-Z]\w+(?: and [A-Z]\w+)?)?,? "
        r"\(?(?:19|20)\d\d[a-z]?\)?"
    ),
    "a part of a source": r"\b(?:section|chapter|table|figure) \d+(?:\.\d+)*",
    "the number of a guideline or of a tool": r"\b(?:GRADE|guidelines?|guidance|RoB) \d+",
}
_NUMBERS = (
    "no|none of the|one|two|both|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens? of"
)
#: A count of these hangs on the data, so it has to be computed; a count of other things
#: ("two groups", "five kinds of doubt") is how the method works.
COUNTED = (
    r"(?:trials?|stud(?:y|ies)|people|persons?|participants?|adults?|patients?|claims?|readings?|"
    r"outcomes|reviews|registrations?|articles)"
)
#: What may stand between the two.
_WHICH = r"(?:(?:small|large|usable|published|randomised|registered|further|other|of the) )?"
#: What a result may or may not turn out to be, with the reason why it is not typed.
VERDICTS = {
    r"\b(?:improves|improved|worsens|worsened)\b": "the direction of an effect",
    r"\b(?:result|difference|effect|trial) (?:is|was)"
    r" (?:not |statistically )*(?:in)?significant\b": ("whether chance explains a result"),
    r"\b(?:very low|low|moderate|high) certainty\b": "a level of certainty",
    r"\b(?:magnesium|bisglycinate|it|treatment) (?:works|helps|fails|has no effect)\b": "a verdict",
}


def prose(path: Path) -> str:
    """A notebook's prose without what may hold digits by rule."""
    text = "\n".join(cells(path, "markdown"))
    for pattern in EXCEPTED.values():
        text = re.sub(pattern, " ", text)
    return text


def typed_numbers(text: str) -> list[str]:
    return re.findall(r"[^\n]*\d[^\n]*", text)


def typed_counts(text: str) -> list[str]:
    """Counts in words of what the data hold: they would stay when the data change."""
    found = re.finditer(rf"\b(?:{_NUMBERS}) {_WHICH}{COUNTED}\b", text, re.IGNORECASE)
    several = [one[0] for one in found if not re.match(r"(?:no|one)\b", one[0], re.IGNORECASE)]
    # "no trial" and "one trial" also stand for any trial; with a verb in the past they do not.
    past = "was|were|had|tested|reported|found|showed|gave"
    pattern = rf"(?<!what )\b(?:no|one) {_WHICH}{COUNTED} (?:{past})\b"
    return several + [one[0] for one in re.finditer(pattern, text, re.IGNORECASE)]


def typed_verdicts(text: str) -> list[str]:
    return [match[0] for one in VERDICTS for match in re.finditer(one, text, re.IGNORECASE)]


def test_prose_holds_no_typed_number(path: Path) -> None:
    """A number in prose would stay when the data change."""
    assert typed_numbers(prose(path)) == []


def test_prose_holds_no_typed_count(path: Path) -> None:
    assert typed_counts(prose(path)) == []


def test_prose_holds_no_typed_verdict(path: Path) -> None:
    assert typed_verdicts(prose(path)) == []


def test_the_current_review_is_loaded(path: Path) -> None:
    assert any("evidence.current_review()" in source for source in cells(path, "code"))
