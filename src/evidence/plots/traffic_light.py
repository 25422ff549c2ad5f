"""The traffic-light plot: every study's judgement of every domain of bias.

Reference
---------
McGuinness LA, Higgins JPT (2021). Risk-of-bias VISualization (robvis): an R package and
Shiny web app for visualizing risk-of-bias assessments. Research Synthesis Methods 12:55-61.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from evidence.appraisal.risk_of_bias import RiskOfBias
from evidence.display import join_words, plural
from evidence.plots.bias_layout import BiasBlock, BiasLayout
from evidence.plots.bias_marks import draw_mark, flags_of, mark_of
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.style import FONT, GREY, RULE, SMALL, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["traffic_light"]

#: Widths of the studies' names, inches.
_WIDTHS = (2.4, 1.8, 1.3)
#: The text of a figure names single studies up to so many.
_NAMED = 12


def traffic_light(appraisal: RiskOfBias, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw every study's judgement of every domain.

    Shape and letters tell the judgements apart without any colour. Studies that were judged
    with different tools stand in blocks, each with the domains of its tool.

    Parameters
    ----------
    appraisal
        From `evidence.appraise_risk_of_bias`; with an analysis the weights are shown.
    ax
        Axes to draw on; a figure of the right size is made without it. Where they are
        small, everything becomes smaller.
    title
        Above everything; a sentence is made without it.

    Returns
    -------
    Axes
        The axes; `evidence.plots.alt_text` has their text.
    """
    plans = [partial(BiasLayout, appraisal, width, title) for width in _WIDTHS]
    sheet, layout = open_sheet(ax, plans)
    with plain():
        _draw(sheet, layout)
    axes: Axes = sheet.axes
    describe(axes, " ".join(_in_words(appraisal)))
    return axes


def _draw(sheet: Sheet, layout: BiasLayout) -> None:
    sheet.write(MARGIN, sheet.height - MARGIN, layout.title, size=FONT + 1, bold=True, va="top")
    top = sheet.height - layout.above
    for block in layout.blocks:
        _block(sheet, layout, block, top)
        top -= block.height
    for note in layout.notes:
        sheet.write(MARGIN, top - 0.02, note, size=SMALL, color=GREY, va="top")
        top -= 0.03 + 0.145 * (1 + note.count("\n"))


def _block(sheet: Sheet, layout: BiasLayout, block: BiasBlock, top: float) -> None:
    ends = (MARGIN, layout.weight_edge)
    head = top - 0.12
    sheet.write(MARGIN, head, block.tool.name, bold=True)
    for place, text in enumerate(block.heads):
        sheet.write(layout.column(block, place), head, text, bold=True, ha="center")
    if layout.appraisal.weighted:
        sheet.write(layout.weight_edge, head, "Weight", bold=True, ha="right")
    edge = top - 0.27
    for study, label, height in zip(block.studies, block.labels, block.heights, strict=True):
        sheet.rule(ends, edge, RULE)
        y = edge - height / 2
        sheet.write(MARGIN, y, label)
        for place, judged in enumerate(study.columns):
            x = layout.column(block, place)
            draw_mark(sheet, x, y, mark_of(block.tool, judged.word))
            flags = flags_of(study, judged)
            if flags:
                sheet.write(x + 0.115, y + 0.085, flags, size=SMALL - 1.5, ha="left")
        if layout.appraisal.weighted and math.isfinite(study.share):
            sheet.write(layout.weight_edge, y, f"{100 * study.share:.1f}%", ha="right")
        edge -= height
    sheet.rule(ends, edge, RULE)
    sheet.write(MARGIN, edge - 0.05, block.names, size=SMALL, color=GREY, va="top")
    edge -= block.names_height
    for key in block.key:
        draw_mark(sheet, key.x + 0.11, edge - key.y, key.mark)
        sheet.write(key.x + 0.27, edge - key.y, key.text, size=SMALL + 0.5)


def _in_words(appraisal: RiskOfBias) -> Iterator[str]:
    """Yield the figure in sentences: by domain always, by study where there are few."""
    if not appraisal.studies:
        yield "Traffic-light plot without a study."
        return
    table = appraisal.shares()
    for tool in appraisal.tools:
        mine = [study for study in appraisal.studies if study.tool.name == tool.name]
        count = plural(len(mine), "study", "studies")
        yield f"Traffic-light plot of {count} by {tool.name}."
        for judged in mine[0].columns:
            rows = table[(table["tool"] == tool.name) & (table["domain"] == judged.domain.name)]
            told = [f"{n} {w}" for n, w in zip(rows["studies"], rows["judgement"], strict=True)]
            yield f"{judged.domain.name}: {join_words(told)}."
        for study in mine if len(mine) <= _NAMED else ():
            words = [
                f"{j.domain.short} {j.word}" for j in study.columns if j.origin != "not judged"
            ]
            yield f"{study.label}: {', '.join(words) if words else 'nothing is judged'}."
