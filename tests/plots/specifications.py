"""Made-up multiverses to draw: as many analyses and options as wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from evidence.synthesis.specifications.decisions import Decision, Option
from evidence.synthesis.specifications.result import Multiverse

LONG = (
    "from the difference and its confidence interval and the p value, as the abstract has them",
    "<b>as asked</b> & only",
    "镁与睡眠的随机对照试验",
    "W" * 60,
)


def universe(
    shape: tuple[int, ...],
    *,
    names: tuple[str, ...] = (),
    measure: str = "mean difference",
    scale: float = 1.0,
    shift: float = -0.4,
    planned: int = 1,
    **more: Any,
) -> Multiverse:
    """Return every combination of so many options as an analysis of its own."""
    random = np.random.default_rng(len(shape))
    decisions = tuple(
        Decision(
            f"d{place}",
            names[place % len(names)] if names else f"how decision {place} is made",
            tuple(
                Option(
                    (names[(place + i) % len(names)] + f" {i}") if names else f"option {i}",
                    "as good as others",
                    planned=i < (planned if place == 0 else 1),
                )
                for i in range(count)
            ),
        )
        for place, count in enumerate(shape)
    )
    codes = np.indices(shape, dtype=np.int16).reshape(len(shape), -1).T.copy()
    m = codes.shape[0]
    estimate = shift + sum(
        random.normal(0, 0.3 / (1 + place), count)[codes[:, place]]
        for place, count in enumerate(shape)
    )
    half = random.uniform(0.2, 0.9, max(shape))[codes[:, -1]] + 0.2 * random.uniform(size=m)
    numbers = {
        "estimate": scale * estimate,
        "ci_low": scale * (estimate - half),
        "ci_high": scale * (estimate + half),
        "p_value": np.full(m, 0.5),
        "tau2": np.zeros(m),
    }
    given: dict[str, Any] = {
        "title": "Trouble",
        "benefit_sign": -1,
        "decisions": decisions,
        "idle": (),
        "labels": ("Alpha 2020",),
        "readings": (),
        "codes": codes,
        "of_combination": np.arange(m),
        "numbers": numbers,
        "k": np.full(m, 3),
        "measure": np.full(m, measure, dtype=object),
        "entering": np.zeros((m, 1), dtype=np.int32),
        "combinations": np.ones(m, dtype=np.intp),
        "threshold": np.full(m, 0.3 * scale),
        "total": m,
    }
    return Multiverse(**{**given, **more})
