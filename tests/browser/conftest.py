"""A real Chromium and real Streamlit servers for the browser tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard.lines import sample_line
from engine import SERVER_ENVIRONMENT, Store, sample_index
from engine.analyst import read_kept

INSTALL = "apt-get install chromium"
DASHBOARD = Path(__file__).parents[2] / "dashboard" / "app.py"
PATIENCE = 120  # seconds, for machines that do other things too

expect.set_options(timeout=PATIENCE * 500)

# The first: WebGL, drawn by software for want of a graphics card; the second: no WebGL at all.
WEBGL = ("--no-sandbox", "--enable-unsafe-swiftshader")
NO_WEBGL = ("--no-sandbox", "--disable-3d-apis")
# Where the viewer asks who draws, a graphics card answers: what has one draws by WebGL, however long it takes here.
A_CARD = """for (const { prototype } of [WebGLRenderingContext, WebGL2RenderingContext]) {
  const asked = prototype.getParameter;
  prototype.getParameter = function (name) {
    return name === 0x9246 /* UNMASKED_RENDERER_WEBGL */ ? "a graphics card" : asked.call(this, name);
  };
}"""


def chromium_program() -> str:
    """Where Chromium lies; a failure under CI and a loud skip elsewhere when it is missing."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing = f"Chromium is missing: {INSTALL}"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return program


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Start Chromium with given arguments, once for each set of them."""
    program = chromium_program()
    started: dict[tuple[str, ...], Browser] = {}
    with sync_playwright() as playwright:

        def start(*arguments: str) -> Browser:
            if arguments not in started:
                started[arguments] = playwright.chromium.launch(executable_path=program, args=list(arguments))
            return started[arguments]

        yield start
        for browser in started.values():
            browser.close()


@pytest.fixture(scope="session")
def chromium(launch: Callable[..., Browser]) -> Browser:
    """Chromium with WebGL drawn by software."""
    return launch(*WEBGL)


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages of a given size; the test fails on any uncaught error in their JavaScript, and on all that is refused.

    What the Content Security Policy refuses the browser writes to its console.
    """
    contexts, faults = [], []

    def open_page(
        *,
        width: int = 1280,
        height: int = 900,
        browser: Browser = chromium,
        theme: Literal["dark", "light"] = "dark",
        locale: str = "en-US",
        card: bool = False,
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, locale=locale)
        contexts.append(context)
        if theme == "light":  # as chosen in the menu
            context.add_init_script("localStorage[`stActiveTheme-${location.pathname}-v2`] = '\"Light\"'")
        if card:
            context.add_init_script(A_CARD)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installation keeps once its samples have been read; servers begin with a copy and need not read them."""
    folder = tmp_path_factory.mktemp("installation") / "home"
    store = Store(folder)
    store.cases.add_samples([sample_line(entry) for entry in sample_index()])
    while (case_id := store.cases.next_waiting()) is not None:
        read_kept(store, case_id)
    store.close()
    return folder


@pytest.fixture(scope="session")
def serve_streamlit(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Callable[[Path], str]]:
    """Serve a script by a real ``streamlit run``, away from the checkout; gives its address. Once for each script."""
    servers: dict[Path, tuple[subprocess.Popen[bytes], str]] = {}

    def serve(script: Path) -> str:
        if script not in servers:
            servers[script] = start_server(script, furnished(tmp_path_factory.mktemp("server"), home))
        return servers[script][1]

    yield serve
    for process, _ in servers.values():
        end(process)


@pytest.fixture(scope="module")
def own_address(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[str]:
    """Where a dashboard is served for one module alone, whose cases and readers nobody else sees."""
    process, address = start_server(DASHBOARD, furnished(tmp_path_factory.mktemp("server"), home))
    yield address
    end(process)


def furnished(folder: Path, home: Path) -> Path:
    """Put a copy of what an installation keeps where a server looks for it."""
    shutil.copytree(home, folder / "home")
    return folder


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to end, and see that it does."""
    process.terminate()
    process.wait(timeout=10)


def start_server(
    script: Path, folder: Path, program: Sequence[str] = (), environment: Mapping[str, str] = MappingProxyType({})
) -> tuple[subprocess.Popen[bytes], str]:
    """Start Streamlit on a free port, with what it keeps in the folder's ``home``, and wait until it answers.

    Parameters
    ----------
    program : sequence of str
        What Python runs instead of the dashboard itself.
    environment : mapping of str to str
        What the server finds there beside the usual.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    flags += ["--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
    flags += ["--server.disconnectedSessionTTL=1"]  # what a test began does not go on beside the next
    log = folder / "streamlit.log"
    with log.open("wb") as sink:
        usual = ["-m", "dashboard"] if script == DASHBOARD else ["-m", "streamlit", "run", str(script)]
        command = [sys.executable, *(program or usual), *flags]
        kept = {"ATTENDING_HOME": str(folder / "home")}  # never the user's own
        found = os.environ | kept | SERVER_ENVIRONMENT | environment
        process = subprocess.Popen(command, cwd=folder, env=found, stdout=sink, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):  # noqa: S310
                return process, address
        except OSError:
            time.sleep(0.1)
    process.kill()
    pytest.fail(f"Streamlit did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: ATTENDING_SCREENSHOTS, or a temporary folder."""
    folder = os.environ.get("ATTENDING_SCREENSHOTS")
    if folder is None:
        return tmp_path_factory.mktemp("screenshots")
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="session")
def address(serve_streamlit: Callable[..., str]) -> str:
    """Where the dashboard is served."""
    return serve_streamlit(DASHBOARD)
