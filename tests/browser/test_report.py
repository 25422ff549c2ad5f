"""The report as a person opens it: a file in a browser, wide and narrow, offline."""

import io
from pathlib import Path

import lab as labs
import pytest
from rich.console import Console

from evidence.living.progress import RunProgress
from evidence.living.run import run_report

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the worked case."""
    folder = tmp_path_factory.mktemp("report") / "magnesium-sleep"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "Agg")
        with RunProgress(Console(file=io.StringIO())) as progress:
            run_report(labs.CLONE / "data/magnesium-sleep", progress=progress, output=folder)
    return folder


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (400, "dark")])
def test_every_page(report: Path, engine, screenshots: Path, show, width: int, scheme: str) -> None:
    context = engine.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    requests: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in [report / "index.html", *sorted((report / "notebooks").glob("*.html"))]:
        page.goto(path.as_uri())
        picture = screenshots / f"report-{path.stem}-{width}.png"
        page.screenshot(path=picture, full_page=True)
        show(picture)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
        assert page.locator("h1").count() == 1
        images = page.evaluate("[...document.images].map(i => [i.alt, i.naturalWidth])")
        assert all(alt and natural > 100 for alt, natural in images)
    assert said == []
    assert all(url.startswith(("file:", "data:")) for url in requests)
    context.close()


def test_the_index_shows_the_answer_and_leads_on(report: Path, engine) -> None:
    context = engine.new_context()
    page = context.new_page()
    page.goto((report / "index.html").as_uri())
    assert page.locator(".bottom-line").inner_text().strip()
    assert page.locator("figure img").count() == 1
    assert page.locator("table.evidence").count() >= 1
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.get_by_role("navigation").get_by_role("link").nth(1).click()
    assert page.url.startswith((report / "notebooks").as_uri())
    code = page.locator("details.code").first
    assert not code.locator("pre").is_visible()
    code.locator("summary").click()
    assert code.locator("pre").is_visible()
    context.close()
