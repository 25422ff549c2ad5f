"""What the simulated error rates of checks for missing evidence come to, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from tests.appraisal.error_rate_settings import (
    COMMON,
    EQUAL,
    I2,
    MD,
    RARE,
    RISK,
    SMALL,
    SMD,
    STUDIES,
    WIDE,
)

from evidence.appraisal.small_study.guard import RULE

if TYPE_CHECKING:
    import pandas as pd

#: At which the tests of a funnel and of excess significance call something present, in percent.
LEVEL = 100 * RULE.level
#: Settings whose studies make a funnel.
FUNNELS = ("funnel", "counts")
#: Tests whose null hypothesis is that the mean effect is 0.
OF_THE_MEAN = ("pooled mean (HKSJ-adhoc)", "permutation of signs")
#: Columns of the tables of false alarms.
NULLS = (
    (MD, 0.5, WIDE, "MD 0.5 SD"),
    (SMD, 0.0, WIDE, "SMD 0"),
    (SMD, 0.8, WIDE, "SMD 0.8"),
    (SMD, 0.8, SMALL, "SMD 0.8, small"),
    (COMMON, 1.0, WIDE, "30% events, OR 1"),
    (COMMON, 4.0, WIDE, "30% events, OR 4"),
    (RARE, 1.0, WIDE, "3% events, OR 1"),
    (RARE, 4.0, WIDE, "3% events, OR 4"),
)


def rate(frame: pd.DataFrame, column: str = "alarms") -> tuple[float, int]:
    """Return alarms in percent of all syntheses that were tested, and how many those are.

    Parameters
    ----------
    frame
        Rows of one check, pooled.
    column
        ``"alarms"``, or ``"clear_alarms"``: raised without reservation, of all syntheses.
    """
    tested = int(frame["tested" if column == "alarms" else "draws"].sum())
    return (100 * float(frame[column].sum()) / tested if tested else math.nan), tested


def mark(found: tuple[float, int], level: float | None) -> str:
    """Return a rate, in bold where it is beyond twice the level, with a star beyond chance."""
    share, tested = found
    if math.isnan(share):
        return "–"
    text = f"{share:.0f}"
    if level is None:
        return text
    error = math.sqrt(level * (100 - level) / tested)
    return f"**{text}**" if share > 2 * level else f"{text}*" if share > level + 2 * error else text


def _where(frame: pd.DataFrame, **values: object) -> pd.DataFrame:
    chosen = np.ones(len(frame), dtype=bool)
    for name, value in values.items():
        chosen &= frame[name].to_numpy() == value
    return frame[chosen]


def _lines(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [list(head), ["---"] * len(list(head)), *map(list, rows)]
    return "\n".join(f"| {' | '.join(each)} |" for each in cells) + "\n"


def _checks(frame: pd.DataFrame, *families: str) -> list[str]:
    names = frame.loc[frame["family"].isin(families), "check"].unique()
    return [name for name in names if not name.startswith("mean: ")]


def false_alarms(
    frame: pd.DataFrame, check: str, outcome: str, effect: float, sizes: str = WIDE
) -> pd.DataFrame:
    """Return what a check said of ten and more studies without selection."""
    where = {"outcome": outcome, "effect": effect, "sizes": sizes, "selected": False}
    found = _where(frame, check=check, **where)
    return found[found["k"] >= RULE.studies]


def _level(check: str) -> float | None:
    return None if check.startswith("trim") else LEVEL


def tests_of(frame: pd.DataFrame, *families: str) -> list[str]:
    """Return the names of what asks whether something is missing; trim and fill does not.

    Parameters
    ----------
    frame
        All rates.
    *families
        Of settings.
    """
    return [check for check in _checks(frame, *families) if not check.startswith("trim")]


def table_of_levels(frame: pd.DataFrame, column: str = "alarms") -> str:
    """Return false alarms by check and outcome, at each I², as Markdown."""
    rows = []
    names = _checks if column == "alarms" else tests_of
    for check in names(frame, "funnel", "counts"):
        cells = []
        for outcome, effect, sizes, _ in NULLS:
            found = false_alarms(frame, check, outcome, effect, sizes)
            shares = [mark(rate(_where(found, i2=i2), column), _level(check)) for i2 in I2]
            cells.append(" / ".join(shares) if len(found) else "")
        rows.append([check, *cells])
    return _lines(["check", *(name for *_, name in NULLS)], rows)


def _against(frame: pd.DataFrame, check: str, **where: object) -> str:
    found = _where(frame, check=check, **where)
    wrong = mark(rate(_where(found, selected=False)), _level(check))
    text = f"{wrong} → {mark(rate(_where(found, selected=True)), None)}"
    return "" if text == "– → –" else text


def table_of_power(frame: pd.DataFrame) -> str:
    """Return false alarms and power by number of studies, as Markdown."""
    head = [f"{k} studies" for k in STUDIES] + ["20 nearly equal"]
    head += [f"{k}, I² 75" for k in STUDIES[1:]]
    rows = []
    for outcome, short, null in ((MD, "MD", 0.5), (SMD, "SMD", 0.0), (COMMON, "30%", 1.0)):
        part = frame[(frame["outcome"] == outcome) & frame["family"].isin(["funnel", "counts"])]
        part = part[(part["selected"] | (part["effect"] == null)) & (part["sizes"] != SMALL)]
        for check in _checks(part, "funnel", "counts"):
            places = [{"sizes": WIDE, "i2": 0, "k": k} for k in STUDIES]
            places += [{"sizes": EQUAL, "i2": 0, "k": 20}]
            places += [{"sizes": WIDE, "i2": 75, "k": k} for k in STUDIES[1:]]
            rows.append([f"{check} ({short})", *(_against(part, check, **at) for at in places)])
    return _lines(["check", *head], rows)


def table_of_means(frame: pd.DataFrame) -> str:
    """Return bias and coverage of what is adjusted for selection, as Markdown."""
    places = [(0.5, False, i2, k) for i2 in (0, 75) for k in (20,)]
    places += [(0.2, True, i2, k) for i2 in I2 for k in (10, 50)]
    head = ["estimate"]
    for _, selected, i2, k in places:
        head.append(f"{'selected' if selected else 'all'}, I² {i2}, {k} studies")
    part = frame[(frame["outcome"] == MD) & frame["check"].str.startswith("mean: ")]
    rows = []
    for check in part["check"].unique():
        row = [check.removeprefix("mean: ")]
        for effect, selected, i2, k in places:
            found = _where(
                part, check=check, effect=effect, selected=selected, i2=i2, k=k, sizes=WIDE
            )
            if not len(found) or found["tested"].iloc[0] < 20:
                row.append("–")
                continue
            one = found.iloc[0]
            held = 100 - rate(found)[0]
            refused = 100 * (1 - one["tested"] / one["draws"])
            often = f", {refused:.0f}% refused" if check == "mean: WAAP" and refused >= 1 else ""
            row.append(f"{one['bias']:+.2f} ({held:.0f}{often})")
        rows.append(row)
    return _lines(head, rows)


def table_of_tests(frame: pd.DataFrame) -> str:
    """Return how often the tests of no effect reject, as Markdown."""
    part = _where(frame, family="means")
    rows = []
    for check in _checks(part, "means"):
        row = [check]
        for effect, k in product((0.0, 0.2), STUDIES):
            found = _where(part, check=check, effect=effect, k=k)
            levels = [5.0 if not effect and (not i2 or check in OF_THE_MEAN) else None for i2 in I2]
            shares = [rate(_where(found, i2=i2)) for i2 in I2]
            row.append(" / ".join(map(mark, shares, levels)))
        rows.append(row)
    head = [f"{what}, {k} studies" for what in ("no mean effect", "0.2 SD") for k in STUDIES]
    return _lines(["test", *head], rows)


def table_of_curves(frame: pd.DataFrame) -> str:
    """Return how often p-curve and z-curve say what they say, as Markdown."""
    part = frame[frame["family"].isin(["p-curve", "z-curve"])]
    counts = sorted(part["k"].unique())
    rows = []
    keys = ["check", "sizes", "effect", "selected"]
    for (check, sizes, power, selected), found in part.groupby(keys, sort=False):
        shared = f"one power, {100 * power:.0f}%" if sizes == EQUAL else "powers from 5% to 98%"
        level = 5.0 if _is_null(check, power, selected) else None
        shown = [mark(rate(_where(found, k=k)), level) for k in counts]
        rows.append([check, shared, "yes" if selected else "no", *shown])
    return _lines(["said", "studies", "selection", *(f"{k} significant" for k in counts)], rows)


def _is_null(check: str, power: float, selected: bool) -> bool:
    if check == "p-curve: right skew":
        return power == 0.05
    if check == "p-curve: flat":
        return power > 0.05
    return not selected or "misses" in check


def judge(
    frame: pd.DataFrame, check: str, null: tuple[str, float, str], i2: int, column: str
) -> str:
    """Return whether a check keeps its level from ten studies on.

    Parameters
    ----------
    frame
        All rates.
    check, i2
        Which one.
    null
        Outcome, effect and sizes.
    column
        As of `rate`.

    Returns
    -------
    str
        ``"kept"``, ``"above"``, ``"doubled"``, or ``"none"`` where it was not run.
    """
    found = rate(_where(false_alarms(frame, check, *null), i2=i2), column)
    shown = mark(found, LEVEL)
    if shown == "–":
        return "none"
    return "doubled" if shown.startswith("**") else "above" if shown.endswith("*") else "kept"


def sentences_of_levels(frame: pd.DataFrame, column: str = "alarms") -> str:
    """Return which tests raise too many false alarms in which outcome, as a Markdown list."""
    lines = []
    checks = tests_of(frame, "funnel", "counts")
    for i2 in I2:
        parts = []
        for *null, name in NULLS:
            said = {c: judge(frame, c, tuple(null), i2, column) for c in checks}
            doubled = [c for c, found in said.items() if found == "doubled"]
            if doubled:
                parts.append(f"{name}: {'; '.join(doubled)}")
        what = ". ".join(parts) or "none"
        lines.append(f"- More than twice the level at an I² of {i2}%: {what}.")
    return "\n".join(lines) + "\n"


def power_at(frame: pd.DataFrame, check: str, outcome: str, k: int, **more: object) -> float:
    """Return how often a check sees one-sided selection among studies that share one effect."""
    where = {"sizes": WIDE, "i2": 0, **more}
    return rate(_where(frame, check=check, outcome=outcome, selected=True, k=k, **where))[0]


def sentence_of_filling(frame: pd.DataFrame) -> str:
    """Return how often trim and fill fills in studies although none is missing, in words."""
    found = []
    for estimator in ("L0", "R0"):
        check = f"trim and fill, {estimator}"
        nulls = [null for *null, _ in NULLS if null[0] not in RISK]
        shares = [
            rate(_where(false_alarms(frame, check, *null), i2=i2))[0]
            for null, i2 in product(nulls, I2)
        ]
        found.append(f"{min(shares):.0f}% to {max(shares):.0f}% of syntheses with {estimator}")
    return (
        f"- Trim and fill fills in studies that never were in {' and '.join(found)}, most often "
        "where studies do not differ: that it fills in some is no sign of selection, and it is "
        "called no test.\n"
    )


def sentence_of_power(frame: pd.DataFrame) -> str:
    """Return by how much power grows with the number of studies, in words."""
    checks = tests_of(_where(frame, outcome=MD), "funnel")
    shares = {k: [power_at(frame, c, MD, k) for c in checks] for k in STUDIES}
    text = "; ".join(
        f"{k} studies {np.nanmedian(v):.0f}% (from {np.nanmin(v):.0f}% to {np.nanmax(v):.0f}%)"
        for k, v in shares.items()
    )
    equal = [power_at(frame, c, MD, 20, sizes=EQUAL) for c in _slopes(checks)]
    wide = [power_at(frame, c, MD, 20) for c in _slopes(checks)]
    most = max(of_funnels(frame))
    return (
        "Median power over the checks of mean differences, studies of one effect of 0.2 SD: "
        f"{text}. With 20 studies of nearly one size the regression and rank tests find "
        f"{min(equal):.0f}% to {max(equal):.0f}%, with sizes of all kinds {min(wide):.0f}% to "
        f"{max(wide):.0f}%; of no outcome, sizes, I² or number of studies more than {most:.0f}% "
        "(rare events in studies that differ aside, where alarms are false ones): up to "
        f"{max(STUDIES)} studies they miss selection more often than they find it. With 5 studies "
        "most of them keep their level too: what is lacking below ten studies, and with sizes "
        "that are nearly equal, is power and not the level.\n"
    )


def of_funnels(frame: pd.DataFrame) -> list[float]:
    """Return the power of each regression and rank test in each setting with selection.

    Left out are rare events in studies that differ, where some alarm without any selection too.

    Parameters
    ----------
    frame
        All rates.
    """
    misled = (frame["outcome"] == RARE) & (frame["i2"] > 0)
    chosen = frame["check"].isin(_slopes(tests_of(frame, *FUNNELS)))
    found = frame[frame["selected"] & chosen & ~misled]
    return [rate(found.iloc[[place]])[0] for place in range(len(found))]


def _slopes(checks: Iterable[str]) -> list[str]:
    others = ("excess", "3-parameter", "trim")
    return [check for check in checks if not check.startswith(others)]


def report(frame: pd.DataFrame, seed: int) -> str:
    """Return what the rates come to, as Markdown.

    Parameters
    ----------
    frame
        As `error_rates` returns it.
    seed
        Of the random numbers.
    """
    texts = ("family", "outcome", "sizes", "check")
    frame = frame.astype(dict.fromkeys(texts, object))
    draws = int(_where(frame, family="funnel")["draws"].max())
    error = math.sqrt(10 * 90 / draws)
    pooled = math.sqrt(10 * 90 / (3 * draws))
    coarse, coarse_pooled = math.sqrt(3) * error, math.sqrt(3) * pooled
    return f"""
Written by `python -m tests.appraisal.simulate_error_rates` ({draws:,} syntheses a setting, seed
{seed}; about 13 minutes on two shared cores). The selection model is fitted to a third of them,
the true selection ratio taken for a fifth. Every rate is in `error_rates.csv`. The Monte Carlo
standard error of a rate of 10% is {error:.1f} points, and {pooled:.1f} where 10, 20 and 50
studies are put together; of the selection model {coarse:.1f} and {coarse_pooled:.1f}. **Bold** is
more than twice the level, a star more than two standard errors above it.

Trials have two groups of one size: 10 to 200 people each for normal outcomes (small: 5 to 50), 20
to 500 for counts, even on the log scale; nearly equal: 45 to 55. Their SDs and counts are drawn,
not known. True effects are normal with the I² given. With selection, results that are significant
(p < 0.05) in one direction are published, and of the others one in five; the true effect is
then 0.2 SD, or an odds ratio of 1.2. Every check was forced where its guard objects.

### False alarms from ten studies on

Percent of syntheses without any selection in which a check says that something is there, at its
own level of 10%; I² 0 / 50 / 75. Trim and fill is no test and has no level: the share in which it
fills something in.

{table_of_levels(frame)}
{sentences_of_levels(frame)}{sentence_of_filling(frame)}
### False alarms that come without a reservation

The same, counting only alarms that no caution of heterogeneity goes with, which comes from an
observed I² of {RULE.i2:g}% on; of all syntheses. Effects are given as numbers, so that the tests
do not say either that a standard error depends on the effect, as they do where they know the
measure.

{table_of_levels(frame, "clear_alarms")}
{sentences_of_levels(frame, "clear_alarms")}
### False alarms and power, by the number of studies

Percent without → with selection. MD: false alarms at an effect of 0.5 SD; SMD: of 0; 30%: counts
with 30% events, at an odds ratio of 1.

{table_of_power(frame)}
{sentence_of_power(frame)}
### Adjusted means

Bias in SDs, and in brackets how often the 95% interval holds the true mean, in percent; mean
differences of all sizes. All: everything is published, and the mean is 0.5 SD; selected: as above.

{table_of_means(frame)}
### Tests of no effect

Percent rejected at 5%; I² 0 / 50 / 75. Without a mean effect but with an I² above 0 some trials
have effects: the null hypothesis of Fisher's, Stouffer's and Edgington's methods, that none has
one, is then false, and only the mean and the permutation test one that is true.

{table_of_tests(frame)}
### p-curve and z-curve

Percent in which right skew, flatness, or missing results are said (5% and stars where nothing of
the kind is there), by the number of significant results. With powers that differ noncentrality is
even from 0 to 4.

{table_of_curves(frame)}"""
