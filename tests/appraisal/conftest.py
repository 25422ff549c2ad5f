"""The worked case, and small reviews to appraise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.small import small_review

from evidence.data import Review, load_review


@pytest.fixture(scope="session")
def review() -> Review:
    """The worked case."""
    return load_review("magnesium-sleep")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a small review about nothing."""
    return small_review(tmp_path)


@pytest.fixture
def changed(small: Path) -> Callable[..., Review]:
    """Return a function that changes the small review and loads it."""

    def load(*changes: Callable[[Path], object]) -> Review:
        for change in changes:
            change(small)
        return load_review(small)

    return load
