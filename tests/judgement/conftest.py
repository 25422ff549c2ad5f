"""The worked case, its alterations, and small reviews to judge; each computed once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.small import small_review
from tests.judgement.altered import ALTERATIONS, copy_review

from evidence.data import Review, load_review
from evidence.judgement import Conclusions, conclude

Altered = Callable[[str], Conclusions]


@pytest.fixture(scope="session")
def altered(tmp_path_factory: pytest.TempPathFactory) -> Altered:
    """Return the conclusions of an altered copy of the worked case, by the alteration's name."""
    made: dict[str, Conclusions] = {}

    def conclusions(name: str) -> Conclusions:
        if name not in made:
            folder = copy_review(tmp_path_factory.mktemp(name))
            ALTERATIONS[name](folder)
            made[name] = conclude(load_review(folder))
        return made[name]

    return conclusions


@pytest.fixture(scope="session")
def review() -> Review:
    """The worked case."""
    return load_review("magnesium-sleep")


@pytest.fixture(scope="session")
def conclusions(altered: Altered) -> Conclusions:
    """What the worked case comes to."""
    return altered("as_it_is")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a small review about nothing."""
    return small_review(tmp_path)
