"""The codebook `data/README.md`, generated from the schema."""

from __future__ import annotations

from collections.abc import Iterable

from evidence.data.bias_tools import builtin_tools
from evidence.data.claim_tests import CLAIM_TESTS, LOOKUPS, ClaimTest
from evidence.data.schema import Column, Reference
from evidence.data.sections import SECTIONS
from evidence.data.tables import TABLES

__all__ = ["codebook"]

_INTRODUCTION = """\
# The codebook

This page is generated from the schema in `src/evidence/data`
(`evidence codebook --write` writes it anew); a test keeps it fresh.

A review is a folder of CSV files and one `review.toml`. Everything is plain text,
one fact a row, and can be edited in a spreadsheet. `evidence check` reads the folder
and names every problem with its file, line and column.

Rules for every file

- UTF-8, comma between cells, a decimal point in numbers. A byte order mark and
  Windows line ends are fine.
- Numbers keep the digits they were printed with: `5.10` is not `5.1`.
- Every row with numbers says where they were read: `source_id`, a `quote` of at most
  25 words, a `locator` and a `tier`. What is second-hand is marked `secondary` and
  shown as second-hand everywhere.
- An empty cell means "not known". Nothing is guessed. White space around a cell is not
  kept; blank lines are skipped.
- A file marked optional may be left out; a CSV file with any other name is a problem,
  because its rows would be lost.
- Cells are text and nothing else: no formula in them is ever run.
"""
_TOOLS = """\
## Tools for risk of bias

`risk_of_bias.csv` and `signalling_answers.csv` speak in the words of a tool. Each tool is a
TOML file of the package (`src/evidence/data/bias_tools`) that holds its words, domains,
questions, and the rules from answers to judgements. A review may bring tools of its own, each
as `tools/NAME.toml` in its folder; with `based_on` it takes over another tool and replaces or
adds domains.
"""
_CLAIM_TESTS = """\
## Tests of claims

`test` in `claims.csv` is a test that a machine runs: a name with arguments in parentheses, such
as `benefit(study=..., outcome=..., timepoint='week 4')`. A value is a word of letters, digits,
`.`, `_` and `-`, or any text in single or double quotation marks (a mark inside is written
twice); a list stands in `[` and `]`. `all(test, test)` joins tests that must hold together, and
`none(reason='...')` says that nothing which is known can check the claim. A test that names what
does not exist is a problem of the file. Nothing in a cell is ever run as code.

Arguments in brackets may be left out.
"""
_LOOKUPS = """\
`truth` in `misreported.csv` is written the same way and looks up one value:
"""


def codebook() -> str:
    """Return the codebook as Markdown."""
    parts = [_INTRODUCTION]
    for table in TABLES.values():
        needed = "" if table.required else " (optional)"
        parts.append(f"## `{table.file}`{needed}\n")
        parts.append(f"A row is {table.row}. Unique: {', '.join(f'`{k}`' for k in table.key)}.\n")
        parts.append("| column | must be filled | holds | meaning |\n|---|---|---|---|")
        parts.extend(_row(column) for column in table.columns)
        parts.append("")
    parts.append("## `review.toml`\n")
    for section in SECTIONS:
        optional = "" if section.required else " (optional)"
        head = f"`{section.head}`{optional}" if section.name else "top of the file"
        parts.append(f"### {head}\n")
        parts.append(f"{section.description}\n")
        parts.append("| key | must be there | holds | meaning |\n|---|---|---|---|")
        for key in section.keys:
            holds = ", ".join(f"`{choice}`" for choice in key.choices) or key.kind
            holds += _must_exist(key.reference)
            needed = "yes" if key.required else ""
            parts.append(f"| `{key.name}` | {needed} | {holds} | {key.description} |")
        parts.append("")
    parts += [_TOOLS, *_tools(), "", _CLAIM_TESTS, *_tests(CLAIM_TESTS.values())]
    parts += ["", _LOOKUPS, *_tests(LOOKUPS.values())]
    return "\n".join(parts).rstrip() + "\n"


def _tools() -> list[str]:
    """Return a table of the tools for risk of bias, and how each was read."""
    lines = [
        "| tool | domains | judgements | what it is, and how it was read |",
        "|---|---|---|---|",
    ]
    for tool in builtin_tools().values():
        domains = ", ".join(f"`{domain.id}`" for domain in tool.domains)
        words = ", ".join(f"`{word}`" for word in tool.words)
        about = f"{tool.title} ({tool.version}; {tool.citation}). {tool.read_in} {tool.note}"
        lines.append(f"| `{tool.name}` | {domains} | {words} | {about.strip()} |")
    return lines


def _tests(tests: Iterable[ClaimTest]) -> list[str]:
    """Return a table of tests with their arguments."""
    lines = ["| test | arguments | judged as | what it asks |", "|---|---|---|---|"]
    for test in tests:
        arguments = []
        for each in test.arguments:
            choices = f" ({' or '.join(each.choices)})" if each.choices else ""
            told = f"`{each.name}` {each.meaning}{choices}"
            arguments.append(told if each.required else f"[{told}]")
        lines.append(f"| `{test.name}` | {'; '.join(arguments)} | {test.family} | {test.asks} |")
    return lines


def _row(column: Column) -> str:
    if column.choices:
        holds = "; ".join(f"`{word}`: {meaning}" for word, meaning in column.choices.items())
    else:
        holds = column.accepted + (f" ({column.unit})" if column.unit else "")
    holds += _must_exist(column.reference)
    needed = "yes" if column.required else ""
    return f"| `{column.name}` | {needed} | {holds} | {column.description} |"


def _must_exist(reference: Reference | None) -> str:
    if reference is None:
        return ""
    where = f", `[[{reference.column}]]`" if reference.file == reference.table else ""
    return f"; must exist in `{reference.file}`{where}"
