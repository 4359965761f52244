"""A browser, driven over the WebDriver protocol (W3C) with the standard library."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any


__all__ = ["Browser", "open_browser"]

REMEDY = "install them: apt-get install chromium chromium-driver"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=en-GB",
)
TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"
LEFT, RIGHT = "\ue012", "\ue014"


class Browser:
    """A session with a browser."""

    def __init__(self, port: int, arguments: tuple[str, ...]) -> None:
        self._port = port
        options = {
            "args": list(arguments),
            "binary": _program("chromium"),
        }
        wanted = {
            "alwaysMatch": {
                "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                # A machine that is used by others loads Python in the page for long.
                "timeouts": {"script": 110_000},
                "unhandledPromptBehavior": "ignore",
            }
        }
        session = self._ask("POST", "/session", {"capabilities": wanted})
        self._session = f"/session/{session['sessionId']}"

    def open(self, path: Path) -> None:
        """Open a file."""
        self.command("url", url=path.as_uri())

    def run(self, script: str, *arguments: object) -> Any:
        """Run the body of a function in the page, and return what it returns."""
        return self.command("execute/sync", script=script, args=list(arguments))

    def wait(self, script: str) -> Any:
        """Run the body of a function whose last argument is to be called when done."""
        return self.command("execute/async", script=script, args=[])

    def settled(self) -> None:
        """Wait until the page has drawn what it was asked for."""
        self.wait(
            "const done = arguments[0];"
            "requestAnimationFrame(() => requestAnimationFrame(() => done(1)));"
        )

    def press(self, *keys: str) -> None:
        """Press keys, one after another, where the focus is."""
        actions = [
            {"type": kind, "value": key}
            for key in keys
            for kind in ("keyDown", "keyUp")
        ]
        source = {"type": "key", "id": "keys", "actions": actions}
        self.command("actions", actions=[source])
        self.settled()

    def resize(self, width: int, height: int) -> None:
        """Give the page a size, down to that of a telephone."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.settled()

    def prefer(self, scheme: str, *, media: str = "") -> None:
        """Have the system prefer `light` or `dark`, on the screen or in `print`."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.devtools("Emulation.setEmulatedMedia", media=media, features=[feature])

    def devtools(self, name: str, **parameters: object) -> Any:
        """Send a command of the DevTools protocol, which may be sent twice.

        Right after a page was opened a busy driver now and then gives up at once.
        """
        command = partial(self.command, "goog/cdp/execute", cmd=name, params=parameters)
        try:
            return command()
        except RuntimeError as error:
            if "timeout: timeout" not in str(error):
                raise
            return command()

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Keep a picture of what is seen, or of the whole page."""
        taken = self.devtools(
            "Page.captureScreenshot", format="png", captureBeyondViewport=whole
        )
        path.write_bytes(base64.b64decode(taken["data"]))

    def printed(self) -> bytes:
        """Return the page as PDF."""
        return base64.b64decode(self.command("print"))

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Return what was logged since the last call: `browser` or `performance`."""
        found: list[dict[str, Any]] = self.command("se/log", type=kind)
        return found

    def prompt(self) -> str | None:
        """Return the text of an open dialogue, if there is one."""
        try:
            text = self._ask("GET", f"{self._session}/alert/text", None)
        except RuntimeError:
            return None
        return str(text)

    def command(self, name: str, **parameters: object) -> Any:
        """Send a command of the session."""
        return self._ask("POST", f"{self._session}/{name}", parameters)

    def close(self) -> None:
        """End the session."""
        self._ask("DELETE", self._session, None)

    def _ask(self, method: str, path: str, body: object) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(f"{path}: {value['error']}: {value['message']}")
        return value


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start a browser with a fresh profile, and end it."""
    profile = tempfile.mkdtemp(prefix="browser-")
    port = _free_port()
    driver = subprocess.Popen(
        [_program("chromedriver"), f"--port={port}", "--log-level=SEVERE"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(port)
        browser = Browser(port, (*ARGUMENTS, f"--user-data-dir={profile}"))
        try:
            yield browser
        finally:
            browser.close()
    finally:
        driver.terminate()
        driver.wait(timeout=30)
        shutil.rmtree(profile, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed; {REMEDY}")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int) -> None:
    """Wait until something listens."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the driver of the browser did not start within ten seconds")
