"""The one shape of every check here, and how the checks read their studies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from typing import TYPE_CHECKING, Any

from evidence.display import Display, format_number, html_table
from evidence.effects.arguments import is_number
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["FEWEST_STUDIES", "SelectionCheck", "check_alpha", "read_studies"]

#: Below this many studies a test of a funnel or of excess significance has too little power to
#: tell chance from asymmetry: Cochrane Handbook, section 13.3.5.4.
FEWEST_STUDIES = 10

#: Cautions of a pooled result that are about its interval and not about its studies.
_OF_POOLING = frozenset({"one-study", "few-studies", "tau2-zero", "wald-few", "one-dominates"})


@dataclass(frozen=True, eq=False, kw_only=True)
class SelectionCheck(Display):
    """What a check came to.

    Attributes
    ----------
    status
        ``"ok"``, ``"contradiction"`` or ``"cannot be tested"``.
    sentence
        What came of it, in words.
    table
        The numbers behind it, unrounded.
    reference
        The paper of the method.
    cautions
        What a reader should know.
    """

    status: str
    sentence: str
    table: pd.DataFrame
    reference: str
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return the sentence and what to know beside it."""
        return "\n".join([self.sentence, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return the table, unrounded."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        found: dict[str, object] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, float):
                found[each.name] = value if math.isfinite(value) else None
            elif isinstance(value, PooledResult):
                found[each.name] = _plain(value.to_dict())
            elif each.name == "table":
                found[each.name] = _plain(value.to_dict("records"))
            elif each.name == "cautions":
                found[each.name] = [caution.message for caution in value]
            else:
                found[each.name] = value
        return found

    def _repr_html_(self) -> str:
        shown = self.table.copy()
        for name in shown.columns:
            if shown[name].dtype.kind == "f":
                shown[name] = [format_number(float(value)) for value in self.table[name]]
        notes = "".join(f"<p>{escape(line)}</p>" for line in self.summary().splitlines()[1:])
        return html_table(shown, caption=self.sentence) + notes


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(cell) for name, cell in value.items()}
    if isinstance(value, list):
        return [_plain(cell) for cell in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_studies(
    effects: Any,
    variances: ArrayLike | None,
    standard_errors: ArrayLike | None,
    labels: Sequence[str] | None,
) -> PooledResult:
    """Return the studies and their common-effect mean, checked as `pool` checks them.

    Parameters
    ----------
    effects
        As `pool` takes it, or a result of `pool`.
    variances, standard_errors, labels
        As `pool` takes them.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    earlier: tuple[Caution, ...] = ()
    if isinstance(effects, PooledResult):
        if not (variances is None and standard_errors is None and labels is None):
            raise InvalidArgumentError(
                "A pooled result carries its variances and labels; leave those arguments out."
            )
        earlier = effects.cautions
        effects, variances, labels = effects.effects, effects.variances, effects.labels
    found = pool(
        effects,
        variances,
        standard_errors=standard_errors,
        labels=labels,
        model="common",
        ci_method="Wald",
    )
    kept = [c for c in dict.fromkeys((*earlier, *found.cautions)) if c.code not in _OF_POOLING]
    return replace(found, cautions=tuple(kept))


def check_alpha(alpha: float) -> float:
    """Return a significance level, refusing anything outside (0, 0.5)."""
    if not is_number(alpha) or not 0 < alpha < 0.5:
        raise InvalidArgumentError(f"alpha is {alpha!r}; it must lie between 0 and 0.5.")
    return float(alpha)
