"""Made-up studies for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st


@st.composite
def syntheses(draw: st.DrawFn, most: int = 8, least: int = 2) -> tuple[list[float], list[float]]:
    """Effects from -3 to 3 and variances of standard errors from 0.05 to 1, of two to `most`."""
    k = draw(st.integers(least, most))
    effects = draw(st.lists(st.integers(-300, 300), min_size=k, max_size=k))
    errors = draw(st.lists(st.integers(5, 100), min_size=k, max_size=k))
    return [e / 100 for e in effects], [(s / 100) ** 2 for s in errors]
