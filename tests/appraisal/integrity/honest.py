"""Honest numbers, printed as papers do: whatever is drawn here must never be accused."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from hypothesis import strategies as st

#: Ways in which papers, spreadsheets and programs get rid of digits.
WAYS = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)

ways = st.sampled_from(WAYS)
people = st.integers(3, 300)
means = st.floats(-50, 50)
spreads = st.floats(0.5, 30)


def printed(value: float, decimals: int, how: str = ROUND_HALF_EVEN) -> str:
    """Print a number as a paper does; no negative zero."""
    text = str(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=how))
    return text.lstrip("-") if float(text) == 0 else text
