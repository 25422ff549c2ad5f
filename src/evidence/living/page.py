"""The pages of a report: one file each, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter

from evidence.appraisal.evidence_age import evidence_age
from evidence.errors import Caution, ReportError
from evidence.living.reading import Reading, report_links
from evidence.living.report_folder import GENERATOR

if TYPE_CHECKING:
    from evidence.data import Review
    from evidence.judgement.conclusions import Conclusions
    from evidence.living.diff import ConclusionsComparison

__all__ = ["Link", "Pages", "conclusions_json"]

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the navigation, relative to the page it stands on."""

    href: str
    text: str
    here: bool = False


class Pages:
    """Renders the pages of one report.

    Parameters
    ----------
    review
        What the report is about.
    moment
        When it was computed, with time zone.
    readings
        The notebooks in reading order.
    """

    def __init__(self, review: Review, moment: datetime, readings: Sequence[Reading]) -> None:
        self._readings = tuple(readings)
        #: How old the pages say that the evidence is.
        self.age = evidence_age(review, on=moment.date())
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )
        self._environment.globals.update(
            review=review,
            moment=moment,
            age=self.age,
            generator=Markup(GENERATOR),
            style=Markup((_TEMPLATES / "page.css").read_text("utf-8")),
        )

    def notebook(self, reading: Reading) -> str:
        """Return the page of one notebook."""
        links = [
            Link("../index.html", "Report"),
            *(Link(_page(r), r.title, here=r is reading) for r in self._readings),
        ]
        return self._render(
            "notebook.html.j2",
            title=reading.title,
            has_heading=reading.has_heading,
            body=Markup(self._body(reading)),
            links=links,
        )

    def index(
        self,
        conclusions: Conclusions,
        svg: str,
        alt: str,
        changed: ConclusionsComparison | None = None,
    ) -> str:
        """Return the report's first page.

        Parameters
        ----------
        conclusions
            What was concluded.
        svg
            The main figure.
        alt
            What it shows, in words.
        changed
            What changed since the last good report.
        """
        pages = [Link(f"notebooks/{_page(r)}", r.title) for r in self._readings]
        # As an image and not inline: its ids and styles stay its own.
        picture = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
        return self._render(
            "index.html.j2",
            bottom_line=Markup(conclusions.bottom_line._repr_html_()),
            table=Markup(conclusions.table._repr_html_()),
            picture=picture,
            alt=alt,
            cautions=[_caution(item) for item in conclusions.cautions],
            changed=changed,
            pages=pages,
            links=[Link("index.html", "Report", here=True), *pages],
        )

    def _render(self, template: str, **values: object) -> str:
        return self._environment.get_template(template).render(**values) + "\n"

    def _body(self, reading: Reading) -> str:
        exporter = HTMLExporter(
            template_name="reader",
            extra_template_basedirs=[str(_TEMPLATES)],
            embed_images=True,
        )
        pages = {f"{r.name}.ipynb": _page(r) for r in self._readings}
        exporter.register_filter("report_links", partial(report_links, pages=pages))
        body, _ = exporter.from_notebook_node(
            reading.content, {"metadata": {"path": str(reading.folder)}}
        )
        return str(body)


def _page(reading: Reading) -> str:
    return f"{reading.name}.html"


def _caution(item: Caution | str) -> Caution:
    return Caution(code="", message=item) if isinstance(item, str) else item


def conclusions_json(content: Mapping[str, object]) -> str:
    """Write conclusions as JSON, the same text for the same conclusions.

    Parameters
    ----------
    content
        Plain values; the order of the keys is kept.

    Raises
    ------
    ReportError
        When a value is not plain: readers in other languages know no NaN.
    """
    _refuse_strange(content, "conclusions")
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _refuse_strange(value: object, place: str) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ReportError(f"{place} has the key {key!r}; keys in JSON are text.")
            _refuse_strange(item, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _refuse_strange(item, f"{place}[{number}]")
    elif value is not None and type(value) not in (str, bool, int, float):
        raise ReportError(
            f"{place} is a {type(value).__name__}; conclusions.json takes plain values only."
        )
    elif isinstance(value, float) and not -float("inf") < value < float("inf"):
        raise ReportError(f"{place} is {value}; write None for what is not known.")
