"""The tools that come with the package, loaded when they are first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from evidence.data.bias_tools.reader import read_tool
from evidence.data.bias_tools.tool import BiasTool
from evidence.data.problems import Problem
from evidence.errors import InvalidReviewError, UnknownNameError, did_you_mean

__all__ = ["bias_tool", "builtin_tools", "read_own_tools"]

#: In an order in which each stands after the one it is based on.
_FILES = (
    "rob2.toml",
    "rob2-adhering.toml",
    "rob2-cluster.toml",
    "rob2-crossover.toml",
    "rob1.toml",
    "robins-i.toml",
    "quadas2.toml",
)


@cache
def builtin_tools() -> Mapping[str, BiasTool]:
    """Return the tools of the package by name.

    Raises
    ------
    InvalidReviewError
        When one of their files was changed and cannot be used any more.
    """
    found: dict[str, BiasTool] = {}
    folder = files("evidence.data.bias_tools")
    for name in _FILES:
        read = read_tool(folder.joinpath(name).read_bytes(), name, found)
        if read.tool is None:
            message = "\n".join(map(str, read.problems))
            raise InvalidReviewError(f"A tool for risk of bias is broken. {message}", read.problems)
        found[read.tool.name] = read.tool
    return found


def bias_tool(name: str, tools: Mapping[str, BiasTool] | None = None) -> BiasTool:
    """Return a tool by its name.

    Parameters
    ----------
    name
        For example ``"RoB 2"``.
    tools
        Where to look; the tools of the package by default.

    Raises
    ------
    UnknownNameError
        With the nearest name.
    """
    known = builtin_tools() if tools is None else tools
    if name not in known:
        raise UnknownNameError(
            f"There is no tool for risk of bias {name!r}. {did_you_mean(name, known)}"
        )
    return known[name]


def read_own_tools(
    files: Mapping[str, bytes],
) -> tuple[Mapping[str, BiasTool], tuple[Problem, ...]]:
    """Return the tools of the package with those that a review brings, and what is wrong.

    Parameters
    ----------
    files
        The content of the review's tool files, by name.
    """
    if not files:
        return dict(builtin_tools()), ()
    found = dict(builtin_tools())
    problems: list[Problem] = []
    for name, raw in files.items():
        read = read_tool(raw, name, found)
        problems += read.problems
        if read.tool is None:
            continue
        if read.tool.name in found:
            message = "there is a tool of this name already."
            place = (name, 0, "name", message, read.tool.name, "another name")
            problems.append(Problem(*place, "Two tools of one name could not be told apart."))
        found.setdefault(read.tool.name, read.tool)
    return found, tuple(problems)
