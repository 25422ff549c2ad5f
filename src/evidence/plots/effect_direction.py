"""The effect-direction plot: which way each trial points in each domain.

Reference
---------
Boon MH, Thomson H (2021). The effect direction plot revisited. Research Synthesis Methods
12:29-33.
"""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING

from evidence.data.frames import each_row
from evidence.display import plural
from evidence.plots.picture import describe
from evidence.plots.style import BLUE, FONT, GREY, ORANGE, inches, write
from evidence.synthesis.direction import DIRECTIONS, DirectionSynthesis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["effect_direction"]

#: Shape and colour of each direction: shape alone suffices.
_MARKS = {
    "treatment": ("^", BLUE),
    "control": ("v", ORANGE),
    "none": ("o", GREY),
    "mixed": ("D", GREY),
    "not reported": ("", GREY),
}


def effect_direction(result: DirectionSynthesis, ax: Axes | None = None) -> Axes:
    """Draw the direction of effect by trial and domain.

    Parameters
    ----------
    result
        Directions by trial and domain.
    ax
        Axes to draw on; a figure of the right size is made without it.

    Returns
    -------
    Axes
    """
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    cells = result.cells
    trials = list(dict.fromkeys(cells["label"]))
    domains = list(cells["domain"].value_counts(sort=True).index)
    own = ax is None
    if ax is None:
        _, ax = plt.subplots(figsize=(8, 4), dpi=100)
    figure = ax.figure
    people = cells.drop_duplicates("label").set_index("label")["n"]
    names = [
        f"{trial} ({int(people[trial])})"
        if not math.isnan(float(people[trial] or math.nan))
        else trial
        for trial in trials
    ]
    heads = [fill(domain, 18) for domain in domains]
    if own:
        left = max((inches(ax, name) for name in names), default=1.0) + 0.3
        deepest = max(
            (inches(ax, line) for head in heads for line in head.splitlines()), default=1.0
        )
        rise = deepest * math.sin(math.radians(50)) + 0.45
        width = left + 0.62 * len(domains) + deepest * math.cos(math.radians(50)) + 0.2
        height = rise + 0.33 * len(trials) + 0.75
        figure.set_size_inches(max(width, 6.2), height)  # type: ignore[union-attr]
        width = max(width, 6.2)
        span = 0.62 * len(domains) / width
        ax.set_position((left / width, 0.75 / height, span, 0.33 * len(trials) / height))
    ax.set_xlim(-0.5, len(domains) - 0.5)
    ax.set_ylim(len(trials) - 0.5, -0.5)
    ax.set_yticks(range(len(trials)), names, fontsize=FONT, parse_math=False)
    ax.xaxis.tick_top()
    ax.set_xticks(
        range(len(domains)), heads, fontsize=FONT, rotation=50, ha="left", parse_math=False
    )
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for y in range(len(trials) + 1):
        ax.axhline(y - 0.5, color="#dddddd", lw=0.6, zorder=0)
    for row in each_row(cells):
        x, y = domains.index(row.domain), trials.index(row.label)
        marker, colour = _MARKS[str(row.direction)]
        if not marker:
            write(ax, x, y, "?", ha="center", va="center", color=GREY, fontsize=FONT + 1)
            continue
        filled = row.significant == "yes"
        face = colour if filled else "white"
        ax.plot([x], [y], marker, ms=10, mfc=face, mec=colour, mew=1.5)
    key = [
        ("^", BLUE, DIRECTIONS["treatment"]),
        ("v", ORANGE, DIRECTIONS["control"]),
        ("o", GREY, "no difference"),
        ("D", GREY, "mixed"),
    ]
    handles = [
        Line2D([], [], marker=m, ls="", mfc="white", mec=c, mew=1.5, ms=8, label=text)
        for m, c, text in key
    ]
    # Under the plot, from the left edge of the figure: the trials' names leave room there.
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.01, 0.62 / _inches_high(ax)),
              bbox_transform=figure.transFigure, ncols=4, frameon=False,
              fontsize=FONT - 1, handletextpad=0.2, columnspacing=1.0)  # fmt: skip
    note = "Filled: said to be significant. Open: not, or not said. ?: direction not reported."
    write(ax, 0.02, 0.2 / _inches_high(ax), note, transform=figure.transFigure,
          fontsize=FONT - 1, va="center")  # fmt: skip
    text = [
        (
            f"Effect-direction plot of {plural(len(trials), 'trial')} in "
            f"{plural(len(domains), 'domain')}."
        )
    ]
    text += [
        f"{row.label}, {row.domain}: {DIRECTIONS[str(row.direction)]}." for row in each_row(cells)
    ]
    describe(ax, " ".join(text))
    return ax


def _inches_high(ax: Axes) -> float:
    return float(ax.figure.get_size_inches()[1])  # type: ignore[union-attr]
