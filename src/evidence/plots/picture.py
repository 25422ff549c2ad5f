"""A figure with its alternative text, for notebooks and reports."""

from __future__ import annotations

from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Picture", "alt_text", "describe"]

#: Alternative texts by axes; the axes themselves stay plain matplotlib objects.
_TEXTS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def describe(axes: Axes, text: str) -> None:
    """Keep the alternative text of a figure."""
    _TEXTS[axes] = text


def alt_text(axes: Axes) -> str:
    """Return the alternative text of a figure, made from the numbers it shows."""
    return _TEXTS.get(axes, "")


class Picture:
    """A drawn figure that brings its alternative text along.

    Parameters
    ----------
    axes
        What a function of `evidence.plots` returned. The figure is closed, so that a
        notebook shows it once.
    """

    def __init__(self, axes: Axes) -> None:
        import matplotlib.pyplot as plt

        self.alt = alt_text(axes)
        self._figure = axes.figure
        plt.close(axes.figure)  # type: ignore[arg-type]

    def png(self, dpi: int = 144) -> bytes:
        """Return the figure as PNG."""
        buffer = BytesIO()
        self._figure.savefig(buffer, format="png", dpi=dpi, metadata={"Description": self.alt})  # type: ignore[union-attr]
        return buffer.getvalue()

    def svg(self) -> str:
        """Return the figure as SVG, the same text for the same numbers."""
        import matplotlib as mpl

        buffer = StringIO()
        # No date, and names that do not change from run to run.
        with mpl.rc_context({"svg.hashsalt": "evidence", "svg.fonttype": "path"}):
            self._figure.savefig(buffer, format="svg", metadata={"Date": None})  # type: ignore[union-attr]
        return buffer.getvalue()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        """Return the picture for Jupyter, with its alternative text as metadata."""
        from base64 import b64encode

        png = b64encode(self.png()).decode()
        width, height = self._figure.get_size_inches()  # type: ignore[union-attr]
        size = {"width": round(width * 96), "height": round(height * 96)}
        data: dict[str, object] = {"image/png": png, "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt, **size}}
