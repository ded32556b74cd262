"""Checks of the service while it runs: that it boots, the walk through it, fuzzing by its document, and its end."""

import re
import socket
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress

import msgspec

from newapi.verify import tools
from newapi.verify.check import Check
from newapi.verify.checks.project import RUNNING, SILENT, says
from newapi.verify.contract import filled
from newapi.verify.site import GRACE, HOST, Served, Site, answers, fetched, listens
from newapi.verify.subject import Finding

COMPLAINTS = re.compile(r"(?i)\b(warning|error|critical|traceback|exception)\b")
SMOKE_TIMEOUT, FUZZ_TIMEOUT = 180.0, 300.0
EXAMPLES = 15  # requests for each operation and phase of the fuzzing
SEED = 1  # the same requests every time: a result that is kept has to mean something
IN_FLIGHT = 8  # requests whose body is still on its way when the service is told to end
SETTLING = 0.3  # seconds for the service to notice what has just been sent


def boot(site: Site) -> Finding:
    """It gets ready in time, complains of nothing while it does, and ends with exit code 0 when it is told to."""
    with site.serving() as served:
        complaints = [line for line in served.said().splitlines() if COMPLAINTS.search(line)]
        if complaints:
            return Finding("While it starts it complains:\n" + "\n".join(complaints))
        return Finding(_end(served))


def journey(site: Site) -> Finding:
    """The walk that ships with the service goes through, from its first step to its last."""
    with site.serving() as served:
        walked = site.run(filled(site.subject.contract.smoke, _places(served)), SMOKE_TIMEOUT)
        note = ", ".join(SILENT.findall(walked.output))
        if walked.code:
            return Finding(f"{walked.output}\n\nThe service said:\n{served.said()}", note)
        return Finding(_end(served), note)


def fuzz(site: Site) -> Finding:
    """No request that its document describes, and none that it does not, gets a 5xx or an undocumented answer."""
    terms = site.subject.contract
    with site.serving() as served:
        allowed = site.run(filled(terms.headers, _places(served)), 60) if terms.headers else None
        if allowed and allowed.code:
            return Finding(f"`headers` of the template fails:\n{allowed.output}\n\nThe service said:\n{served.said()}")
        headers = allowed.output.splitlines() if allowed else []
        command = (
            *tools.tool("schemathesis"), "run", served.url + terms.document, "--no-color", "--seed", str(SEED),
            "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--request-timeout", "20",
            *(word for header in headers if ":" in header for word in ("--header", header)),
        )  # fmt: skip
        done = site.run(command, FUZZ_TIMEOUT)
        return Finding(f"{done.output}\n\nThe service said:\n{served.said()}" if done.code else "")


def drain(site: Site) -> Finding:
    """Told to end under load, it answers what it has begun, ends in time with 0; killed, it leaves nothing behind."""
    with site.serving() as served:
        problem, note = _drain(served, site.subject.contract.ready, _operation(served, site))
    if problem:
        return Finding(problem, note)
    with site.serving() as served:
        served.program.kill()
        until = time.monotonic() + GRACE
        while listens(served.port) and time.monotonic() < until:
            time.sleep(0.1)
        left = listens(served.port)
    return Finding(f"Killed, it leaves a process that listens on its port after {GRACE:.0f} s." if left else "", note)


def _drain(served: Served, ready: str, path: str) -> tuple[str, str]:
    note = "" if path else "it takes no body anywhere, so no request could be in flight"
    with _load(served, ready) as lost, ExitStack() as stack:
        waiting = [stack.enter_context(_half_sent(served, path)) for _ in range(IN_FLIGHT if path else 0)]
        time.sleep(SETTLING)
        lost_before = list(lost)
        served.program.terminate()
        time.sleep(SETTLING)
        unanswered = sum(not _answered(connection) for connection in waiting)
        problem = _ended(served)
    if lost_before:
        return f"Under load, before it was told to end, requests failed: {lost_before[0]}\n{served.said()}", note
    if unanswered:
        return f"Told to end, it left {unanswered} of {IN_FLIGHT} requests unanswered.\n{served.said()}", note
    return problem, note


def _end(served: Served) -> str:
    """Tell it to end; what is wrong about how it does."""
    served.program.terminate()
    return _ended(served)


def _ended(served: Served) -> str:
    code = served.program.wait(GRACE)
    if code is None:
        return f"Told to end, it still runs after {GRACE:.0f} s:\n{served.said()}"
    return f"Told to end, it ends with exit code {code}:\n{served.said()}" if code else ""


@contextmanager
def _load(served: Served, path: str) -> Generator[list[str]]:
    """Two clients that ask without a pause; yields what they were not answered."""
    over, lost = threading.Event(), list[str]()

    def ask() -> None:
        while not over.is_set():
            if not answers(served.url + path) and not over.is_set():
                lost.append(f"GET {path} was not answered")
                over.wait(0.05)

    clients = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
    for client in clients:
        client.start()
    try:
        yield lost
    finally:
        over.set()
        for client in clients:
            client.join()


@contextmanager
def _half_sent(served: Served, path: str) -> Generator[socket.socket]:
    """A request whose body has begun and not ended."""
    head = f"POST {path} HTTP/1.1\r\nhost: {HOST}:{served.port}\r\ncontent-type: application/json\r\n"
    with socket.create_connection((HOST, served.port), timeout=GRACE) as connection:
        connection.sendall(f"{head}content-length: 2\r\n\r\n".encode() + b"{")
        yield connection


def _answered(connection: socket.socket) -> bool:
    """Send the rest; whether any answer comes, were it only that the body is no good."""
    with suppress(OSError):
        connection.sendall(b"}")
        return connection.recv(16).startswith(b"HTTP/1.")
    return False


class _Operation(msgspec.Struct, frozen=True, rename="camel"):
    request_body: msgspec.Raw | None = None
    security: list[dict[str, list[str]]] | None = None


class _Document(msgspec.Struct, frozen=True):
    paths: dict[str, dict[str, msgspec.Raw]] = {}
    security: list[dict[str, list[str]]] = []


def _operation(served: Served, site: Site) -> str:
    """A path to which anybody may post a body, by the service's own document; empty where there is none."""
    place = site.subject.contract.document
    if not place:
        return ""
    with suppress(OSError, msgspec.DecodeError):
        document = msgspec.json.decode(fetched(served.url + place), type=_Document)
        for path, operations in document.paths.items():
            post = msgspec.json.decode(operations.get("post", msgspec.Raw(b"{}")), type=_Operation)
            needed = document.security if post.security is None else post.security
            if post.request_body is not None and "{" not in path and (not needed or {} in needed):
                return path
    return ""


def _places(served: Served) -> dict[str, str]:
    return {"url": served.url, "port": str(served.port)}


CHECKS = (
    Check(
        name="boot",
        tier="full",
        about="starts as it does in production, gets ready without a complaint, ends with 0",
        reads=RUNNING.without(("tests/*",)),
        seconds=3,
        absent=says("serve", "ready"),
        run=boot,
        served=True,
    ),
    Check(
        name="journey",
        tier="full",
        about="the walk over HTTP that ships with the service",
        reads=RUNNING,
        seconds=8,
        absent=says("serve", "ready", "smoke"),
        run=journey,
        served=True,
    ),
    Check(
        name="fuzz",
        tier="full",
        about="requests made of its OpenAPI document: no 5xx, every answer as documented",
        reads=RUNNING,
        seconds=15,
        absent=says("serve", "ready", "document"),
        run=fuzz,
        served=True,
        tools=("schemathesis",),
    ),
    Check(
        name="drain",
        tier="full",
        about="SIGTERM under load loses no request in flight; SIGKILL leaves nothing behind",
        reads=RUNNING.without(("tests/*",)),
        seconds=6,
        absent=says("serve", "ready"),
        run=drain,
        served=True,
    ),
)
