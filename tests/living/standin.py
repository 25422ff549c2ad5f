"""Stand-ins for the analysis, so that the runner is tested by itself and fast.

Run as a program this is the real command line with the stand-ins in place:
``python standin.py CLONE run ...``.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pandas as pd

HOSTILE = "<script>alert('study')</script>"

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 300" width="900" height="300">'
    '<rect width="900" height="300" fill="#fff"/><text x="20" y="50">forest</text></svg>'
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c63600000000200015e4f2bbe0000000049454e44ae426082"
)

DRAW = """import base64
from IPython.display import Image, display
display(Image(base64.b64decode("{png}")), metadata={{"image/png": {{"alt": "{alt}"}}}})"""

NOTEBOOKS = {
    "01-the-answer": [
        "# The answer\n\nSee [all](02-the-trials.ipynb#Found-in-all) and [it](../data/README.md).",
        ("code", "import os, sys, warnings\nwarnings.warn('a library grumbles')\nanswer = 42"),
        "## What was found",
        (
            "code",
            "import pandas as pd\npd.DataFrame({'study': [\"<script>alert('study')</script>\"]})",
        ),
    ],
    "02-the-trials": [
        "# All the trials",
        ("code", "print(sys.executable if 'sys' in globals() else 'a kernel of its own')"),
        "## Found in all",
        ("code", "DRAW"),
    ],
}


def png_cell(alt: str) -> str:
    import base64

    return DRAW.format(png=base64.b64encode(PNG).decode(), alt=alt)


def write_notebook(path: Path, cells: list[Any], **metadata: Any) -> Path:
    content: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        code = isinstance(cell, tuple)
        source = cell[1] if code else cell
        source = png_cell("Effects of two trials") if source == "DRAW" else source
        more = {"outputs": [], "execution_count": None} if code else {}
        content.append(
            {
                "cell_type": "code" if code else "markdown",
                "id": f"cell-{number}",
                "metadata": {},
                "source": source,
                **more,
            }
        )
    notebook = {"cells": content, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def write_clone(folder: Path) -> Path:
    """Lay out a folder as a clone: notebooks, and a review that need not be readable."""
    for name, cells in NOTEBOOKS.items():
        write_notebook(folder / "notebooks" / f"{name}.ipynb", cells)
    review = folder / "data" / "trial-review"
    review.mkdir(parents=True)
    (review / "review.toml").write_text('title = "stand-in"\n')
    return folder


def review(folder: Path) -> Any:
    return SimpleNamespace(
        name=folder.name,
        folder=folder,
        studies=pd.DataFrame(
            {"role": ["trial"], "status": ["published"], "year": [2020], "label": ["Smith 2020"]}
        ),
        fingerprint="0123456789abcdef" * 4,
        plan=SimpleNamespace(
            title=f"Trials & {HOSTILE}",
            question="How strong is it?",
            searched_until=None,
            search_note="Not a systematic search.",
        ),
    )


def conclusions() -> Any:
    from evidence.display import Prose, Table
    from evidence.errors import Caution

    frame = pd.DataFrame(
        {
            "study": [HOSTILE, "Smith 2020"],
            "effect": [-0.31, 0.02],
            "what it rests on": ["one small trial of four weeks " * 3, "two trials"],
        }
    )
    content = {"schema": 1, "title": HOSTILE, "effects": [{"g": -0.31, "p": None, "note": "µg"}]}
    return SimpleNamespace(
        bottom_line=Prose(f"It may help a little: {HOSTILE}.", "Certainty is low."),
        table=Table(frame, caption="The trials"),
        cautions=[Caution("few", f"Two trials only {HOSTILE}.", "Smith & Co 2020")],
        to_dict=lambda: content,
        summary=lambda: "It may help a little.",
    )


class Picture:
    alt = f'Effects of "two" trials {HOSTILE}'

    def svg(self) -> str:
        return SVG

    def png(self, dpi: int = 144) -> bytes:
        return PNG


class QuickExecution:
    """Runs the cells in this process instead of in kernels, for tests of what is run.

    What a notebook reads is declared in its metadata, as paths, instead of being noticed.
    """

    def __init__(self, notebooks: Any, **options: Any) -> None:
        self._notebooks, self._options = notebooks, options

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None: ...

    def results(self) -> tuple[Any, ...]:
        return tuple(self._execute(path) for path in self._notebooks)

    def _execute(self, path: Path) -> Any:
        import contextlib
        import io

        from nbformat.v4 import new_output

        from evidence.living.notebook import Executed, NotebookError, read_source
        from evidence.living.reads import Reads, hash_file

        content = read_source(path, self._options["sources"][path])
        declared = dict(content.metadata.get("reads", {}))
        files = {name: hash_file(name) for name in declared.pop("files", [])}
        cells = [cell for cell in content.cells if cell.cell_type == "code"]
        self._options["listener"].started(path.stem, len(cells))
        for cell in cells:
            out = io.StringIO()
            try:
                with contextlib.redirect_stdout(out):
                    exec(cell.source, {})
            except ZeroDivisionError as error:
                raise NotebookError("division by zero", notebook=path.stem) from error
            cell.outputs = [new_output("stream", name="stdout", text=out.getvalue())]
        self._options["listener"].finished(path.stem, 0.0)
        return Executed(path, content, 0.0, Reads(files=files, **declared))


class NoEarlier:
    """Stands for the last report; what is kept of a real one is tested in `test_what_changed`."""

    def __init__(self, report: Path) -> None:
        self.variables: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def compared(self, conclusions: object) -> None:
        pass

    def files(self, *known: object) -> list[tuple[str, bytes]]:
        return []


def install(clone: Path, put: Any = setattr) -> None:
    """Replace loading and analysis in the runner; `put` may be monkeypatch's setattr."""
    import evidence.living.run
    import evidence.living.upkeep

    put(evidence.living.run, "Earlier", NoEarlier)

    folder = (clone / "data" / "trial-review").resolve()
    put(evidence.living.upkeep, "find_folder", lambda name: folder)
    put(evidence.living.run, "find_review", lambda name: folder)
    put(evidence.living.run, "load_review", lambda name: review(folder))
    put(evidence.living.run, "analyse", lambda review: (conclusions(), Picture()))


if __name__ == "__main__":
    install(Path(sys.argv.pop(1)))
    from evidence.cli import main

    main()
