"""From an executed notebook to what a reader shall see of it."""

from __future__ import annotations

import base64
import binascii
import copy
import re
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote

import nbformat

from evidence.living.notebook import Executed, Stderr, stderr_of

__all__ = ["Figure", "Reading", "read_notebook", "report_links"]

_SUFFIXES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}
_WIDGET = "application/vnd.jupyter.widget-view+json"
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"""<img\b[^>]*?\bsrc=["']data:([\w/+]+);base64,([^"']*)""", re.IGNORECASE)
_INLINE_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$", re.MULTILINE)
# What a cell that ends in a plotting call returns; it names an object, not a result.
_DRAWING = re.compile(
    r"^(?:<(?:[\w.]*)(?:Axes|Figure)\w*[ :].*>|\[?<matplotlib\..*>\]?)$", re.DOTALL
)
_ANCHOR = re.compile(r'<a class="anchor-link"[^>]*>.*?</a>', re.DOTALL)
_LINK = re.compile(r'<a\s+href="([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a notebook as a file."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """A notebook made ready for readers.

    Parameters
    ----------
    name
        The notebook's name, without ``.ipynb``.
    folder
        Where it lies; images in its prose are relative to it.
    title
        Its first heading, or its name in words.
    has_heading
        Whether the title stands in the notebook itself.
    content
        The notebook without what readers do not need.
    figures
        Its figures as files.
    stderr
        What was left out and belongs on the terminal.
    without_alt
        Code cells that show a figure without a description.
    """

    name: str
    folder: Path
    title: str
    has_heading: bool
    content: nbformat.NotebookNode
    figures: tuple[Figure, ...]
    stderr: tuple[Stderr, ...]
    without_alt: tuple[int, ...]


def read_notebook(executed: Executed) -> Reading:
    """Leave out what readers do not need, describe every image, and collect the figures.

    Everything on stderr is left out. It is where Python and libraries address whoever
    *runs* a program: deprecations, a font cache being built, a progress bar. A caution
    about the evidence has another way to the reader: it is part of the result that it
    belongs to. So nothing is lost on the page, and the terminal prints the rest with
    the notebook's name, for the person who can act on it.

    Parameters
    ----------
    executed
        The notebook with its outputs; it is not changed.

    Returns
    -------
    Reading
    """
    name = executed.path.stem
    content = copy.deepcopy(executed.content)
    title, has_heading, heading = "", False, ""
    figures: list[Figure] = []
    without_alt: list[int] = []
    for cell in content.cells:
        if cell.cell_type == "markdown":
            for level, text in _HEADING.findall(_FENCED.sub("", cell.source)):
                heading = _words(text)
                if level == "#" and not has_heading:
                    title, has_heading = heading, True
        if cell.cell_type != "code":
            continue
        cell.outputs = [output for output in cell.outputs if not _is_noise(output)]
        for output in cell.outputs:
            data = output.get("data", {})
            if _WIDGET in data:
                data.clear()
                data["text/html"] = "<p>Here JupyterLab shows controls to try values with.</p>"
            fallback = f"Figure of the section “{heading or name}”; its numbers are in the text."
            if not _describe(output, cell, fallback):
                without_alt.append(cell.execution_count or 0)
            for suffix, image in _figures(data):
                figures.append(Figure(f"{name}-{len(figures) + 1}.{suffix}", image))
    return Reading(
        name=name,
        folder=executed.path.parent,
        title=title or _words(re.sub(r"^\d+\W+", "", name).replace("-", " ").capitalize()),
        has_heading=has_heading,
        content=content,
        figures=tuple(figures),
        stderr=stderr_of(name, executed.content),
        without_alt=tuple(dict.fromkeys(without_alt)),
    )


def report_links(html: str, pages: dict[str, str]) -> str:
    """Point links between notebooks to their pages; unlink other files of the clone.

    Parameters
    ----------
    html
        Rendered Markdown.
    pages
        Page of each notebook of the report, by the notebook's file name.
    """

    def link(match: re.Match[str]) -> str:
        href, attributes, text = match.groups()
        address = unescape(href)
        if address.startswith("#") or re.match(r"[a-zA-Z][a-zA-Z+.-]*:", address):
            return match.group()
        path, _, fragment = address.partition("#")
        page = pages.get(Path(unquote(path)).name)
        if page is None:
            # The report is read without the clone, where this would lead nowhere.
            return text
        target = page + (f"#{fragment}" if fragment else "")
        return f'<a href="{escape(target)}"{attributes}>{text}</a>'

    # nbconvert gives headings an id only together with a ¶ to click, which helps nobody.
    return _LINK.sub(link, _ANCHOR.sub("", html))


def _is_noise(output: nbformat.NotebookNode) -> bool:
    if output.output_type == "stream":
        return bool(output.name == "stderr")
    data = output.get("data", {})
    return set(data) == {"text/plain"} and bool(_DRAWING.match(data["text/plain"].strip()))


def _describe(output: nbformat.NotebookNode, cell: nbformat.NotebookNode, fallback: str) -> bool:
    """Give every image of an output an alternative text; False where it had none."""
    data = output.get("data", {})
    described = True
    if any(kind in data for kind in _SUFFIXES) and "text/html" not in data:
        metadata = output.setdefault("metadata", nbformat.NotebookNode())
        own = [metadata.get(kind, {}) for kind in _SUFFIXES if kind in data]
        alts = [metadata.get("alt"), *(m.get("alt") for m in own), cell.metadata.get("alt")]
        alt = next((text for text in alts if text), None)
        described = alt is not None
        metadata["alt"] = alt or fallback
    if "text/html" in data:

        def image(match: re.Match[str]) -> str:
            nonlocal described
            if re.search(r"\balt\s*=", match.group(), re.IGNORECASE):
                return match.group()
            described = False
            return f'<img alt="{escape(fallback)}"{match.group()[4:]}'

        data["text/html"] = _IMAGE.sub(image, data["text/html"])
    return described


def _figures(data: nbformat.NotebookNode) -> list[tuple[str, bytes]]:
    """Return the figures of one output: suffix and bytes, one form of each."""
    for kind, suffix in _SUFFIXES.items():
        if kind in data:
            svg = kind == "image/svg+xml"
            return [(suffix, data[kind].encode() if svg else _decoded(data[kind]))]
    html = data.get("text/html", "")
    found = [("svg", svg.encode()) for svg in _INLINE_SVG.findall(html)]
    for kind, text in _DATA_IMAGE.findall(html):
        if kind in _SUFFIXES:
            found.append((_SUFFIXES[kind], _decoded(text)))
    return found


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""


def _words(markdown: str) -> str:
    """Return a line of Markdown as plain words."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"[*_`]|<[^>]+>", "", unescape(text)).strip()
