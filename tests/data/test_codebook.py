"""The codebook is what the schema says, and says all of it."""

from __future__ import annotations

import re
from pathlib import Path

from evidence.data.bias_tools import builtin_tools
from evidence.data.codebook import codebook
from evidence.data.schema import IDENTIFIER, Kind
from evidence.data.sections import SECTIONS
from evidence.data.tables import TABLES

README = Path(__file__).parents[2] / "data/README.md"


def test_the_committed_codebook_is_fresh() -> None:
    assert README.read_text(encoding="utf-8") == codebook(), "run: evidence codebook --write"


def test_every_column_and_key_is_in_it() -> None:
    text = codebook()
    for table in TABLES.values():
        part = text[text.index(f"## `{table.file}`") :].split("\n## ")[0]
        for column in table.columns:
            assert f"| `{column.name}` |" in part
            assert column.description in part
    for section in SECTIONS:
        for key in section.keys:
            assert f"| `{key.name}` |" in text


def test_every_tool_is_in_it() -> None:
    text = codebook()
    for tool in builtin_tools().values():
        assert f"| `{tool.name}` |" in text
        assert tool.read_in in text


def test_its_tables_are_well_formed() -> None:
    for line in codebook().splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 5, line


def test_the_schema_is_in_order() -> None:
    """Keys and references name what exists; choices belong to choice columns."""
    for name, table in TABLES.items():
        assert name == table.name
        assert len(set(table.names)) == len(table.names)
        assert set(table.key) <= set(table.names)
        for column in table.columns:
            assert (column.kind is Kind.CHOICE) == bool(column.choices), column.name
            assert column.description.endswith(".")
            if column.reference is not None:
                if column.reference.table == "review.toml":
                    section = next(s for s in SECTIONS if s.name == column.reference.column)
                    assert section.many
                else:
                    assert column.reference.column in TABLES[column.reference.table].names
    for section in SECTIONS:
        assert not section.name or IDENTIFIER.fullmatch(section.name)
