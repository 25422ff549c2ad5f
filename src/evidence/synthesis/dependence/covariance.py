"""Covariances of sampling errors, kept as one small matrix per cluster.

Effects of one trial share people: several outcomes or time points of the same people, or
several arms against one control group. What their sampling errors share is known, or can
be bounded, from the reports.

References
----------
Gleser LJ, Olkin I (2009). Stochastically dependent effect sizes. In: Cooper H, Hedges LV,
Valentine JC (editors), The handbook of research synthesis and meta-analysis, 2nd edition,
357-376.
Berkey CS, Hoaglin DC, Antczak-Bouckoms A, Mosteller F, Colditz GA (1998). Meta-analysis of
multiple outcomes by regression with random effects. Statistics in Medicine 17:2537-2550.
Ishak KJ, Platt RW, Joseph L, Hanley JA, Caro JJ (2007). Meta-analysis of longitudinal
studies. Clinical Trials 4:525-539 (autoregressive errors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import Display, format_number, plural
from evidence.effects.arguments import Floats, checked, is_number
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["SamplingCovariance", "covariance_from_correlation", "group_rows"]


#: Smallest eigenvalue, as a correlation matrix, at which a block counts as positive definite.
_SMALLEST = 1e-10


def group_rows(
    name: str, labels: Sequence[Any], k: int
) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the distinct labels in order of appearance, and the place of each row's label.

    Parameters
    ----------
    name
        The argument's name, for messages.
    labels
        One label a row; whatever is not missing is accepted and compared as text.
    k
        How many rows there are.

    Returns
    -------
    labels, codes
        The distinct labels, and codes of shape (k,).

    Raises
    ------
    InvalidArgumentError
        For another number of labels than rows, and for a missing label.
    """
    if isinstance(labels, str | bytes) or not hasattr(labels, "__len__"):
        raise InvalidArgumentError(
            f"{name} is {labels!r}; give one label for each of the {k} rows, as a sequence."
        )
    if len(labels) != k:
        raise InvalidArgumentError(
            f"There are {k} rows and {len(labels)} labels in {name}; they must be as many."
        )
    codes, distinct = pd.factorize(np.asarray(labels, dtype=object), use_na_sentinel=True)
    if (codes < 0).any():
        place = int(np.flatnonzero(codes < 0)[0]) + 1
        raise InvalidArgumentError(
            f"{name} is missing for row {place}. Name the study of every row; a row of a study "
            "of its own gets a name of its own."
        )
    texts = [str(value) for value in distinct]
    if len(set(texts)) < len(texts):
        # 1 and "1" are one study: labels are compared as they are shown.
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        codes = np.array([places[text] for text in texts])[codes]
        texts = list(places)
    return tuple(texts), np.asarray(codes, dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class SamplingCovariance(Display):
    """Covariances of k effects whose errors are correlated within clusters only.

    Attributes
    ----------
    clusters
        Names of the clusters, in order of appearance.
    rows
        The rows of each cluster: integers from 0, ascending.
    blocks
        The covariance matrix of each cluster's rows, in squared units of the effects.
    origin
        How the covariances came about, in words.

    Raises
    ------
    InvalidArgumentError
        Where a block is not square, symmetric and positive definite, naming its cluster.
    """

    clusters: tuple[str, ...]
    rows: tuple[NDArray[np.intp], ...]
    blocks: tuple[Floats, ...]
    origin: str = "as given"

    def __post_init__(self) -> None:
        if not self.clusters:
            raise InvalidArgumentError("There is no cluster; give at least one block.")
        if not len(self.clusters) == len(self.rows) == len(self.blocks):
            raise InvalidArgumentError(
                f"There are {len(self.clusters)} clusters, {len(self.rows)} sets of rows and "
                f"{len(self.blocks)} blocks; they must be as many."
            )
        every = np.sort(np.concatenate([np.atleast_1d(rows) for rows in self.rows]))
        if not np.array_equal(every, np.arange(every.size)):
            raise InvalidArgumentError(
                "rows must hold every row from 0 on exactly once over all clusters."
            )
        _check_blocks(self)

    @property
    def k(self) -> int:
        """How many effects."""
        return sum(rows.size for rows in self.rows)

    @property
    def variances(self) -> Floats:
        """The variances in the order of the effects, shape (k,)."""
        values = np.empty(self.k)
        for rows, block in zip(self.rows, self.blocks, strict=True):
            values[rows] = np.diagonal(block)
        return values

    @property
    def codes(self) -> NDArray[np.intp]:
        """The place of each row's cluster in `clusters`, shape (k,)."""
        places = np.empty(self.k, dtype=np.intp)
        for place, rows in enumerate(self.rows):
            places[rows] = place
        return places

    @property
    def independent(self) -> bool:
        """Whether no two effects are correlated."""
        return all(
            block.shape[0] == 1 or not (block - np.diag(np.diagonal(block))).any()
            for block in self.blocks
        )

    def block(self, cluster: str) -> Floats:
        """Return the covariance matrix of one cluster."""
        if cluster not in self.clusters:
            raise KeyError(f"No cluster is called {cluster!r}.")
        return self.blocks[self.clusters.index(cluster)]

    def keep(self, which: NDArray[np.bool_]) -> SamplingCovariance:
        """Return the covariances of some of the rows, renumbered; `which` has shape (k,)."""
        number = np.cumsum(which) - 1
        names, rows, blocks = [], [], []
        for name, old, block in zip(self.clusters, self.rows, self.blocks, strict=True):
            stays = which[old]
            if stays.any():
                names.append(name)
                rows.append(number[old[stays]])
                blocks.append(block[np.ix_(stays, stays)])
        return SamplingCovariance(tuple(names), tuple(rows), tuple(blocks), self.origin)

    def summary(self) -> str:
        """Return how many rows and clusters there are, and how strongly they hang together."""
        largest = max(rows.size for rows in self.rows)
        head = (
            f"{self.k:,} effects in {plural(len(self.clusters), 'cluster')}, at most "
            f"{largest} in one; covariances {self.origin}"
        )
        lines = [head]
        found = self.to_frame()["correlation"]
        if len(found):
            lines.append(
                f"correlations within a cluster {format_number(found.min())} to "
                f"{format_number(found.max())}"
            )
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair of effects of a cluster, rows counted from 1."""
        parts = []
        for name, rows, block in zip(self.clusters, self.rows, self.blocks, strict=True):
            first, second = np.triu_indices(rows.size, 1)
            spread = np.sqrt(np.diagonal(block))
            parts.append(
                pd.DataFrame(
                    {
                        "cluster": name,
                        "first": rows[first] + 1,
                        "second": rows[second] + 1,
                        "covariance": block[first, second],
                        "correlation": block[first, second] / (spread[first] * spread[second]),
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    def to_dict(self) -> dict[str, object]:
        """Return every block as plain values."""
        return {
            "origin": self.origin,
            "k": self.k,
            "clusters": [
                {"cluster": name, "rows": (rows + 1).tolist(), "covariance": block.tolist()}
                for name, rows, block in zip(self.clusters, self.rows, self.blocks, strict=True)
            ],
        }


def _check_blocks(covariance: SamplingCovariance) -> None:
    by_size: dict[int, list[int]] = {}
    for place, (name, rows, block) in enumerate(
        zip(covariance.clusters, covariance.rows, covariance.blocks, strict=True)
    ):
        if block.shape != (rows.size, rows.size):
            raise InvalidArgumentError(
                f"The block of cluster {name} has shape {block.shape}; its {rows.size} rows "
                f"need ({rows.size}, {rows.size})."
            )
        by_size.setdefault(rows.size, []).append(place)
    for places in by_size.values():
        stack = np.stack([covariance.blocks[place] for place in places])
        names = [covariance.clusters[place] for place in places]
        variances = np.diagonal(stack, axis1=1, axis2=2)
        bad = ~np.isfinite(stack).all(axis=(1, 2)) | (variances <= 0).any(axis=1)
        _refuse_block(bad, names, "must have finite entries and variances above 0")
        roots = np.sqrt(variances)
        scaled = stack / (roots[:, :, None] * roots[:, None, :])
        uneven = np.abs(scaled - np.swapaxes(scaled, 1, 2)).max(axis=(1, 2)) > 1e-9
        _refuse_block(uneven, names, "must be symmetric")
        smallest = np.linalg.eigvalsh(scaled)[:, 0]
        if (smallest < _SMALLEST).any():
            place = int(np.argmin(smallest))
            raise InvalidArgumentError(
                f"The covariances of cluster {names[place]} are not positive definite (smallest "
                f"eigenvalue of their correlations {smallest[place]:.2g}): no real data can be "
                "correlated like that. Check for a row that is there twice, or try correlations "
                "nearer to 0."
            )


def _refuse_block(bad: Any, names: list[str], accepted: str) -> None:
    if bad.any():
        raise InvalidArgumentError(
            f"The block of cluster {names[int(np.flatnonzero(bad)[0])]} {accepted}."
        )


def _check_correlation(value: float, sizes: NDArray[np.intp], names: tuple[str, ...]) -> None:
    largest = int(sizes.max(initial=1))
    lowest = -1 / (largest - 1) if largest > 1 else -1.0
    if not (np.isfinite(value) and value < 1 and value > lowest):
        raise InvalidArgumentError(
            f"correlation is {value:g}; with {plural(largest, 'row')} in cluster "
            f"{names[int(sizes.argmax())]} it must lie above {lowest:.3g} and below 1."
        )


def _of_outcomes(
    correlation: Any, outcome: Sequence[Any] | None, k: int
) -> tuple[Floats, NDArray[np.intp]]:
    """Return the matrix of correlations and each row's place in it."""
    if isinstance(correlation, Mapping):
        correlation = pd.DataFrame(correlation)
    if not isinstance(correlation, pd.DataFrame):
        raise InvalidArgumentError(
            "correlation must be a number, or a table whose rows and columns carry the names of "
            f"the outcomes; found {type(correlation).__name__}."
        )
    if outcome is None:
        raise InvalidArgumentError(
            "A matrix of correlations needs outcome: the outcome of each row, by the names of "
            "the matrix's rows."
        )
    names, codes = group_rows("outcome", outcome, k)
    known = [str(name) for name in correlation.index]
    if known != [str(name) for name in correlation.columns]:
        raise InvalidArgumentError(
            "The rows and columns of correlation must carry the same names in the same order."
        )
    absent = [name for name in names if name not in known]
    if absent:
        raise InvalidArgumentError(
            f"correlation says nothing of the outcome {absent[0]!r}; it has: {', '.join(known)}."
        )
    matrix = correlation.to_numpy(dtype=np.float64)
    if not np.allclose(matrix, matrix.T, rtol=0, atol=1e-12) or (np.diagonal(matrix) != 1).any():
        raise InvalidArgumentError(
            "correlation must be symmetric with 1 on its diagonal, as correlations are."
        )
    return matrix, np.array([known.index(name) for name in names])[codes]


def covariance_from_correlation(
    variances: ArrayLike,
    *,
    cluster: Sequence[Any],
    correlation: float | pd.DataFrame | Mapping[str, Mapping[str, float]],
    outcome: Sequence[Any] | None = None,
    time: ArrayLike | None = None,
    autocorrelation: float | None = None,
) -> SamplingCovariance:
    """Impute the covariances of effects of the same people from a correlation.

    The correlation is that of the sampling errors, about that of the measurements
    themselves, not that of the true effects.

    Parameters
    ----------
    variances
        Shape (k,).
    cluster
        The study (or sample of people) of each row, shape (k,); rows of different clusters
        are independent.
    correlation
        One number for every pair of rows of a cluster; or a table of correlations between
        outcomes with their names on rows and columns, which needs `outcome`.
    outcome
        The outcome of each row, shape (k,).
    time, autocorrelation
        When each row was measured, shape (k,), in any unit, and the correlation of two
        measurements of the same outcome one unit of time apart: it decays as
        ``autocorrelation ** |difference|``, and multiplies the correlation between
        outcomes. With `time`, `correlation` is that of different outcomes at one time (1
        for a single outcome).

    Returns
    -------
    SamplingCovariance

    Raises
    ------
    InvalidArgumentError
        For a correlation outside the range that data can have, naming the cluster.

    References
    ----------
    Gleser and Olkin 2009, Berkey et al. 1998, Ishak et al. 2007: see the module.
    """
    values = checked({"variances": 0}, strict=True, variances=variances)["variances"]
    names, codes = group_rows("cluster", cluster, values.size)
    if (time is None) != (autocorrelation is None):
        raise InvalidArgumentError("time and autocorrelation belong together; give both or none.")
    scalar = float(correlation) if is_number(correlation) else None  # type: ignore[arg-type]
    matrix, place = np.ones((1, 1)), np.zeros(values.size, dtype=np.intp)
    if scalar is None:
        matrix, place = _of_outcomes(correlation, outcome, values.size)
    elif time is None:
        _check_correlation(scalar, np.bincount(codes), names)
    elif outcome is not None:
        levels, place = group_rows("outcome", outcome, values.size)
        matrix = np.full((len(levels), len(levels)), scalar)
        np.fill_diagonal(matrix, 1.0)
    moments = None if time is None else checked(time=time)["time"]
    if moments is not None:
        _check_time(moments, autocorrelation, values.size)
    order = np.argsort(codes, kind="stable")
    rows = tuple(np.split(order, np.cumsum(np.bincount(codes))[:-1]))
    spread = np.sqrt(values)
    blocks = []
    for each in rows:
        if scalar is not None and moments is None:
            r = np.full((each.size, each.size), scalar)
        else:
            r = matrix[np.ix_(place[each], place[each])].copy()
        if moments is not None and autocorrelation is not None:
            r *= float(autocorrelation) ** np.abs(moments[each][:, None] - moments[each])
        np.fill_diagonal(r, 1.0)
        block = r * np.outer(spread[each], spread[each])
        np.fill_diagonal(block, values[each])
        blocks.append(block)
    if scalar is None:
        origin = "from correlations between outcomes"
    elif moments is None:
        origin = f"from one correlation of {scalar:g}"
    else:
        origin = f"from a correlation of {scalar:g} between outcomes"
    if moments is not None:
        origin += f", decaying with time from {autocorrelation:g} at one unit"
    return SamplingCovariance(names, rows, tuple(blocks), origin)


def _check_time(moments: Floats, autocorrelation: float | None, k: int) -> None:
    if moments.size != k:
        raise InvalidArgumentError(f"There are {k} variances and {moments.size} times.")
    if not is_number(autocorrelation) or not 0 <= float(autocorrelation or 0) < 1:
        raise InvalidArgumentError(
            f"autocorrelation is {autocorrelation!r}; it must be at least 0 and below 1."
        )
