"""A real browser, for pictures of pages and for tests of them: Chromium from PATH, or as `chromium.py` fetched it."""

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias, cast

PATIENCE = 30.0
PROGRAMS = ("chromium", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FETCHED = Path(__file__).resolve().parent.parent / ".tools" / "chromium" / "chromium"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip

Fields: TypeAlias = "dict[str, object]"


class Browser:
    """Chromium, spoken to in its DevTools protocol: JSON documents with a zero byte after each."""

    def __init__(self, ask: IO[bytes], answer: IO[bytes]) -> None:
        self._ask: IO[bytes] = ask
        self._answer: IO[bytes] = answer
        self._number: int = 0
        self._page: Fields = {}

    def open(self, url: str, width: int, height: int, scale: float) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._page = {"sessionId": self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                  mobile=False)  # fmt: skip
        self.call("Page.navigate", url=url)

    def wait_for(self, condition: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.evaluate(f"Boolean({condition})"):
            if time.monotonic() > deadline:
                sys.exit(f"The page never came to {condition!r}.")
            time.sleep(0.1)

    def evaluate(self, expression: str) -> object:
        """What an expression comes to in the page, where that is no object."""
        return cast("Fields", self.call("Runtime.evaluate", expression=expression)["result"]).get("value")

    def picture(self) -> bytes:
        """What is to be seen a second from now: it scrolls to the operation, and what it shows fades in."""
        time.sleep(1)
        return base64.b64decode(str(self.call("Page.captureScreenshot", format="webp", quality=85)["data"]))

    def call(self, method: str, **params: object) -> Fields:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params, **self._page}
        self._ask.write(json.dumps(message).encode() + b"\0")
        self._ask.flush()
        while True:
            answer = cast("Fields", json.loads(self._receive()))
            if answer.get("id") == self._number:
                return cast("Fields", answer["result"])

    def _receive(self) -> bytes:
        text = bytearray()
        while (byte := self._answer.read(1)) != b"\0":
            if not byte:
                sys.exit("The browser went away.")
            text += byte
        return bytes(text)


def find() -> str | None:
    """The program, where there is one."""
    return next(filter(None, map(shutil.which, (*PROGRAMS, str(FETCHED)))), None)


@contextmanager
def browser(names: str = "") -> Generator[Browser]:
    """Chromium, which reaches nothing over the network but what `names` maps, such as `MAP example.org 127.0.0.1`."""
    program = find() or sys.exit("There is no Chromium on PATH, and none was fetched.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        only = f"--host-resolver-rules={names}, MAP * ~NOTFOUND".replace("=, ", "=")
        # It reads from descriptor 3 and answers on 4.
        command = ["sh", "-c", 'exec "$@" 3<&0 4>&1', "sh", program, *FLAGS, only, f"--user-data-dir={profile}"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            try:
                yield Browser(cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))
            finally:
                process.terminate()
