"""What the models for dependent effects accept, brought into one form and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import join_words, plural
from evidence.effects.arguments import Floats, as_floats
from evidence.effects.derivation.readings import Reading
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.dependence.covariance import SamplingCovariance, group_rows
from evidence.synthesis.inputs import read_inputs, refuse

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["CLUSTER_COLUMNS", "Arranged", "arrange", "find_cluster", "read_rows"]

#: Columns of a table that name the study of a row, the first found counts.
CLUSTER_COLUMNS = ("cluster", "study_id", "study")
#: A column of the design this small beside the columns before it adds nothing to them.
_DEPENDENT = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """Rows with their covariances, clusters and design.

    Attributes
    ----------
    names, effects, variances
        The rows, in the order given, shape (k,).
    covariance
        Of the errors; None where they are independent.
    clusters, codes
        Names of the clusters, and each row's place among them, shape (k,).
    design, terms
        The design, shape (k, q), and the names of its columns.
    kept
        Which of the rows given are left, shape (rows given,).
    cautions
        Of the effects, and of rows left out.
    """

    names: tuple[str, ...]
    effects: Floats
    variances: Floats
    covariance: SamplingCovariance | None
    clusters: tuple[str, ...]
    codes: NDArray[np.intp]
    design: Floats
    terms: tuple[str, ...]
    kept: NDArray[np.bool_]
    cautions: tuple[Caution, ...]

    @property
    def k(self) -> int:
        """How many rows."""
        return self.effects.size

    @property
    def rows(self) -> tuple[NDArray[np.intp], ...]:
        """The rows of each cluster, ascending."""
        order = np.argsort(self.codes, kind="stable")
        return tuple(np.split(order, np.cumsum(np.bincount(self.codes))[:-1]))

    def known_blocks(self) -> tuple[Floats, ...]:
        """Return the covariance of the errors of each cluster."""
        if self.covariance is None:
            return tuple(np.diag(self.variances[rows]) for rows in self.rows)
        by_cluster = self.rows
        place = np.empty(self.k, dtype=np.intp)
        for rows in by_cluster:
            place[rows] = np.arange(rows.size)
        blocks = [np.zeros((rows.size, rows.size)) for rows in by_cluster]
        for rows, block in zip(self.covariance.rows, self.covariance.blocks, strict=True):
            within = place[rows]
            blocks[int(self.codes[rows[0]])][np.ix_(within, within)] = block
        return tuple(blocks)


def find_cluster(effects: Any, cluster: Any, argument: str = "cluster") -> Any:
    """Return the label of each row's study: as given, or as the effects carry it.

    Parameters
    ----------
    effects
        As the models take them.
    cluster
        A sequence of labels, the name of a column of a table, or None.
    argument
        The argument's name, for messages.

    Raises
    ------
    InvalidArgumentError
        Where neither says which rows belong together.
    """
    if isinstance(effects, pd.DataFrame):
        columns = [str(name) for name in effects.columns]
        if isinstance(cluster, str):
            if cluster not in effects:
                raise InvalidArgumentError(
                    f"{argument} {cluster!r} is no column of the table; it has: "
                    f"{', '.join(columns)}."
                )
            return effects[cluster].tolist()
        found = [name for name in CLUSTER_COLUMNS if name in effects]
        if cluster is None and argument == "cluster" and found:
            return effects[found[0]].tolist()
    readings = isinstance(effects, Sequence) and any(isinstance(e, Reading) for e in effects)
    if cluster is None and argument == "cluster" and readings:
        return [reading.study_id for reading in effects]
    if cluster is None:
        raise InvalidArgumentError(
            f"{argument} is needed: a label for each row, so that rows of one study can be told "
            "from rows of different ones."
        )
    return cluster


def read_rows(
    effects: Any, variances: Any, labels: Sequence[str] | None
) -> tuple[Floats, Floats, SamplingCovariance | None, tuple[str, ...]]:
    """Return effects, variances, covariances and names, not yet checked for their values."""
    covariance = None
    if isinstance(variances, SamplingCovariance):
        covariance, variances = variances, variances.variances
        if isinstance(effects, EffectSizes):
            effects = effects.estimate
        elif isinstance(effects, pd.DataFrame):
            if labels is None and "label" in effects:
                labels = [str(label) for label in effects["label"]]
            if "estimate" not in effects:
                raise InvalidArgumentError("A table of effects needs the column 'estimate'.")
            effects = effects["estimate"].to_numpy()
    estimates, spread, names = read_inputs(effects, variances, None, labels)
    if labels is None and names[0] == "study 1":
        names = tuple(f"row {i + 1}" for i in range(estimates.size))
    return estimates, spread, covariance, names


def arrange(
    effects: Any,
    variances: ArrayLike | SamplingCovariance | None,
    *,
    cluster: Any,
    design: Any = None,
    labels: Sequence[str] | None = None,
) -> Arranged:
    """Bring the arguments of a model into one form, leaving out incomplete rows visibly.

    Parameters
    ----------
    effects, variances, cluster, design, labels
        As `pool_multilevel` takes them.

    Returns
    -------
    Arranged

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the row and the value.
    InsufficientEvidenceError
        Where there are too few rows or clusters.
    """
    given = find_cluster(effects, cluster)
    cautions = effects.cautions if isinstance(effects, EffectSizes) else ()
    estimates, spread, covariance, names = read_rows(effects, variances, labels)
    matrix, terms = _design(design, estimates.size)
    kept = ~(np.isnan(estimates) | np.isnan(spread) | np.isnan(matrix).any(axis=1))
    if not kept.any():
        raise InvalidArgumentError("No row has an effect, a variance and every moderator.")
    if not kept.all():
        gone = [name for name, stays in zip(names, kept, strict=True) if not stays]
        shown = join_words(gone[:10]) + (f" and {len(gone) - 10} more" if len(gone) > 10 else "")
        cautions += (
            Caution(
                "missing",
                f"Left out for want of an effect, a variance or a moderator: "
                f"{plural(len(gone), 'row')} ({shown}).",
            ),
        )
        names = tuple(name for name, stays in zip(names, kept, strict=True) if stays)
    every, codes = group_rows("cluster", given, estimates.size)
    used = pd.unique(codes[kept])
    number = np.zeros(len(every), dtype=np.intp)
    number[used] = np.arange(used.size)
    estimates, spread, matrix = estimates[kept], spread[kept], matrix[kept]
    refuse(names, ~np.isfinite(estimates), estimates, "effects", "finite")
    refuse(names, ~np.isfinite(spread), spread, "variances", "finite")
    refuse(names, spread <= 0, spread, "variances", "above 0")
    if not np.isfinite(matrix).all():
        raise InvalidArgumentError("design must be finite; found an infinity.")
    arranged = Arranged(
        names=names,
        effects=estimates,
        variances=spread,
        covariance=covariance if covariance is None or kept.all() else covariance.keep(kept),
        clusters=tuple(every[place] for place in used),
        codes=number[codes[kept]],
        design=matrix,
        terms=terms,
        kept=kept,
        cautions=cautions,
    )
    _check(arranged)
    return arranged


def _design(design: Any, k: int) -> tuple[Floats, tuple[str, ...]]:
    if design is None:
        return np.ones((k, 1)), ("mean effect",)
    if isinstance(design, pd.DataFrame):
        terms = tuple(str(name) for name in design.columns)
        columns = [design.iloc[:, j].tolist() for j in range(len(terms))]
    else:
        values = np.asarray(design, dtype=object)
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2:
            raise InvalidArgumentError(
                f"design has {values.ndim} dimensions; it is a matrix with a row for each effect."
            )
        terms = tuple(f"x{j + 1}" for j in range(values.shape[1]))
        columns = [column.tolist() for column in values.T]
    matrix = np.array(
        [as_floats(f"design, column {term},", c) for term, c in zip(terms, columns, strict=True)]
    ).T
    if matrix.ndim != 2 or matrix.shape[0] != k or matrix.shape[1] < 1:
        raise InvalidArgumentError(
            f"design has shape {matrix.shape}; {k} rows need ({k}, number of coefficients)."
        )
    return matrix, terms


def _check(data: Arranged) -> None:
    k, q = data.design.shape
    if len(data.clusters) < 2:
        raise InsufficientEvidenceError(
            f"All {plural(k, 'row')} belong to one cluster ({data.clusters[0]}), so nothing tells "
            "how clusters differ. Appraise it as a single study, or use aggregate_within to bring "
            "its rows to one effect."
        )
    if len(data.clusters) <= q:
        raise InsufficientEvidenceError(
            f"{plural(len(data.clusters), 'cluster')} cannot tell {plural(q, 'coefficient')}: "
            f"there must be more clusters than coefficients ({', '.join(data.terms)}). Leave "
            "moderators out."
        )
    size = np.linalg.norm(data.design, axis=0)
    scaled = data.design / np.where(size > 0, size, 1.0)
    for j in range(q):
        before = scaled[:, :j]
        rest = scaled[:, j] - before @ np.linalg.lstsq(before, scaled[:, j], rcond=None)[0]
        if float(np.linalg.norm(rest)) < _DEPENDENT:
            what = "is 0 in every row" if size[j] == 0 else "follows from the columns before it"
            raise InvalidArgumentError(
                f"The column {data.terms[j]} of design {what}, so its coefficient cannot be "
                "told. Leave it out."
            )
    if data.covariance is not None:
        for name, rows in zip(data.covariance.clusters, data.covariance.rows, strict=True):
            homes = np.unique(data.codes[rows])
            if homes.size > 1:
                across = join_words(data.clusters[home] for home in homes[:4])
                raise InvalidArgumentError(
                    f"The covariances of {name} tie rows of different clusters together "
                    f"({across}). Give those rows one cluster, or no covariance."
                )
