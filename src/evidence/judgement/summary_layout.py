"""How the summary of findings is set: HTML and LaTeX, by great-tables.

The library loads when a table is set. Everything that comes from data is escaped: in HTML by
entities, in LaTeX by the library's own commands, and nothing is ever read as Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from great_tables import GT

__all__ = ["to_html", "to_latex"]

_GROUP = "group"
_WIDTHS = {
    "participants (trials)": "11%",
    "absolute effect (95% CI)": "25%",
    "relative effect (95% CI)": "13%",
    "certainty": "13%",
    "what it means": "38%",
}
_STYLE = (
    "{id} .gt_table {{ min-width: 44em; }}",
    "{id} td, {id} th {{ vertical-align: top; overflow-wrap: anywhere; }}",
    "{id} {{ max-width: 100%; overflow-x: auto; }}",
)


def _grouped(frame: pd.DataFrame, *, marks_in_cell: bool) -> pd.DataFrame:
    """Return the rows under their outcomes, with the reading told where there are several."""
    shown = frame.copy()
    shown[_GROUP] = [
        f"{outcome}, reading {reading}" if reading else outcome
        for outcome, reading in zip(frame["outcome"], frame["reading"], strict=True)
    ]
    if marks_in_cell:
        shown["certainty"] = [
            f"{level} ({marks})" if marks else level
            for level, marks in zip(frame["certainty"], frame["footnotes"], strict=True)
        ]
    return shown[[_GROUP, *_WIDTHS]]


def _heads() -> dict[str, Any]:
    return {name: name[:1].upper() + name[1:] for name in _WIDTHS}


def to_html(
    title: str,
    subtitle: str,
    frame: pd.DataFrame,
    footnotes: Mapping[str, str],
    notes: Sequence[str],
) -> str:
    """Return the table as HTML that stands by itself.

    Parameters
    ----------
    title, subtitle
        What stands above it.
    frame
        The rows, with the letters of their footnotes.
    footnotes
        Text by letter.
    notes
        What stands below the footnotes.
    """
    from great_tables import GT, html

    shown = _grouped(frame, marks_in_cell=False)
    for name in shown.columns:
        shown[name] = [escape(str(cell)) for cell in shown[name]]
    shown["certainty"] = [
        f"{level}<sup>{escape(marks)}</sup>" if marks else level
        for level, marks in zip(shown["certainty"], frame["footnotes"], strict=True)
    ]
    # The same table has the same name, so that a report does not change by itself.
    name = "sof" + sha256(repr((title, frame.to_dict(), footnotes)).encode()).hexdigest()[:10]
    table: GT = (
        GT(shown, groupname_col=_GROUP, id=name)
        .tab_header(title=html(escape(title)), subtitle=html(escape(subtitle)))
        .cols_label(cases=_heads())
        .cols_align("left")
        .cols_width(cases=_WIDTHS)
        .fmt_passthrough(columns=list(_WIDTHS), escape=False)
        .tab_options(
            table_width="100%",
            table_font_size="0.9em",
            heading_align="left",
            container_overflow_x="auto",
            row_group_font_weight="bold",
            table_additional_css=[line.format(id=f"#{name}") for line in _STYLE],
        )
    )
    for mark, text in footnotes.items():
        table = table.tab_source_note(html(f"<sup>{escape(mark)}</sup> {escape(text)}"))
    for text in notes:
        table = table.tab_source_note(html(escape(text)))
    return table.as_raw_html()


def to_latex(
    title: str,
    subtitle: str,
    frame: pd.DataFrame,
    footnotes: Mapping[str, str],
    notes: Sequence[str],
) -> str:
    """Return the table as LaTeX; footnotes stand below it, their letters beside the certainty.

    Parameters
    ----------
    title, subtitle, frame, footnotes, notes
        As for `to_html`.
    """
    from great_tables import GT

    # Plain text: the library escapes all of it for LaTeX.
    table: GT = (
        GT(_grouped(frame, marks_in_cell=True), groupname_col=_GROUP)
        .tab_header(title=title, subtitle=subtitle)
        .cols_label(cases=_heads())
        .cols_width(cases=_WIDTHS)
    )
    for text in (*(f"{mark}. {text}" for mark, text in footnotes.items()), *notes):
        table = table.tab_source_note(text)
    return table.as_latex()
