"""What all tests share: a browser for those that need one, and a quiet, repeatable set-up."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "Agg")

settings.register_profile("evidence", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("evidence")

_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def _find_browser() -> str | None:
    names = filter(None, (os.environ.get("EVIDENCE_CHROMIUM"), *_BROWSERS))
    return next((path for path in map(shutil.which, names) if path), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a browser test where there is no browser, unless browser tests are required."""
    if item.get_closest_marker("browser") is None or _find_browser():
        return
    reason = (
        "needs Chromium, and none was found; install it (Debian: sudo apt install chromium) "
        "or set EVIDENCE_CHROMIUM to its path"
    )
    if os.environ.get("EVIDENCE_BROWSER_TESTS") == "required":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium, for playwright's `executable_path`."""
    path = _find_browser()
    assert path, "only tests marked `browser` may ask for Chromium"
    return path


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
