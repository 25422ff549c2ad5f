"""Made-up reports of made-up trials: rows in, a loaded `Review` out.

The rows are appended to the small review of `tests.data.small`, for new studies, so that
everything goes through the files as a person's data would.

The trial worked by hand in several tests has eight people in each group, both with SD 4, and
a difference of 3: standard error √(16/8 + 16/8) = 2, t = 1.5 on 14 degrees of freedom and
d = 3/4. On 14 degrees of freedom the quantiles of t are 2.144787 (95%) and 1.761310 (90%), on
7 it is 2.364624 (95%).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.data.small import CELLS, read_rows, small_review, write_rows

from evidence.data import Review, load_review
from evidence.data.tables import TABLES
from evidence.effects import derive
from evidence.effects.derivation.readings import Reading
from evidence.effects.measures.continuous import hedges_correction
from evidence.errors import InsufficientEvidenceError

#: Better low, in points from 0 to 20; better high, in minutes; harmful, yes or no.
TROUBLE, MINUTES, SPILLS = "nap-trouble", "nap-minutes", "spills"

STUDY = "delta2024"
MD, SMD = "mean difference", "standardised mean difference"

J14 = float(hedges_correction(14)[0])
G = J14 * 0.75
G_ERROR = math.sqrt(1 / 8 + 1 / 8 + G**2 / 32)
EIGHT = {"n_treatment": "8", "n_control": "8"}

_SOURCES = {"primary": "alpha-article", "secondary": "gamma-account"}

Cells = Mapping[str, str]


def study(study_id: str = STUDY, **cells: str) -> dict[str, str]:
    """Return a row of `studies.csv`: a parallel trial of unknown size."""
    template = next(row for row in CELLS["studies"] if row["study_id"] == "alpha2020")
    label = study_id.capitalize()
    return {**template, "study_id": study_id, "label": label, "n_randomised": "", **cells}


def _provenance(cells: Cells) -> dict[str, str]:
    tier = cells.get("tier", "primary")
    return {"quote": "as reported", "tier": tier, "source_id": _SOURCES[tier]}


def arm(role: str, **cells: str) -> dict[str, str]:
    """Return a row of `arms.csv`: final values of minutes napped at week 4."""
    base = {"study_id": STUDY, "outcome_id": MINUTES, "timepoint": "week 4", "role": role}
    names = {"treatment": "moonwort tea", "control": "hot water", "all": "everybody"}
    kind = "" if "events" in cells else "final"
    return {**_provenance(cells), **base, "arm": names[role], "kind": kind, **cells}


def arms(treatment: Cells, control: Cells, **both: str) -> list[dict[str, str]]:
    """Return the rows of the two groups."""
    return [arm("treatment", **both, **treatment), arm("control", **both, **control)]


def contrast(measure: str = "none", **cells: str) -> dict[str, str]:
    """Return a row of `contrasts.csv`: minutes napped at week 4, tea against water."""
    base = {
        "study_id": STUDY,
        "outcome_id": MINUTES,
        "timepoint": "week 4",
        "treatment": "moonwort tea",
        "comparator": "hot water",
        "measure": measure,
        "direction": "treatment",
    }
    if "estimate" in cells:
        base["positive_means"] = "treatment higher"
    return {**_provenance(cells), **base, **cells}


def load(
    folder: Path,
    *rows: Iterable[Cells] | Cells,
    studies: Iterable[Cells] | None = None,
    edit: Callable[[Path], object] | None = None,
    **tables: Iterable[Cells],
) -> Review:
    """Write the small review with these rows added, and load it.

    Parameters
    ----------
    folder
        An empty folder.
    rows
        Rows of arms and contrasts, or lists of them; which is which is seen from the cells.
    studies
        The studies they belong to; one parallel trial by default.
    edit
        Called with the folder before it is loaded.
    tables
        Rows of further tables by name.
    """
    review = small_review(folder)
    flat: list[Cells] = []
    for item in rows:
        flat += [item] if isinstance(item, Mapping) else list(item)
    added = {
        "studies": [study()] if studies is None else list(studies),
        "arms": [row for row in flat if "role" in row],
        "contrasts": [row for row in flat if "measure" in row],
        **{name: list(extra) for name, extra in tables.items()},
    }
    for table, new in added.items():
        append(review, table, new)
    if edit is not None:
        edit(review)
    return load_review(review)


def append(review: Path, table: str, rows: Iterable[Cells]) -> None:
    """Append rows to a table."""
    names = TABLES[table].names
    old = read_rows(review, table)
    new = [[row.get(name, "") for name in names] for row in rows]
    write_rows(review, table, [*old, *new])


def spilled(measure: str, **cells: str) -> dict[str, str]:
    """Return a row of `contrasts.csv` about an event."""
    return contrast(measure, outcome_id=SPILLS, **cells)


def only(tmp_path: Path, *rows, measure: str = "", outcome: str = MINUTES, **more) -> Reading:
    """Return the one reading that the rows give."""
    review = load(tmp_path, *rows, **more)
    comparison = derive(review, STUDY, outcome, measure=measure)
    assert len(comparison.readings) == 1, comparison.summary()
    return comparison.readings[0]


def codes(reading: Reading) -> list[str]:
    return [caution.code for caution in reading.cautions]


def refusal(tmp_path: Path, *rows, measure: str = "", outcome: str = MINUTES, **more) -> str:
    review = load(tmp_path, *rows, **more)
    with pytest.raises(InsufficientEvidenceError) as error:
        derive(review, STUDY, outcome, measure=measure)
    return str(error.value)


def reading(low: float, high: float, kind: str = "p", **changes) -> Reading:
    """Return a reading that allows this range of the test statistic."""
    plain = Reading(
        study_id=STUDY,
        outcome_id=MINUTES,
        timepoint="week 4",
        measure=MD,
        kind=kind,
        estimate=1.0,
        standard_error=1.0,
        n_treatment=8,
        n_control=8,
        path=f"{kind} {low:g} to {high:g}",
        tier="primary",
        rows=(("contrasts", 2),),
        source_ids=("alpha-article",),
        statistic_low=low,
        statistic_high=high,
    )
    return replace(plain, **changes)
