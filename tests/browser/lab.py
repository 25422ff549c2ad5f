"""A real JupyterLab and a real Chromium, shut off from the network and from this clone."""

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

CLONE = Path(__file__).resolve().parents[2]

# Sandboxing needs a user other than root; the rest keeps Chromium from calling home.
FLAGS = [
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
_READY_SECONDS = 60
_RUN_SECONDS = 120


def copy_clone(target: Path) -> Path:
    """Copy what notebooks need, laid out as in the clone."""
    for folder in ("notebooks", "data"):
        ignore = shutil.ignore_patterns(".ipynb_checkpoints")
        shutil.copytree(CLONE / folder, target / folder, ignore=ignore)
    return target


@dataclass(frozen=True)
class Lab:
    """A running server: where it is, its key, and the folder it serves."""

    url: str
    token: str
    notebooks: Path

    def get(self, path: str) -> Any:
        with urlopen(f"{self.url}{path}?token={self.token}", timeout=10) as answer:
            return json.load(answer)


@contextlib.contextmanager
def jupyterlab(notebooks: Path, private: Path) -> Iterator[Lab]:
    """Start JupyterLab in `notebooks`; `private` takes the place of the person's settings."""
    token = secrets.token_hex(16)
    _write_kernelspec(private / "share")
    # The question whether news are wanted has its own switch.
    config = private / "config" / "labconfig"
    config.mkdir(parents=True)
    announcements = "@jupyterlab/apputils-extension:announcements"
    (config / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {announcements: True}})
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        "--ServerApp.open_browser=False",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--IdentityProvider.token={token}",
        # Nothing is fetched: no news, no updates, no list of extensions.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--ServerApp.allow_root=True")
    log = private / "jupyterlab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=notebooks,
            env=_environment(private),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield Lab(_wait_for_server(process, private, token, log), token, notebooks)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(private: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"EVIDENCE_REVIEW", "MPLBACKEND"}}
    if kept.get("PYTHONPATH"):
        parts = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(str(Path(part).resolve()) for part in parts)
    return {
        **kept,
        # Searched before every other place, so this is the kernel that is used.
        "JUPYTER_PATH": str(private / "share"),
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "IPYTHONDIR": str(private / "ipython"),
    }


def _write_kernelspec(share: Path) -> None:
    folder = share / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(spec))


def _wait_for_server(process: subprocess.Popen[bytes], private: Path, token: str, log: Path) -> str:
    end = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < end:
        # The port in this file is the one that was free when it came to it.
        for path in (private / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(URLError, ValueError, OSError):
                url = str(json.loads(path.read_text())["url"]).rstrip("/")
                with urlopen(f"{url}/api/status?token={token}", timeout=5):
                    return url
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-4000:]}")


@dataclass
class Seen:
    """What is to be seen of a notebook after its cells were run; figures by their width."""

    prompts: list[str]
    errors: list[str]
    figures: list[float]
    text: str


class Browser:
    """Chromium, which is let through to this machine only and notes every other wish."""

    def __init__(self, engine: Any) -> None:
        self.context = engine.new_context(viewport={"width": 1280, "height": 900})
        self.refused: list[str] = []
        self.context.route("**/*", self._route)

    def _route(self, route: Any) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in {"data", "blob", "file"} or parts.hostname == "127.0.0.1":
            route.continue_()
        else:
            self.refused.append(route.request.url)
            route.abort()

    def run_notebook(self, lab: Lab, name: str, screenshot: Path) -> Seen:
        """Open a notebook by a double click, run all cells by the menu, and look."""
        page = self.context.new_page()
        # `reset` forgets the notebooks that an earlier test had open.
        page.goto(f"{lab.url}/lab?token={lab.token}&reset")
        page.locator(".jp-DirListing-item", has_text=name).dblclick(timeout=60_000)
        panel = page.locator(_PANEL)
        panel.locator(".jp-Cell").first.wait_for(timeout=60_000)
        # The indicator beside the notebook says idle before there is any kernel; the
        # status bar tells the truth. Before that, "Run" would ask which kernel to use.
        idle = page.locator("#jp-main-statusbar").get_by_text(re.compile(r"Python 3.*\| Idle"))
        idle.wait_for(timeout=60_000)
        self._refuse_dialog(page)
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        self._wait_until_done(page)
        seen = self._look(page)
        self._photograph(page, screenshot)
        page.close()
        return seen

    def _refuse_dialog(self, page: Any) -> None:
        dialogs = page.locator(".jp-Dialog").all_inner_texts()
        assert not dialogs, f"JupyterLab asks something: {dialogs}"

    # Texts are read as `textContent`: `innerText` is empty for cells out of view.

    def _wait_until_done(self, page: Any) -> None:
        # Idle alone is not the end: between two cells the kernel is idle as well.
        page.wait_for_function(
            """panel => {
                const root = document.querySelector(panel);
                const state = root.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status;
                const cells = [...root.querySelectorAll('.jp-CodeCell')].filter(
                    cell => cell.querySelector('.jp-InputArea-editor').textContent.trim());
                const prompts = cells.map(c => c.querySelector('.jp-InputArea-prompt').textContent);
                const red = '[data-mime-type$=".stderr"], [data-mime-type$=".error"]';
                const failed = [...root.querySelectorAll(red)].some(
                    output => output.textContent.includes('Traceback'));
                const asked = document.querySelector('.jp-Dialog');
                const numbered = prompts.every(prompt => /\\[\\d+\\]/.test(prompt));
                return asked || (state === 'idle' && prompts.length && (failed || numbered));
            }""",
            arg=_PANEL,
            timeout=_RUN_SECONDS * 1000,
        )
        self._refuse_dialog(page)

    def _look(self, page: Any) -> Seen:
        found = page.evaluate(
            """panel => {
                const root = document.querySelector(panel);
                const all = selector => [...root.querySelectorAll(selector)];
                return {
                    prompts: all('.jp-CodeCell .jp-InputArea-prompt').map(p => p.textContent),
                    // An error is shown as stderr is; warnings in red are not wanted either.
                    errors: all('[data-mime-type$=".stderr"], [data-mime-type$=".error"]')
                        .map(e => e.textContent),
                    figures: all('.jp-OutputArea-output :is(img, svg)')
                        .map(f => f.naturalWidth ?? f.getBoundingClientRect().width),
                    text: all('.jp-OutputArea-output').map(o => o.textContent).join('\\n'),
                };
            }""",
            _PANEL,
        )
        return Seen(**found)

    def _photograph(self, page: Any, path: Path) -> None:
        # A window as high as the notebook shows all of it in one picture.
        height = page.evaluate(
            "panel => document.querySelector(`${panel} .jp-WindowedPanel-outer`).scrollHeight",
            _PANEL,
        )
        page.set_viewport_size({"width": 1280, "height": min(height + 200, 12_000)})
        page.evaluate(
            "panel => document.querySelector(`${panel} .jp-WindowedPanel-outer`).scrollTo(0, 0)",
            _PANEL,
        )
        page.wait_for_timeout(500)
        page.screenshot(path=path)
