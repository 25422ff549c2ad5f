"""The two sides of a comparison: a report, a conclusions file, a review, or a revision."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence.data.sections import FILE
from evidence.errors import InvalidArgumentError, InvalidReviewError, ReportError
from evidence.judgement.record import SCHEMA
from evidence.living.earlier import EARLIER_VARIABLE

if TYPE_CHECKING:
    from evidence.data import Review
    from evidence.judgement.conclusions import Conclusions

__all__ = ["COMPUTED", "CONCLUSIONS", "DATA", "Side", "conclude_files", "read_side"]

#: Names in a report's folder: its conclusions, its copy of the data they rest on, and when
#: it was computed.
CONCLUSIONS = "conclusions.json"
DATA = "data"
COMPUTED = "computed.txt"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    Attributes
    ----------
    label
        What to call it.
    content
        Its conclusions as plain values.
    files
        The bytes of the review's files; None where only the conclusions are known.
    computed
        The day it was computed, where that is recorded.
    """

    label: str
    content: Mapping[str, Any]
    files: Mapping[str, bytes] | None = field(default=None, repr=False)
    computed: str = ""

    @property
    def schema(self) -> int:
        """The version of its layout; 0 where it says none."""
        found = self.content.get("schema")
        return found if type(found) is int else 0


def read_side(source: object, label: str = "") -> Side:
    """Read one side.

    Parameters
    ----------
    source
        A report's folder or a review's, a conclusions file, a `Review`, `Conclusions`, their
        plain values, or a `Side`.
    label
        What to call it; its name or path if not given.

    Raises
    ------
    InvalidArgumentError
        When it is none of these.
    ReportError
        When a conclusions file cannot be read.
    """
    from evidence.data import Review
    from evidence.judgement.conclusions import Conclusions, conclude

    if isinstance(source, Side):
        return source
    if isinstance(source, Review):
        source = conclude(source)
    if isinstance(source, Conclusions):
        return _of_conclusions(source, label)
    if isinstance(source, Mapping):
        return Side(label or "plain values", _checked(dict(source), "The plain values"))
    if isinstance(source, str | Path):
        return _at(Path(source).expanduser(), label or str(source))
    raise InvalidArgumentError(
        f"One side is a {type(source).__name__}; accepted are the folder of a report or of a "
        "review, a conclusions file, a Review, Conclusions, and what their to_dict returns."
    )


def conclude_files(files: Mapping[str, bytes], name: str) -> Conclusions | None:
    """Conclude from a review's files with the code of now; None where it cannot read them.

    Parameters
    ----------
    files
        The bytes by name.
    name
        The review's name.
    """
    from evidence.data import load_review
    from evidence.judgement.conclusions import conclude

    # In a run, where it is not taken for something that the notebook's page rests on.
    place = os.environ.get(EARLIER_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="evidence-", dir=place) as temporary:
        folder = Path(temporary) / (Path(name).name or "review")
        for file, raw in files.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        try:
            return conclude(load_review(folder))
        except InvalidReviewError:
            return None


def _of_conclusions(conclusions: Conclusions, label: str) -> Side:
    review: Review = conclusions.review
    return Side(label or review.name, conclusions.to_dict(), dict(review.files))


def _at(path: Path, label: str) -> Side:
    from evidence.data import load_review
    from evidence.judgement.conclusions import conclude

    if path.is_dir() and (path / CONCLUSIONS).is_file():
        return _read(path / CONCLUSIONS, label)
    if path.is_dir() and (path / FILE).is_file():
        return _of_conclusions(conclude(load_review(path)), label)
    if path.is_file():
        return _read(path, label)
    if path.is_dir():
        raise InvalidArgumentError(
            f"{label} is a folder with neither {CONCLUSIONS} (a report) nor {FILE} (a review)."
        )
    raise InvalidArgumentError(
        f"There is nothing at {label!r}. Name the folder of a report or of a review, or a "
        f"file {CONCLUSIONS}."
    )


def _read(path: Path, label: str) -> Side:
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ReportError(
            f"{path} is not JSON ({error}). Was it edited or cut? Run `evidence run` again."
        ) from error
    data = path.parent / DATA
    files = None
    if (data / FILE).is_file():
        found = sorted(p for p in data.rglob("*") if p.is_file())
        files = {p.relative_to(data).as_posix(): p.read_bytes() for p in found}
    when = path.parent / COMPUTED
    computed = when.read_text("utf-8").strip() if when.is_file() else ""
    return Side(label, _checked(content, str(path)), files, computed)


def _checked(content: object, name: str) -> dict[str, Any]:
    if not isinstance(content, dict) or "schema" not in content or "review" not in content:
        raise ReportError(
            f"{name} is no conclusions file of evidence: it has no `schema` and no `review`."
        )
    schema = content["schema"]
    if type(schema) is not int or schema < 1:
        raise ReportError(f"{name} has schema {schema!r}; known are 1 to {SCHEMA}.")
    if schema > SCHEMA:
        raise ReportError(
            f"{name} has schema {schema}, and this version of evidence knows up to {SCHEMA}. "
            "Compare the two with the newer version of evidence that wrote it."
        )
    return content
