"""What a run keeps of the last good report, for its first page, its notebooks and the next."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from evidence.errors import ReportError

if TYPE_CHECKING:
    from evidence.data import Review
    from evidence.judgement.conclusions import Conclusions
    from evidence.living.diff import ConclusionsComparison

__all__ = ["EARLIER_VARIABLE", "Earlier"]

#: Set for the notebooks of a run: a copy of what is kept of the last good report. The
#: report itself is replaced when the run is over, and the notebooks must not depend on when.
EARLIER_VARIABLE = "EVIDENCE_EARLIER"


class Earlier:
    """A copy of the last good report's conclusions and data, for as long as a run takes.

    Parameters
    ----------
    report
        The report's folder, which need not be there.
    """

    def __init__(self, report: Path) -> None:
        self._report = report

    def __enter__(self) -> Self:
        from evidence.living.diff.last_report import keep_last_report

        try:
            self._kept = Path(tempfile.mkdtemp(prefix="evidence-earlier-"))
        except OSError as error:
            raise ReportError(
                f"There is no room for temporary files: {error.strerror or error}. "
                "Free some space in the temporary folder, or name another one in TMPDIR."
            ) from error
        keep_last_report(self._report, self._kept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._kept, ignore_errors=True)

    @property
    def variables(self) -> dict[str, str]:
        """What tells the notebooks where the copy is."""
        return {EARLIER_VARIABLE: str(self._kept)}

    def compared(self, conclusions: Conclusions) -> ConclusionsComparison:
        """Return what changed since the last good report.

        Parameters
        ----------
        conclusions
            The new conclusions.
        """
        from evidence.living.diff import what_changed

        return what_changed(conclusions, self._kept)

    def files(
        self, review: Review, conclusions: Conclusions, moment: datetime
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the files of the new report that a later one is compared with.

        Parameters
        ----------
        review
            The review, whose files are copied: no change can be told without them.
        conclusions
            The new conclusions.
        moment
            When they were computed.
        """
        from evidence.living.diff.last_report import earlier_files
        from evidence.living.diff.sides import COMPUTED, DATA

        yield COMPUTED, f"{moment.isoformat(timespec='minutes')}\n".encode()
        for name, raw in review.files.items():
            yield f"{DATA}/{name}", raw
        yield from earlier_files(conclusions, self._kept)
