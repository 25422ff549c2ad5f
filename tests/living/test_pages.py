"""What readers see of a notebook, and what conclusions.json may hold."""

import base64
import json
from datetime import UTC, date, datetime
from pathlib import Path

import nbformat
import pytest
import standin

from evidence.errors import ReportError
from evidence.living.notebook import Executed
from evidence.living.page import Pages, conclusions_json
from evidence.living.reading import Reading, read_notebook, report_links


def reading(*outputs: dict[str, object], heading: str = "## Doses and *forms*") -> Reading:
    cell = nbformat.v4.new_code_cell("draw()", execution_count=3)
    cell.outputs = [nbformat.from_dict(output) for output in outputs]
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(heading), cell])
    return read_notebook(Executed(Path("/clone/notebooks/03-all-trials.ipynb"), content, 1.0))


def shown(data: dict[str, str], **metadata: object) -> dict[str, object]:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def png() -> str:
    return base64.b64encode(standin.PNG).decode()


def data_of(found: Reading) -> dict[str, str]:
    return dict(found.content.cells[1].outputs[0].data)


def test_title_comes_from_the_first_heading() -> None:
    assert (
        reading(heading="```\n# code\n```\n# All `trials` of [it](x)").title == "All trials of it"
    )
    found = reading(heading="## only a section")
    assert (found.title, found.has_heading) == ("All trials", False)


def test_stderr_is_left_out_and_kept_for_the_terminal() -> None:
    found = reading(
        {"output_type": "stream", "name": "stderr", "text": "\x1b[31mgrumble\x1b[0m"},
        {"output_type": "stream", "name": "stdout", "text": "kept"},
    )
    assert [output.text for output in found.content.cells[1].outputs] == ["kept"]
    assert [(item.cell, item.text) for item in found.stderr] == [(3, "grumble")]


@pytest.mark.parametrize(
    "text",
    [
        "<Axes: xlabel='g'>",
        "<Figure size 640x480 with 1 Axes>",
        "[<matplotlib.lines.Line2D at 0x7>]",
    ],
)
def test_names_of_drawing_objects_are_left_out(text: str) -> None:
    assert reading(shown({"text/plain": text})).content.cells[1].outputs == []


def test_a_result_in_plain_text_stays() -> None:
    assert data_of(reading(shown({"text/plain": "Figure 1: g = <0.3>"})))


@pytest.mark.parametrize(
    "output",
    [
        shown({"image/png": png()}, **{"image/png": {"alt": "mine"}}),
        shown({"image/png": png()}, alt="mine"),
        shown({"image/svg+xml": standin.SVG, "image/png": png()}, **{"image/png": {"alt": "mine"}}),
    ],
)
def test_a_description_is_used(output: dict[str, object]) -> None:
    found = reading(output)
    assert found.content.cells[1].outputs[0].metadata.alt == "mine"
    assert found.without_alt == ()


def test_an_image_in_html_gets_a_description_where_it_has_none() -> None:
    html = f"<p>x</p><img src='data:image/png;base64,{png()}'><img alt='mine' src='y'>"
    found = reading(shown({"text/html": html}))
    assert found.without_alt == (3,)
    assert 'alt="Figure of the section “Doses and forms”' in data_of(found)["text/html"]
    assert [(f.name, f.data) for f in found.figures] == [("03-all-trials-1.png", standin.PNG)]


def test_figures_are_numbered_and_kept_in_one_form_each() -> None:
    found = reading(
        shown({"image/svg+xml": standin.SVG, "image/png": png()}),
        shown({"image/png": png()}),
        shown({"text/html": f"<figure>{standin.SVG}</figure>"}),
    )
    names = ["03-all-trials-1.svg", "03-all-trials-2.png", "03-all-trials-3.svg"]
    assert [figure.name for figure in found.figures] == names
    assert found.figures[2].data.decode() == standin.SVG


def test_controls_are_replaced_by_a_sentence() -> None:
    widget = {"application/vnd.jupyter.widget-view+json": "{}", "text/plain": "IntSlider(value=3)"}
    assert data_of(reading(shown(widget))) == {
        "text/html": "<p>Here JupyterLab shows controls to try values with.</p>"
    }


def test_what_was_executed_is_not_changed() -> None:
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", execution_count=1)])
    content.cells[0].outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="x"),
        nbformat.v4.new_output("display_data", data={"image/png": png()}),
    ]
    before = json.dumps(content)
    read_notebook(Executed(Path("a.ipynb"), content, 1.0))
    assert json.dumps(content) == before


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="02-b.ipynb">b</a>', '<a href="02-b.html">b</a>'),
        ('<a href="./02-b.ipynb#x" title="t">b</a>', '<a href="02-b.html#x" title="t">b</a>'),
        ('<a href="02%2Db.ipynb">b</a>', '<a href="02-b.html">b</a>'),
        ('<a href="#here">b</a>', '<a href="#here">b</a>'),
        ('<a href="https://example.org/a">b</a>', '<a href="https://example.org/a">b</a>'),
        ('<a href="../data/README.md"><em>b</em></a>', "<em>b</em>"),
        ('<a href="99-gone.ipynb">b</a>', "b"),
    ],
)
def test_links_between_notebooks(html: str, expected: str) -> None:
    assert report_links(html, {"02-b.ipynb": "02-b.html"}) == expected


def test_conclusions_keep_their_order_and_letters() -> None:
    text = conclusions_json({"b": [1, 2.5, None, True], "a": {"é": "µ"}})
    assert text.endswith("}\n")
    assert list(json.loads(text)) == ["b", "a"]
    assert "µ" in text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [1, float("nan")]}, r"conclusions\.a\[1\] is nan; write None"),
        ({"a": float("-inf")}, "is -inf"),
        ({"a": Path("x")}, "is a PosixPath"),
        ({1: "a"}, "has the key 1"),
    ],
)
def test_conclusions_take_plain_values_only(value: dict[str, object], words: str) -> None:
    with pytest.raises(ReportError, match=words):
        conclusions_json(value)


@pytest.mark.parametrize(
    ("searched", "said"),
    [
        (date(2020, 1, 31), "Old evidence: it was searched for until 2020-01-31, 60 months before"),
        (date(2024, 12, 1), ""),
        (None, "No date of a search is recorded."),
    ],
)
def test_every_page_says_at_its_top_that_evidence_is_old(searched: date | None, said: str) -> None:
    review = standin.review(Path("/clone/data/trial-review"))
    review.plan.searched_until = searched
    found = reading()
    pages = Pages(review, datetime(2025, 1, 31, 12, tzinfo=UTC), [found])
    of_notebook = pages.notebook(found)
    of_report = pages.index(standin.conclusions(), standin.SVG, "a figure")
    assert (said in of_notebook) if said else ('role="note"' not in of_notebook)
    assert said in of_report
    assert "The newest trial with results is from 2020 (Smith 2020)" in of_report
    # Before everything else that the page says.
    assert of_report.index('role="note"') < of_report.index('class="bottom-line"')
