"""A figure with its alternative text, for notebooks and reports."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from evidence.plots.style import PAPER, plain

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

        figure: Any = axes.get_figure(root=True)
        # A grid of several figures is read from its first to its last.
        texts = [alt_text(one) for one in figure.get_axes()]
        self.alt = " ".join(filter(None, texts)) or alt_text(axes)
        self._figure = figure
        plt.close(figure)

    def png(self, dpi: int = 144) -> bytes:
        """Return the figure as PNG, the same bytes for the same numbers."""
        buffer = BytesIO()
        with plain():
            self._figure.savefig(
                buffer, format="png", dpi=dpi, facecolor=PAPER, metadata={"Description": self.alt}
            )
        return buffer.getvalue()

    def svg(self) -> str:
        """Return the figure as SVG, the same text for the same numbers."""
        buffer = StringIO()
        # No date, and names that do not change from run to run.
        metadata = {"Date": None, "Description": self.alt}
        with plain():
            self._figure.savefig(buffer, format="svg", facecolor=PAPER, metadata=metadata)
        return buffer.getvalue()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        """Return the picture for Jupyter, with its alternative text.

        JupyterLab (4.6) shows `image/png` without any alternative text, whatever the
        metadata say; so the picture comes as HTML as well, which JupyterLab and nbconvert
        take first. What cannot show HTML has the PNG, what cannot show pictures the text.
        """
        png = b64encode(self.png()).decode()
        width, height = (round(96 * inches) for inches in self._figure.get_size_inches())
        html = (
            f'<img alt="{escape(self.alt)}" width="{width}" height="{height}" '
            f'src="data:image/png;base64,{png}">'
        )
        data: dict[str, object] = {"text/html": html, "image/png": png, "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt, "width": width, "height": height}}
