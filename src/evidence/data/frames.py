"""Walking over the rows of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["each_row"]


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table as named tuples, with `Index` for the line.

    The cells of a review's tables are checked when it is loaded, so that what reads them
    need not tell text from number again.

    Parameters
    ----------
    frame
        The table.
    """
    yield from frame.itertuples()
