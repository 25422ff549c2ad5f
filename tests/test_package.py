"""The package as a whole: light to import, complete, documented, and quiet."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import evidence

SOURCE = Path(evidence.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
MODULES = sorted(info.name for info in pkgutil.walk_packages(evidence.__path__, prefix="evidence."))
LONGEST = 500


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


# ---------------------------------------------------------------- what an import does


def test_import_is_light() -> None:
    heavy = "pandas matplotlib scipy.stats statsmodels numba nbclient nbconvert IPython"
    code = f"import sys, evidence; print(*(set({heavy.split()!r}) & set(sys.modules)))"
    assert run(code) == ""


def test_looking_around_is_light_too() -> None:
    code = "import sys, evidence; dir(evidence); help; print('pandas' in sys.modules)"
    assert run(code) == "False"


def test_every_public_name_resolves_in_a_fresh_interpreter() -> None:
    code = (
        "import evidence\n"
        "for name in evidence.__all__: getattr(evidence, name)\n"
        "from evidence import *\n"
        "print(len(evidence.__all__), pool.__module__)"
    )
    assert run(code) == f"{len(evidence.__all__)} evidence.synthesis.pool"


def test_dir_lists_names_and_folders() -> None:
    listed = dir(evidence)
    assert set(evidence.__all__) < set(listed)
    assert listed == sorted(listed)
    folders = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
    assert folders <= set(listed)
    for name in folders:
        assert isinstance(getattr(evidence, name), ModuleType)


def test_names_and_their_homes_agree() -> None:
    homes = {*evidence._HOMES, "__version__"}
    assert homes == set(evidence.__all__)
    # What an editor is told is what is loaded.
    told: set[str] = set()
    for node in ast.walk(tree(SOURCE / "__init__.py")):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for found in ast.walk(node):
                if isinstance(found, ast.ImportFrom):
                    told |= {alias.name for alias in found.names}
    assert told == set(evidence._HOMES)


def test_an_unknown_attribute_is_named() -> None:
    with pytest.raises(AttributeError, match="module 'evidence' has no attribute 'pooling'"):
        _ = evidence.pooling
    with pytest.raises(ImportError, match="pooling"):
        exec("from evidence import pooling")


@pytest.mark.parametrize("name", MODULES)
def test_every_name_that_a_module_offers_is_there(name: str) -> None:
    module = importlib.import_module(name)
    offered = getattr(module, "__all__", [])
    assert len(offered) == len(set(offered))
    assert [one for one in offered if not hasattr(module, one)] == []


# ---------------------------------------------------------------- documentation


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield the public functions and classes that a module defines, methods included."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            yield name, thing
            for inner, member in vars(thing).items():
                function = member.fget if isinstance(member, property) else member
                function = getattr(function, "__func__", getattr(function, "func", function))
                if not inner.startswith("_") and inspect.isfunction(function):
                    yield f"{name}.{inner}", function


SECTIONS = "Parameters|Returns|Yields|Raises|Attributes|Notes|References?|See Also|Examples?|Warns"


PARAMETERS = re.compile(
    r"^Parameters\n-+\n(.*?)(?=^[A-Z][\w ]+\n-{3,}|\Z)", re.DOTALL | re.MULTILINE
)


@cache
def offered() -> frozenset[object]:
    """Everything that a folder offers its readers: here every parameter is documented."""
    folders = [importlib.import_module(f"evidence.{folder}") for folder in evidence._FOLDERS]
    names = [(folder, name) for folder in folders for name in getattr(folder, "__all__", ())]
    things = {vars(f)[name] for f, name in names if callable(vars(f)[name])}
    assert len(things) > 30
    return frozenset(things)


def documentation_problems(name: str, thing: object, *, strict: bool = False) -> Iterator[str]:
    text = inspect.getdoc(thing) or ""
    # A method may keep what its base class says of it; a class has to speak for itself.
    own = getattr(thing, "__doc__", None)
    if not own:
        yield f"{name}: no docstring"
        return
    summary = text.split("\n\n")[0].strip()
    if "\n" in summary or not summary.endswith((".", "?", ":")):
        yield f"{name}: the first line is no sentence of one line"
    for head, rule in re.findall(rf"^({SECTIONS})\n(-*)$", text, re.MULTILINE):
        if len(head) != len(rule):
            yield f"{name}: the rule under {head} is not as long as it"
    if not inspect.isfunction(thing):
        return
    names = [n for n in inspect.signature(thing).parameters if n not in ("self", "cls")]
    section = PARAMETERS.search(text)
    if section:
        heads = re.findall(r"^(\*{0,2}\w[^\n]*?)(?: : [^\n]*)?$", section[1], re.MULTILINE)
        documented = [part.strip("* ") for head in heads for part in head.split(",")]
        if sorted(documented) != sorted(names):
            yield f"{name}: documents {documented}, takes {names}"
    elif strict and len(names) > 1:
        yield f"{name}: says nothing of its parameters {', '.join(names)}"


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    problems = [
        problem
        for what, thing in public(module)
        for problem in documentation_problems(what, thing, strict=thing in offered())
    ]
    assert problems == []


def test_the_check_of_docstrings_can_fail() -> None:
    def silent(a, b): ...

    def stale(estimate, level):
        """Do something.

        Parameters
        ----------
        estimate, lvel
            Numbers.

        Returns
        ------
        float
        """

    assert list(documentation_problems("silent", silent)) == ["silent: no docstring"]
    assert len(list(documentation_problems("stale", stale))) == 2

    def brief(estimate, level):
        """Do something."""

    assert list(documentation_problems("brief", brief)) == []
    assert len(list(documentation_problems("brief", brief, strict=True))) == 1


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


def quiet_problems(module: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in ("print", "display", "breakpoint") or called.endswith(("plt.show", ".show")):
            found.append(f"line {node.lineno}: {called}")
    return found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_prints_or_shows(path: Path) -> None:
    assert quiet_problems(tree(path)) == []


def test_the_check_for_prints_can_fail() -> None:
    code = "import matplotlib.pyplot as plt\nprint(1)\nplt.show()\nfigure.show()\nlog('print')"
    assert quiet_problems(ast.parse(code)) == [
        "line 2: print",
        "line 3: plt.show",
        "line 4: figure.show",
    ]


# ---------------------------------------------------------------- no worked case in the code

#: Words and numbers of the worked case.
CASE = re.compile(
    r"schuster|abbasi|hausenblas|magnesium|bisglycinate|glycinate|insomnia|\bISI\b|\bPSQI\b|(?<![\d.])155(?!\d|\.\d)"
    r"|(?<![\d.])2\.8(?!\d)",
    re.IGNORECASE,
)
#: The review that is meant when none is named, and where to copy a folder from.
DEFAULT = re.compile(r"(data/)?magnesium-sleep|examples?: .*")
#: What the codebook says of tables and columns, with examples.
CODEBOOK = {"data/columns.py", "data/schema.py", "data/sections.py", "data/tables.py"}
CODEBOOK |= {"data/study_tables.py", "data/codebook.py"}


def case_problems(module: ast.Module) -> list[str]:
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = {}
    for node in ast.walk(module):
        if not isinstance(node, ast.Constant) or id(node) in documentation:
            continue
        text = DEFAULT.sub("", node.value) if isinstance(node.value, str) else str(node.value)
        if CASE.search(text):
            found[node.lineno, node.col_offset] = f"line {node.lineno}: {text!r}"
    return [found[place] for place in sorted(found)]


@pytest.mark.parametrize(
    "path", [path for path in FILES if name_of(path) not in CODEBOOK], ids=name_of
)
def test_no_code_knows_the_worked_case(path: Path) -> None:
    assert case_problems(tree(path)) == []


def test_the_check_for_the_worked_case_can_fail() -> None:
    code = '"""Magnesium."""\nx = f"{n} of 155"\ny = "magnesium-sleep"\nz = 2.8\nw = "Magnesium"'
    code += "\ndef f():\n    '''Schuster.'''\n    return 12.8, '1.55', 1550"
    assert case_problems(ast.parse(code)) == [
        "line 2: ' of 155'",
        "line 4: '2.8'",
        "line 5: 'Magnesium'",
    ]
