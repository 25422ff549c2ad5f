"""How a paired effect depends on a correlation that was not reported.

References
----------
Elbourne DR, Altman DG, Higgins JPT, Curtin F, Worthington HV, Vail A (2002). Meta-analyses
involving cross-over trials: methodological issues. International Journal of Epidemiology
31:140-149.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from evidence.display import Display, format_interval, format_number, plural
from evidence.effects.arguments import checked
from evidence.effects.sizes import EffectSizes
from evidence.errors import InvalidArgumentError

__all__ = ["CorrelationSensitivity", "over_correlations"]

#: From no gain by pairing to nearly all of it.
CORRELATIONS = (0.0, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True)
class CorrelationSensitivity(Display):
    """A paired effect under several correlations of the two measurements.

    Attributes
    ----------
    correlations
        What was tried, rising.
    effects
        The effects under each.
    """

    correlations: tuple[float, ...]
    effects: tuple[EffectSizes, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per correlation and study, studies counted from 1."""
        frames = []
        for correlation, effects in zip(self.correlations, self.effects, strict=True):
            frame = effects.to_frame()
            frame.insert(0, "study", range(1, len(frame) + 1))
            frame.insert(0, "correlation", correlation)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "correlations": list(self.correlations),
            "effects": [effects.to_dict() for effects in self.effects],
        }

    def summary(self) -> str:
        """Return a line per study: widest and narrowest interval, and whether 0 is decided."""
        first = self.effects[0]
        tried = format_interval(self.correlations[0], self.correlations[-1])
        count = plural(len(self.correlations), "correlation")
        lines = [f"{first.measure} for {count} from {tried}"]
        for study in range(len(first)):
            ends = [(float(e.ci_low[study]), float(e.ci_high[study])) for e in self.effects]
            excluded = [low > 0 or high < 0 for low, high in ends]
            if all(excluded):
                verdict = "0 is outside for all of them"
            elif not any(excluded):
                verdict = "0 is inside for all of them"
            else:
                outside = [
                    format_number(r)
                    for r, out in zip(self.correlations, excluded, strict=True)
                    if out
                ]
                verdict = f"whether 0 is inside depends on it (outside for {', '.join(outside)})"
            by_width = sorted(ends, key=lambda pair: pair[1] - pair[0])
            lines.append(
                f"{study + 1}: widest {format_interval(*by_width[-1])}, narrowest "
                f"{format_interval(*by_width[0])}; {verdict}"
            )
        return "\n".join(lines)


def over_correlations(
    compute: Callable[[float], EffectSizes], correlations: Sequence[float] = CORRELATIONS
) -> CorrelationSensitivity:
    """Compute a paired effect under each of several correlations.

    Parameters
    ----------
    compute
        Takes a correlation and returns the effects, for example
        ``lambda r: mean_change(..., correlation=r)``.
    correlations
        What to try, each between -1 and 1.

    Returns
    -------
    CorrelationSensitivity
    """
    tried = checked({"correlations": -1}, correlations=correlations)["correlations"]
    if (tried > 1).any():
        raise InvalidArgumentError(
            f"correlations must lie between -1 and 1; found {tried.max():g}."
        )
    rising = tuple(sorted({float(r) for r in tried}))
    return CorrelationSensitivity(rising, tuple(compute(r) for r in rising))
