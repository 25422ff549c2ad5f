import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import lab as labs


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """The system's Chromium; without it these tests are skipped, unless they are required."""
    path = labs.find_chromium()
    if path is None:
        reason = f"no Chromium found (looked for {', '.join(labs.CHROMIUM)}): install one to run"
        if os.environ.get("EVIDENCE_BROWSER_TESTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=labs.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium: object) -> Iterator[labs.Browser]:
    browser = labs.Browser(chromium)
    yield browser
    browser.context.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go; EVIDENCE_SCREENSHOTS names a folder to keep them in."""
    kept = os.environ.get("EVIDENCE_SCREENSHOTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> object:
    """Print past pytest's capture: the path of a picture is for the person who runs this."""

    def show(path: Path) -> None:
        with capsys.disabled():
            print(f"\nscreenshot: {path}")

    return show
