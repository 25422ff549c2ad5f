"""Time `evidence`, R's metafor and the Python peers on the same inputs, and print the ratios.

    python -m tests.benchmarks.run [--full] [--no-r] [--only NAME ...]

R and the peers take part where they are installed (README.md says how). Nothing is asserted:
a machine that is busy is no error of the code. Each time is the best of several, warm; the first
call ever, which compiles, is timed in a process of its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from tests.benchmarks.inputs import Inputs, draw
from tests.benchmarks.peers import PEERS, Work, work_of
from tests.synthesis.specifications.made_up_review import contradictory_review

from evidence.appraisal.selection.selection_model import three_parameter
from evidence.effects.measures.continuous import standardised_mean_difference
from evidence.synthesis.batch import bootstrap_pool, leave_one_out, pool_many
from evidence.synthesis.bayes.fit import pool_bayes
from evidence.synthesis.dependence.multilevel import pool_multilevel
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.influence import influence
from evidence.synthesis.sensitivity.permute import permute_mean
from evidence.synthesis.sensitivity.subsets import all_subsets
from evidence.synthesis.specifications.multiverse import multiverse

HERE = Path(__file__).parent
#: Tasks in which chance, or another definition, makes the results of packages differ.
_NOT_COMPARED = {"bootstrap", "million", "permutation"}
#: Rows of the million that R gets: its time is proportional to them.
ROWS_FOR_R = 100_000


@dataclass(frozen=True)
class Task:
    """One line of the table.

    Attributes
    ----------
    name
        As R and the peers know it.
    words
        What the table says.
    target
        The time to reach on two cores, in seconds.
    """

    name: str
    words: str
    target: float


TASKS = (
    Task("fit", "REML fit with mean and HKSJ interval, k = 13", 0.15e-3),
    Task("fit_all", "the same with every interval and the prediction interval", 0.5e-3),
    Task("thousand", "REML, k = 1,000", 0.5e-3),
    Task("ten_thousand", "REML, k = 10,000", 2e-3),
    Task("many_reml", "10,000 REML fits, k = 10", 15e-3),
    Task("many_dl", "10,000 DL fits, k = 10", 1.5e-3),
    Task("bootstrap", "bootstrap of REML, k = 13, 10,000 draws", 20e-3),
    Task("three_level", "three-level, 2,000 rows in 400 clusters", 50e-3),
    Task("million", "SMD with variance, a million rows", 50e-3),
    Task("bayes", "Bayesian normal-normal, k = 13, all summaries", 5e-3),
    Task("subsets_13", "all subsets, k = 13, REML", 10e-3),
    Task("subsets_20", "all subsets, k = 20, REML, with mean, tau², I²", 1.0),
    Task("permutation", "exact permutation of the mean, k = 13, REML", 10e-3),
    Task("influence", "leave-one-out and influence, k = 100, REML", 5e-3),
    Task("selection", "step selection model, k = 100", 30e-3),
    Task("multiverse", "multiverse of 11 contradictory trials, 100,000 different analyses", 5.0),
)


def our_work(inputs: Inputs) -> Work:
    """Return our side of every task."""
    effects, variances = inputs.bcg
    pooled = pool(effects, variances)
    clustered, clustered_variances, cluster = inputs.clustered
    twenty, hundred = pool(*inputs.twenty), pool(*inputs.hundred)
    with tempfile.TemporaryDirectory() as folder:
        review = contradictory_review(Path(folder), 11)

    def fit_all() -> float:
        result = pool(effects, variances)
        _ = result.tau2_interval, result.prediction_interval, result.i2, result.h2
        return result.estimate

    return {
        "fit": lambda: pool(effects, variances).estimate,
        "fit_all": fit_all,
        "thousand": lambda: pool(*inputs.thousand).estimate,
        "ten_thousand": lambda: pool(*inputs.ten_thousand).estimate,
        "many_reml": lambda: pool_many(*inputs.many).estimate[0],
        "many_dl": lambda: pool_many(*inputs.many, tau2_method="DL").estimate[0],
        "bootstrap": lambda: bootstrap_pool(pooled).estimate[0],
        "three_level": lambda: (
            pool_multilevel(clustered, clustered_variances, cluster=cluster).estimate
        ),
        "million": lambda: standardised_mean_difference(**inputs.arms).variance[0],
        "bayes": lambda: pool_bayes(effects, variances).to_dict(),
        "subsets_13": lambda: all_subsets(pooled, progress=False).estimate[-1],
        "subsets_20": lambda: all_subsets(twenty, progress=False).estimate[-1],
        "permutation": lambda: permute_mean(pooled).p_value,
        "influence": lambda: (leave_one_out(hundred), influence(hundred))[0].estimate[0],
        "selection": lambda: three_parameter(hundred).estimate,
        "multiverse": lambda: multiverse(review, outcome="nap-trouble").numbers["estimate"][0],
    }


def best_of(work: Callable[[], Any], seconds: float = 0.6) -> tuple[float, Any]:
    """Return the least time of repeated runs, warm, and what the work returned."""
    value = work()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or (time.perf_counter() < end and len(times) < 2000):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
        if sum(times) > 20:
            break
    return min(times), value


def time_r(inputs: Inputs, *, full: bool) -> dict[str, Any]:
    """Run R on the same inputs and return what it measured."""
    body = {
        name: {"effects": effects.tolist(), "variances": variances.tolist()}
        for name, (effects, variances) in {
            "bcg": inputs.bcg,
            "thousand": inputs.thousand,
            "ten_thousand": inputs.ten_thousand,
            "many": inputs.many,
            "hundred": inputs.hundred,
        }.items()
    }
    clustered = ("effects", "variances", "cluster")
    body["clustered"] = {
        name: values.tolist() for name, values in zip(clustered, inputs.clustered, strict=True)
    }
    body["samples"] = inputs.samples.tolist()  # type: ignore[assignment]
    body["arms"] = {name: values[:ROWS_FOR_R].tolist() for name, values in inputs.arms.items()}
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "inputs.json", Path(folder) / "results.json"
        given.write_text(json.dumps(body), encoding="utf-8")
        command = ["Rscript", str(HERE / "benchmark.R"), str(given), str(found)]
        subprocess.run([*command, str(full).upper()], check=True)
        return dict(json.loads(found.read_text(encoding="utf-8")))


def fresh_process(code: str, **environment: str) -> list[float]:
    """Run code in a process of its own; it prints numbers."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return [float(word) for word in done.stdout.split()]


_IMPORT = """
import time
begin = time.perf_counter()
import {package}
took = time.perf_counter() - begin
peak = 0.0
for line in open("/proc/self/status", encoding="utf-8"):
    if line.startswith("VmHWM"):
        peak = float(line.split()[1]) / 1024
print(took, peak)
"""
_FIRST = """
import time
begin = time.perf_counter()
import evidence
evidence.pool([0.1, 0.4, 0.9], [0.04, 0.05, 0.06]).tau2_interval
print(time.perf_counter() - begin)
"""
_SUBSETS = """
import numpy as np
import evidence
from evidence.synthesis.sensitivity.subsets import all_subsets
def megabytes(name):
    for line in open("/proc/self/status", encoding="utf-8"):
        if line.startswith(name):
            return float(line.split()[1]) / 1024
drawn = np.random.default_rng(1)
few, body = (evidence.pool(drawn.normal(0.3, 0.4, k), drawn.uniform(0.02, 0.3, k)) for k in (5, 20))
all_subsets(few, progress=False)
before = megabytes("VmRSS")
found = all_subsets(body, progress=False)
print(megabytes("VmHWM") - before, megabytes("VmHWM"))
"""


def missing_peers() -> list[str]:
    """Return a line for each peer that could not be imported, with the reason."""
    lines = []
    for package, name in PEERS.items():
        try:
            importlib.import_module(package)
        except ImportError as error:
            lines.append(f"{name} takes no part: {error}")
    return lines


def importing() -> list[str]:
    """Return lines on what the import and the first call cost."""
    lines = []
    for package in ("evidence", "statsmodels.api", *list(PEERS)[1:]):
        try:
            runs = [fresh_process(_IMPORT.format(package=package)) for _ in range(3)]
        except subprocess.CalledProcessError:
            continue
        took, memory = min(runs)
        lines.append(f"import {package:<18} {took:6.2f} s {memory:6.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        first = fresh_process(_FIRST, NUMBA_CACHE_DIR=folder)[0]
        second = fresh_process(_FIRST, NUMBA_CACHE_DIR=folder)[0]
    lines.append(f"first pooling ever, compiling:      {first:6.2f} s")
    lines.append(f"first pooling of another process:   {second:6.2f} s")
    if Path("/proc/self/status").exists():
        more, peak = fresh_process(_SUBSETS)
        lines.append(
            f"all subsets, k = 20:                {more:6.0f} MB more, {peak:.0f} MB at most"
        )
    return lines


def in_words(seconds: float) -> str:
    """Return a time with a unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:,.3g} {unit}"
    return f"{seconds * 1e6:,.0f} µs"


def ratio(theirs: float | None, ours: float) -> str:
    """Return a time and how many times ours it is."""
    return "–" if theirs is None else f"{in_words(theirs)} ({theirs / ours:,.3g}x)"


def close(ours: Any, theirs: Any) -> bool:
    """Whether two estimates are the same to metafor's default accuracy."""
    return bool(np.isclose(float(np.ravel(ours)[0]), float(np.ravel(theirs)[0]), rtol=1e-3))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--full", action="store_true", help="let R do all of the work (minutes)")
    parser.add_argument("--no-r", action="store_true", help="leave R out")
    parser.add_argument("--only", nargs="*", default=None, help="names of tasks")
    arguments = parser.parse_args()
    inputs = draw()
    ours = our_work(inputs)
    peers = {package: work_of(package, inputs) for package in PEERS}
    asked = [task for task in TASKS if not arguments.only or task.name in arguments.only]
    measured: dict[str, Any] = {}
    if shutil.which("Rscript") and not arguments.no_r:
        print("R is running (a minute or two) ...", file=sys.stderr, flush=True)
        measured = time_r(inputs, full=arguments.full)
    print("| work | to reach | ours | R metafor | Python peers |")
    print("|---|---|---|---|---|")
    differ = []
    notes = set()
    for task in asked:
        print(f"{task.words} ...", file=sys.stderr, flush=True)
        our_time, our_value = best_of(ours[task.name])
        others = []
        for package, work in peers.items():
            if task.name in work:
                their_time, value = best_of(work[task.name])
                others.append(f"{PEERS[package]} {ratio(their_time, our_time)}")
                if task.name not in _NOT_COMPARED and not close(our_value, value):
                    differ.append(
                        f"{task.words}: ours {our_value:.6g}, {PEERS[package]} {value:.6g}"
                    )
        r = measured.get(task.name, {})
        if r.get("note"):
            notes.add(f"R, {task.words}: {r['note']}")
        if isinstance(r.get("value"), float) and not close(our_value, r["value"]):
            differ.append(f"{task.words}: ours {our_value:.6g}, R {r['value']:.6g}")
        print(
            f"| {task.words} | {in_words(task.target)} | {in_words(our_time)} | "
            f"{ratio(r.get('seconds'), our_time)} | {'; '.join(others) or '–'} |",
            flush=True,
        )
    print()
    print(
        "\n".join(
            [
                *importing(),
                "",
                *missing_peers(),
                *sorted(notes),
                *(f"DIFFERENT: {each}" for each in differ),
            ]
        )
    )
    print(f"{os.cpu_count()} processors; Python {sys.version.split()[0]}", end="")
    for package in ("numba", "numpy", "statsmodels", "pymare", "pymetaanalysis", "pimeta"):
        try:
            print(f", {package} {version(package)}", end="")
        except PackageNotFoundError:
            continue
    if measured:
        print("".join(f", {name} {is_}" for name, is_ in measured["versions"].items()), end="")
    print()


if __name__ == "__main__":
    main()
