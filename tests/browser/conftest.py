import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import lab as labs


@pytest.fixture(scope="session")
def engine(chromium: str) -> Iterator[object]:
    """The system's Chromium, started."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=labs.FLAGS)
        yield started
        started.close()


@pytest.fixture
def browser(engine: object) -> Iterator[labs.Browser]:
    browser = labs.Browser(engine)
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
