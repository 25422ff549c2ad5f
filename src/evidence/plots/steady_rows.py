"""Rows of a forest plot of results, whose intervals may end just beside no effect."""

from __future__ import annotations

from evidence.display import format_number
from evidence.plots.numbers import column_decimals, effect_text, ratio_text
from evidence.plots.rows import ForestRow, ForestRows

__all__ = ["SteadyRows"]

#: An end that would read as no effect without being it gets further decimals, up to so many.
_MOST_MORE = 3


class SteadyRows(ForestRows):
    """Rows whose numbers never read as no effect where the interval ends just beside it."""

    __slots__ = ()

    def numbers(self, row: ForestRow) -> tuple[str, str]:
        """Return a row's effect and its interval as text, on the scale people read."""
        if row.kind == "heading":
            return "", ""
        decimals = column_decimals((r.estimate, r.low, r.high) for r in self.rows)
        none = {format_number(float(self.log), d) for d in range(decimals + _MOST_MORE)}
        texts = effect_text(row.estimate, row.low, row.high, decimals=decimals, log=self.log)
        for more in range(1, _MOST_MORE):
            ends = zip((row.low, row.high), texts[1].split(" to "), strict=False)
            if not any(end and text in none for end, text in ends):
                break
            values, digits = (row.estimate, row.low, row.high), decimals + more
            if self.log:
                estimate, low, high = (ratio_text(value, digits) for value in values)
                texts = estimate, f"{low} to {high}"
            else:
                texts = effect_text(*values, decimals=digits)
        return texts
