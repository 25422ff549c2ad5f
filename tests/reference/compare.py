"""Run R again and compare what it says with the JSON in git.

    python tests/reference/compare.py [--rtol 1e-9] [--only TOPIC ...]

A topic is what follows "generate_" in a script's name. All of them take R a long time, and
`mixed_counts` most of it.

Writes to a temporary folder only. Exit status: 0 the same, 1 differences (printed), 2 R failed.
Versions of R and its packages that differ are printed, but are no difference by themselves.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NO_R = (
    "Rscript is not installed. On Debian: "
    "apt-get install r-cran-metafor r-cran-metadat r-cran-clubsandwich r-cran-robumeta "
    "r-cran-lme4 r-cran-numderiv r-cran-biasedurn r-cran-bayesfactor r-cran-pwr r-cran-jsonlite"
)
NAMES = tuple(sorted(path.name for path in FOLDER.glob("*.json")))
DEFAULT_RTOL = 1e-9
PRINTED_AT_MOST = 200
#: Where R's own search stops early, and by how much another machine's may differ: fits of
#: lme4 and of `rma.mv` as they end, beside which the fixtures hold tightly solved ones.
LOOSE = {"metafor": 1e-3, "log_likelihood_own": 1e-6, "tight": 1e-7}
# numbers that are 0 but for rounding: tau2 against its variances, an estimate against its error
NEGLIGIBLE = 1e-9


def named(value):
    """Cases, fits and tests by their names instead of their places."""
    if isinstance(value, list):
        for key in ("id", "method", "test"):
            if value and all(isinstance(item, dict) and key in item for item in value):
                return {item[key]: item for item in value}
        return dict(enumerate(value))
    return value


def natural_size(name, holder, case):
    """The size on which a number that is 0 but for rounding counts as 0."""
    if name.startswith("tau2") and "vi" in case:
        return min(case["vi"])
    if name in {"I2", "H2", "QE"}:
        return 1.0
    size = holder.get("se") or holder.get("sei") or 0.0
    numbers = (
        [each for each in size if isinstance(each, float)] if isinstance(size, list) else [size]
    )
    return max((number for number in numbers if isinstance(number, int | float)), default=0.0)


def differences(old, new, rtol, path=(), holder=None, case=None):
    """Yield (path, old, new) for every place where the two differ."""
    if isinstance(old, dict | list) and isinstance(new, dict | list):
        case = old if isinstance(old, dict) and "yi" in old else case
        holder = old if isinstance(old, dict) else holder
        old, new = named(old), named(new)
        for key in [*old, *(key for key in new if key not in old)]:
            if key not in old or key not in new:
                yield (*path, key), old.get(key, "absent"), new.get(key, "absent")
            else:
                allowed = max(rtol, LOOSE.get(key, 0.0))
                yield from differences(old[key], new[key], allowed, (*path, key), holder, case)
    elif isinstance(old, int | float) and isinstance(new, int | float):
        size = NEGLIGIBLE * natural_size(str(path[-1]), holder or {}, case or {})
        if not math.isclose(old, new, rel_tol=rtol, abs_tol=size):
            yield path, old, new
    elif old != new:
        yield path, old, new


def regenerate(folder, topics):
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise FileNotFoundError(NO_R)
    scripts = sorted(FOLDER.glob("generate*.R"))
    chosen = [each for each in scripts if not topics or each.stem.partition("_")[2] in topics]
    if not chosen:
        known = ", ".join(filter(None, (each.stem.partition("_")[2] for each in scripts)))
        raise FileNotFoundError(f"None of these is a topic. Known are: {known}.")
    for number, script in enumerate(chosen, start=1):
        print(f"{number} of {len(chosen)}: {script.name} ...", file=sys.stderr, flush=True)
        subprocess.run([rscript, str(script), str(folder)], check=True)


def shortened(value):
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def compare(folder, rtol):
    """Print the differences between the JSON in git and that in `folder`; return their number."""
    found = 0
    for name in (each for each in NAMES if (folder / each).exists()):
        old = json.loads((FOLDER / name).read_text(encoding="utf-8"))
        new = json.loads((folder / name).read_text(encoding="utf-8"))
        for package, version in old.pop("versions").items():
            now = new["versions"].get(package)
            if now != version:
                print(f"{name}: written by {package} {version}, this is {package} {now}")
        del new["versions"]
        count = 0
        for path, before, after in differences(old, new, rtol):
            count += 1
            if count <= PRINTED_AT_MOST:
                place = " > ".join(str(part) for part in path)
                print(f"{name}: {place}: {shortened(before)} in git, {shortened(after)} now")
        cases = sum(len(kept) for kept in old.values() if isinstance(kept, list))
        print(f"{name}: {count or 'no'} differences in {cases} cases")
        found += count
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rtol", type=float, default=DEFAULT_RTOL, help="relative tolerance")
    parser.add_argument("--only", nargs="*", default=[], help="topics to run; without it all")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            regenerate(folder, arguments.only)
        except FileNotFoundError as error:
            print(error, file=sys.stderr)
            return 2
        except subprocess.CalledProcessError as error:
            print(f"Rscript failed (exit status {error.returncode}), see above", file=sys.stderr)
            return 2
        return 1 if compare(Path(folder), arguments.rtol) else 0


if __name__ == "__main__":
    sys.exit(main())
