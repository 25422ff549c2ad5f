"""How often do the checks of numbers accuse honest tables, and how often do they see a slip?

    python -m tests.appraisal.simulate_integrity [TABLES] [SEED]

Two groups are drawn with whole scores on a scale, summarised and printed as papers do, in one of
three ways of getting rid of digits. Nothing in such a table contradicts anything, so every
contradiction is a false accusation. Then one slip is planted into each table, and the share that
is found is counted. Writes `integrity_rates.csv` and the table in integrity/README.md.
"""

from __future__ import annotations

import csv
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import chi2_contingency
from scipy.stats import t as t_distribution
from tests.appraisal.integrity.honest import WAYS, printed
from tests.effects.made_up import load, study
from tests.effects.simulate_reports import simulate

from evidence.appraisal import check_integrity
from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, Check
from evidence.appraisal.integrity import (
    BaselineVariable,
    PrintedSummary,
    Scores,
    baseline_table,
    counts_against_p,
    crossover_against_p,
    debit,
    estimate_against_t,
    f_against_t,
    grim,
    grimmer,
    interval_against_p,
    percentage_of,
    reconstruct,
    repeated_summaries,
    sd_against_range,
    sd_against_se,
    sd_on_scale,
    se_against_interval,
    spread_against_interval,
    t_against_p,
)
from evidence.data import ReportedNumber

HERE = Path(__file__).parent
RATES = HERE / "integrity_rates.csv"
README = HERE / "integrity" / "README.md"
MARK = "<!-- written by simulate_integrity -->"
SCALE = Scores(minimum=0, maximum=28)
HONEST = "none"
COLUMNS = ("slip", "check", "tables", "tested", "found")


@dataclass(frozen=True)
class Table:
    """One printed table of a trial."""

    n: tuple[int, int]
    mean: str
    sd: str
    se: str
    low: str
    high: str
    minimum: str
    maximum: str
    difference: str
    difference_se: str
    difference_low: str
    difference_high: str
    t: str
    f: str
    p: str
    people: tuple[int, int]
    yes: tuple[int, int]
    percent: tuple[str, str]
    p_of_counts: str
    share: str
    share_sd: str
    paired: tuple[str, str, str, str, str]
    variables: tuple[BaselineVariable, ...]


def draw(rng: np.random.Generator) -> Table:
    """Draw a trial and print its table."""
    how = str(rng.choice(WAYS))
    decimals = int(rng.choice([1, 2, 2, 3]))
    n = tuple(int(k) for k in rng.choice([8, 12, 19, 27, 40, 61, 90], size=2))
    centre, spread = rng.uniform(4, 24), rng.uniform(1.5, 7)
    groups = [
        np.clip(rng.normal(centre + shift, spread, k).round(), 0, 28)
        for shift, k in zip((rng.choice([0, 1, 3]), 0), n, strict=True)
    ]
    # Where nobody differs there is nothing to print.
    x, y = (g if g.std() > 0 else np.append(g[1:], g[0] + (1 if g[0] < 28 else -1)) for g in groups)
    gap, df = x.mean() - y.mean(), sum(n) - 2
    pooled = ((n[0] - 1) * x.var(ddof=1) + (n[1] - 1) * y.var(ddof=1)) / df
    error = math.sqrt(pooled * (1 / n[0] + 1 / n[1]))
    own, reach = x.std(ddof=1) / math.sqrt(n[0]), t_distribution.ppf(0.975, df) * error
    about = t_distribution.ppf(0.975, n[0] - 1) * own
    yes = tuple(int(k) for k in (rng.binomial(n[0], 0.6), rng.binomial(n[1], 0.4)))
    counts = np.array([[yes[0], n[0] - yes[0]], [yes[1], n[1] - yes[1]]])
    mixed = 0 < sum(yes) < sum(n)
    p_of_counts = chi2_contingency(counts, correction=bool(rng.random() < 0.5))[1] if mixed else 1
    share = yes[0] / n[0]
    p = 2 * t_distribution.sf(abs(gap) / error, df)

    def told(value: float, places: int = decimals) -> str:
        return printed(float(value), places, how)

    return Table(
        n=(n[0], n[1]),
        mean=told(x.mean()),
        sd=told(x.std(ddof=1)),
        se=told(own),
        low=told(x.mean() - about),
        high=told(x.mean() + about),
        minimum=told(x.min(), 0),
        maximum=told(x.max(), 0),
        difference=told(gap),
        difference_se=told(error),
        difference_low=told(gap - reach),
        difference_high=told(gap + reach),
        t=told(gap / error, 2),
        f=told((gap / error) ** 2, 2),
        p=told(p, 3),
        people=(n[0], n[1]),
        yes=(yes[0], yes[1]),
        percent=(told(100 * yes[0] / n[0], 1), told(100 * yes[1] / n[1], 1)),
        p_of_counts=told(p_of_counts, 3),
        share=told(share, 2),
        share_sd=told(math.sqrt(share * (1 - share) * n[0] / (n[0] - 1)), 2),
        paired=_paired(rng, told),
        variables=tuple(_variable(rng, n, told) for _ in range(12)),
    )


def _paired(rng: np.random.Generator, told: Callable[[float], str]) -> tuple[str, ...]:
    people = rng.normal(50, 8, 16)
    first, second = (people + rng.normal(shift, 6, 16) for shift in (2, 0))
    gaps = first - second
    t = gaps.mean() / (gaps.std(ddof=1) / 4)
    p = 2 * t_distribution.sf(abs(t), 15)
    numbers = first.mean(), second.mean(), first.std(ddof=1), second.std(ddof=1)
    return (*(told(each) for each in numbers), f"{p:.3f}")


def _variable(
    rng: np.random.Generator, n: tuple[int, ...], told: Callable[[float], str]
) -> BaselineVariable:
    x, y = (rng.normal(50, 10, k) for k in n)
    return BaselineVariable(
        "v",
        (ReportedNumber(told(x.mean())), ReportedNumber(told(y.mean()))),
        (ReportedNumber(told(x.std(ddof=1))), ReportedNumber(told(y.std(ddof=1)))),
        (n[0], n[1]),
    )


def checks(table: Table) -> Iterator[Check]:
    """Make every check of a table."""
    n = table.n[0]
    ends = table.low, table.high
    numbers = table.difference, table.difference_low, table.difference_high
    df = sum(table.people) - 2
    yield grim(table.mean, n, SCALE)
    yield grimmer(table.mean, table.sd, n, SCALE)
    if n <= 27:
        yield reconstruct(table.mean, table.sd, n, SCALE).check()
    yield debit(table.share, table.share_sd, table.people[0])
    yield sd_on_scale(table.mean, table.sd, minimum=0, maximum=28, n=n)
    yield sd_against_se(table.sd, table.se, n)
    yield spread_against_interval(ends, n, sd=table.sd, mean=table.mean)
    yield spread_against_interval(ends, n, se=table.se, mean=table.mean)
    yield sd_against_range(table.sd, table.minimum, table.maximum, n, table.mean)
    yield interval_against_p(numbers, table.p, least_df=min(table.people) - 1)
    yield se_against_interval(table.difference_se, numbers[1:], least_df=min(table.people) - 1)
    yield estimate_against_t(table.difference, table.difference_se, table.t)
    yield f_against_t(table.f, table.t)
    yield t_against_p(table.t, table.p, df)
    yield t_against_p(table.f, table.p, df, squared=True)
    percent, people = table.percent[0], table.people[0]
    yield percentage_of(percent, people)
    yield replace(
        percentage_of(table.percent[0], table.people[0], table.yes[0]),
        name="percentage against count",
    )
    yield counts_against_p(table.yes, table.people, table.p_of_counts)
    first, second, *sds, p = table.paired
    yield crossover_against_p((first, second), (sds[0], sds[1]), 16, p)
    yield baseline_table(table.variables)
    yield repeated_summaries(_summaries(table))


def _summaries(table: Table) -> list[PrintedSummary]:
    found = [PrintedSummary("score", "x", *map(ReportedNumber, (table.mean, table.sd)), table.n[0])]
    for place, each in enumerate(table.variables):
        found += [
            PrintedSummary(f"{place}{side}", str(side), each.means[side], each.sds[side], k)
            for side, k in enumerate(each.n)
        ]
    return found


# ------------------------------------------------------------------ slips


def _swapped(text: str, rng: np.random.Generator) -> str:
    """Swap two neighbouring digits that differ; the text itself where there are none."""
    places = [
        i for i in range(len(text) - 1)
        if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1]
    ]  # fmt: skip
    if not places:
        return text
    i = int(rng.choice(places))
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


Slip = Callable[[Table, np.random.Generator], Table]

SLIPS: dict[str, Slip] = {
    "a standard error typed as an SD": lambda t, _: replace(t, sd=t.se),
    "a digit of the mean swapped": lambda t, r: replace(t, mean=_swapped(t.mean, r)),
    "a digit of the SD swapped": lambda t, r: replace(t, sd=_swapped(t.sd, r)),
    "a digit of p swapped": lambda t, r: replace(t, p=_swapped(t.p, r)),
    "one person too many": lambda t, _: replace(t, n=(t.n[0] + 1, t.n[1])),
    "the other group's number of people": lambda t, _: replace(t, n=(t.n[1], t.n[0])),
    "percentages of the two groups exchanged": lambda t, _: replace(
        t, percent=(t.percent[1], t.percent[0])
    ),
    "a mean and SD copied": lambda t, _: replace(
        t,
        variables=(
            replace(
                t.variables[0],
                means=(t.variables[1].means[0], t.variables[0].means[1]),
                sds=(t.variables[1].sds[0], t.variables[0].sds[1]),
            ),
            *t.variables[1:],
        ),
    ),
}  # fmt: skip


def run(tables: int, seed: int) -> list[dict[str, object]]:
    """Return the rates: one row for each slip and check; a fifth of the tables for each slip."""
    rows: list[dict[str, object]] = []
    for place, (slip, change) in enumerate([(HONEST, None), *SLIPS.items()]):
        rng = np.random.default_rng([seed, place])
        tested: Counter[str] = Counter()
        found: Counter[str] = Counter()
        counted = 0
        for _ in range(tables if change is None else tables // 5):
            table = draw(rng)
            changed = table if change is None else change(table, rng)
            if change is not None and changed == table:
                continue
            counted += 1
            some = False
            for check in checks(changed):
                tested[check.name] += check.status != CANNOT_BE_TESTED
                found[check.name] += check.status == CONTRADICTION
                some = some or check.status == CONTRADICTION
            tested["any of them"] += 1
            found["any of them"] += some
        rows += [
            dict(zip(COLUMNS, (slip, name, counted, tested[name], found[name]), strict=True))
            for name in tested
            if change is None or found[name]
        ]
    return rows


def whole_reviews(trials: int, seed: int) -> dict[str, object]:
    """Return how many honest trials, loaded as a review, are told of any contradiction."""
    rng = np.random.default_rng(seed)
    kept = [t for t in (simulate(rng, place) for place in range(trials)) if t is not None]
    with tempfile.TemporaryDirectory() as folder:
        review = load(
            Path(folder),
            *(trial.rows for trial in kept),
            studies=[study(trial.study_id) for trial in kept],
        )
        report = check_integrity(review)
    names = {trial.study_id for trial in kept}
    told = {e.study_id for e in report.of(CONTRADICTION, group="numbers")} & names
    return dict(
        zip(COLUMNS, (HONEST, "a whole review", len(kept), len(kept), len(told)), strict=True)
    )


def markdown(rows: list[dict[str, str]]) -> str:
    """Return the rates as the README has them."""
    honest = [row for row in rows if row["slip"] == HONEST]
    lines = ["| check of honest tables | tables | that it can test | accused |"]
    lines += ["| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {row['check']} | {row['tables']} | {row['tested']} | {row['found']} |" for row in honest
    ]
    lines += ["", "| slip | found by | of tables, in percent |", "| --- | --- | ---: |"]
    for row in rows:
        share = 100 * int(row["found"]) / int(row["tables"])
        if row["slip"] != HONEST and share >= 1:
            lines.append(f"| {row['slip']} | {row['check']} | {share:.0f} |")
    return "\n".join(lines)


def read_rates() -> list[dict[str, str]]:
    """Return the kept rates."""
    with RATES.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main() -> None:
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20250601
    rows = [*run(tables, seed), whole_reviews(tables // 2, seed)]
    with RATES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    text = README.read_text("utf-8")
    head, found, _ = text.partition(MARK)
    if found:
        README.write_text(f"{head}{MARK}\n\n{markdown(read_rates())}\n", "utf-8")
    print(markdown(read_rates()))


if __name__ == "__main__":
    main()
