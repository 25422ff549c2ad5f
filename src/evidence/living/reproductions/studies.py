"""The studies of a published analysis, pooled as this project pools by default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.display import Prose
from evidence.errors import UnknownNameError, did_you_mean
from evidence.living.reproductions.analysing import effects_of
from evidence.living.reproductions.gallery import find_reproductions
from evidence.living.reproductions.paper import Paper, read_paper
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult

__all__ = ["PublishedStudies", "published_studies"]


@dataclass(frozen=True, slots=True)
class PublishedStudies:
    """A paper's studies, ready for whatever is to be shown on them.

    Attributes
    ----------
    paper
        Where they are from.
    measure
        The effect measure; ratios are logarithms.
    result
        Pooled by this project's defaults.
    counts
        The two-by-two tables by name, where the paper gives them; else None.
    """

    paper: Paper
    measure: str
    result: PooledResult
    counts: Mapping[str, Any] | None

    @property
    def years(self) -> dict[str, int]:
        """When each study was published, by the year at the end of its name, where it has one."""
        found = {
            name: re.search(r"(1[89]|20)[0-9]{2}(?=[a-z]?$)", name) for name in self.result.labels
        }
        return {name: int(match.group()) for name, match in found.items() if match}

    @property
    def source(self) -> Prose:
        """What the studies are of, and where their numbers were read."""
        paper = self.paper
        return Prose(f"{paper.title}: {paper.citation} Numbers: {paper.numbers_source}.")


def published_studies(name: str, *, folder: str | Path | None = None) -> PublishedStudies:
    """Read the studies of a published analysis and pool them by this project's defaults.

    Parameters
    ----------
    name
        Of its folder in `data/reproductions`.
    folder
        Another folder of reproductions.

    Returns
    -------
    PublishedStudies

    Raises
    ------
    UnknownNameError
        When there is no such paper; the message names those there are.
    ReviewNotFoundError, InvalidReviewError
        As `read_paper`.
    """
    where = find_reproductions() if folder is None else Path(folder)
    known = sorted(path.name for path in where.iterdir() if path.is_dir()) if where.is_dir() else []
    if name not in known:
        raise UnknownNameError(
            f"There is no published analysis {name!r} in {where.name}. {did_you_mean(name, known)}"
        )
    paper = read_paper(where / name)
    measure = paper.analyses[0].measure
    effects, variances = effects_of(paper.studies, measure)
    return PublishedStudies(
        paper,
        measure,
        pool(effects, variances, labels=paper.studies.labels),
        dict(paper.studies.columns) if paper.studies.form == "counts" else None,
    )
