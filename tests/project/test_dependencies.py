"""pyproject.toml, environment.yml and constraints.txt say the same."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")

CONDA_NAMES = {  # where conda-forge's name is another
    "great-tables": "great_tables",
    "playwright": "playwright-python",
}


def declared() -> list[Requirement]:
    texts = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]
    return [Requirement(text) for text in texts]


def pins() -> dict[str, Version]:
    lines = [line for line in CONSTRAINTS.splitlines() if line and not line.startswith("#")]
    return {name: Version(version) for name, version in (line.split("==") for line in lines)}


def test_environment_yml_has_the_packages_and_bounds_of_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["name"]
    assert environment["channels"] == ["conda-forge"]

    *packages, pip = environment["dependencies"]
    assert pip == {"pip": ["-e ."]}
    found = {name: SpecifierSet(bounds) for name, _, bounds in (p.partition(" ") for p in packages)}

    expected = {CONDA_NAMES.get(r.name, r.name): r.specifier for r in declared()}
    expected |= {"python": SpecifierSet(PROJECT["requires-python"]), "pip": SpecifierSet()}
    assert found == expected
    assert len(packages) == len(found), "a package is listed twice"


def test_every_dependency_has_a_lower_bound() -> None:
    assert [str(r) for r in declared() if not any(s.operator == ">=" for s in r.specifier)] == []


def test_constraints_are_plain_sorted_pins() -> None:
    lines = [line for line in CONSTRAINTS.splitlines() if not line.startswith("#")]
    pattern = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.]*")
    assert [line for line in lines if not pattern.fullmatch(line)] == []
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names))
    assert "://" not in CONSTRAINTS


def test_constraints_pin_every_declared_dependency_within_its_bounds() -> None:
    pinned = pins()
    missing = [r.name for r in declared() if r.name not in pinned]
    outside = [str(r) for r in declared() if r.name in pinned and pinned[r.name] not in r.specifier]
    assert (missing, outside) == ([], [])


def test_constraints_pin_what_the_dependencies_need_in_turn() -> None:
    open_names = [(r.name, frozenset(r.extras)) for r in declared()]
    seen: set[tuple[str, frozenset[str]]] = set()
    while open_names:
        name, extras = key = open_names.pop()
        if key in seen:
            continue
        seen.add(key)
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError:  # another platform's; pip would have failed otherwise
            continue
        for requirement in map(Requirement, requires):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in (*extras, "")):
                open_names.append(
                    (canonicalize_name(requirement.name), frozenset(requirement.extras))
                )
    assert {name for name, _ in seen} - set(pins()) == set()


def test_constraints_pin_the_build_backend() -> None:
    assert {"hatchling", "editables"} <= set(pins())
