"""A sheet to set text and plots on, measured in inches.

A figure of our own gets the size that its content needs. Axes that are given keep
theirs: where they are too small, everything becomes smaller alike, so that nothing
overlaps or is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from evidence.plots.lettering import families
from evidence.plots.style import FONT, INK, PAPER, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = ["MARGIN", "Sheet", "Sized", "open_sheet"]

#: White space around everything, inches.
MARGIN = 0.1


class Sized(Protocol):
    """What needs a certain room, in inches."""

    @property
    def width(self) -> float:
        """Width it needs."""

    @property
    def height(self) -> float:
        """Height it needs."""


_Plan = TypeVar("_Plan", bound=Sized)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Axes whose units are inches, counted from the lower left corner.

    Attributes
    ----------
    axes
        The axes.
    width, height
        Size in inches, before `scale` makes it fit.
    scale
        1, or less where the axes are smaller than what is on them.
    """

    axes: Any
    width: float
    height: float
    scale: float

    def write(self, x: float, y: float, text: str, **options: Any) -> Text:
        """Put a drawable text at a place; `size` in points, `bold`, the rest as matplotlib."""
        size = options.pop("size", FONT) * self.scale
        weight = "bold" if options.pop("bold", False) else "normal"
        options = {"color": INK, "va": "center", **options}
        if "\n" in text:
            options.setdefault("linespacing", 1.12)
        found: Text = self.axes.text(
            x,
            y,
            text,
            fontsize=size,
            fontweight=weight,
            family=families(text),
            parse_math=False,
            **options,
        )
        return found

    def rule(self, x: tuple[float, float], y: float, color: str, width: float = 0.6) -> None:
        """Draw a hairline from side to side."""
        self.axes.plot(
            x, (y, y), color=color, lw=width * self.scale, solid_capstyle="butt", zorder=1
        )

    def inset(self, x: float, y: float, width: float, height: float) -> Any:
        """Return axes of their own on a part of the sheet."""
        return self.axes.inset_axes((x, y, width, height), transform=self.axes.transData)


def open_sheet(ax: Axes | None, plans: Sequence[Callable[[], _Plan]]) -> tuple[Sheet, _Plan]:
    """Return a sheet and the plan that suits it best.

    Parameters
    ----------
    ax
        Axes to fill; without them a figure is made in the size of the first plan.
    plans
        Ways to lay out the content, the preferred one first; worked out when needed.
    """
    if ax is None:
        with plain():
            plan = plans[0]()
            size = (plan.width, plan.height)
        return _prepared(_new_axes(size), *size, 1.0), plan
    with plain():
        ax.set_axis_off()
        box = _box(ax)
        best: tuple[float, _Plan] | None = None
        for make in plans:
            plan = make()
            scale = min(1.0, box[0] / plan.width, box[1] / plan.height)
            if best is None or scale > best[0] + 1e-9:
                best = (scale, plan)
            if scale == 1.0:
                break
        assert best is not None
        scale, plan = best
    return _prepared(ax, box[0] / scale, box[1] / scale, scale), plan


def _new_axes(size: tuple[float, float]) -> Axes:
    """Return axes that fill a figure of their own."""
    import matplotlib.pyplot as plt

    # Not among settings of our own: the first figure makes a notebook set up its
    # drawing, and taking the settings back would undo that.
    figure, axes = plt.subplots(figsize=size, dpi=100, layout="none")
    figure.set_facecolor(PAPER)
    axes.set_position((0.0, 0.0, 1.0, 1.0))
    return axes


def _box(ax: Axes) -> tuple[float, float]:
    figure: Any = ax.get_figure(root=True)
    if figure.get_layout_engine() is not None:
        # The layout decides how large the axes are; it has to do so before we measure.
        figure.draw_without_rendering()
    box = ax.get_window_extent()
    return float(box.width) / figure.dpi, float(box.height) / figure.dpi


def _prepared(ax: Axes, width: float, height: float, scale: float) -> Sheet:
    from matplotlib.patches import Rectangle

    ax.set_axis_off()
    ax.set_aspect("auto")
    ax.set_xscale("linear")
    ax.set_yscale("linear")
    ax.set_xlim(0.0, width)
    ax.set_ylim(0.0, height)
    # Text is dark, so the ground is light: also on axes of a dark figure.
    ax.add_patch(Rectangle((0.0, 0.0), width, height, fc=PAPER, ec="none", zorder=-10))
    return Sheet(ax, width, height, scale)
