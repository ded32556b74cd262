"""Checks of the service while it runs: that it boots, the walk through it, fuzzing by its document, and its end."""

import re
import socket
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from newapi.template import Contract
from newapi.verify import tools
from newapi.verify.check import Check
from newapi.verify.checks.document import Post, a_post
from newapi.verify.checks.project import RUNNING, SILENT, left, says
from newapi.verify.contract import filled
from newapi.verify.place import HOST
from newapi.verify.site import NotReadyError, Served, Site, answers, fetched, listens
from newapi.verify.subject import Finding

COMPLAINTS = re.compile(r"(?i)\b(warning|error|critical|traceback|exception)\b")
FAILURES = re.compile(r"(?s)=+ (?:FAILURES|ERRORS) =+\n(.*?)\n=+ [A-Z]+ =+\n")
DENIED = re.compile(r"Authentication failed: (\d+) operation")
ASKED = re.compile(r"Selected: (\d+)/")
COUNTS = re.compile(r"(?s)\n((?:Failures|Errors):\n.*?)\n\n")
SMOKE_TIMEOUT, FUZZ_TIMEOUT = 180.0, 300.0
EXAMPLES = 15  # requests for each operation and phase of the fuzzing
SEED = 1  # the same requests every time: a result that is kept has to mean something
IN_FLIGHT = 8  # requests whose body is still on its way when the service is told to end
ANSWER = 15.0  # seconds for one answer
STATUS = re.compile(rb"HTTP/1\.\d (\d{3})")
ERROR = 500  # the first status that says that the service is at fault
SETTLING = 0.3  # seconds for the service to notice what has just been sent


def boot(site: Site) -> Finding:
    """It gets ready in time, complains of nothing while it does, and ends with exit code 0 when it is told to."""
    with site.serving() as served:
        complaints = [line for line in served.said().splitlines() if COMPLAINTS.search(line)]
        if complaints:
            return Finding("While it starts it complains:\n" + "\n".join(complaints))
        return Finding(_end(served, site))


def journey(site: Site) -> Finding:
    """The walk that ships with the service goes through, from its first step to its last."""
    with site.serving() as served:
        walked = site.run(filled(site.subject.contract.smoke, _places(served)), SMOKE_TIMEOUT)
        note = ", ".join(SILENT.findall(walked.output))
        if walked.code:
            return Finding(f"{walked.output}\n\nThe service said:\n{served.said()}", note)
        return Finding(_end(served, site) or left("The service and its walk", site), note)


def fuzz(site: Site) -> Finding:
    """No request that its document describes, and none that it does not, gets a 5xx or an undocumented answer.

    What ends the right to use the service is asked last, with a right of its own.
    """
    last = site.subject.contract.last
    rounds = [("--exclude-path-regex", last), ("--include-path-regex", last)] if last else [()]
    with site.serving() as served:
        for chosen in rounds:
            headers = [word for line in _headers(site, served) for word in ("--header", line)]
            done = site.run((*_schemathesis(site, served), *chosen, *headers), FUZZ_TIMEOUT)
            if done.code:
                logged = "\n".join(line for line in served.said(10_000).splitlines() if COMPLAINTS.search(line))
                told = _told(done.output)
                return Finding(f"The service complained:\n{logged}\n\n{told}" if logged else told)
            if headers and chosen == rounds[0] and (denied := _denied(done.output)):
                return Finding(denied)
    return Finding()


def _denied(output: str) -> str:
    """Most operations denied access to whoever had the right to it: then nothing of them was asked."""
    denied, asked = DENIED.search(output), ASKED.search(output)
    if not denied or not asked or int(denied[1]) * 2 < int(asked[1]):
        return ""
    return (
        f"{denied[1]} of {asked[1]} operations answered nothing but 401 and 403, whatever `headers` of the template got."
        " Paths that end the right to use the service belong into `last`."
    )


def _told(output: str) -> str:
    """What fails: without the progress before it, and what there is to know of the run after it."""
    failures, counts = FAILURES.search(output), COUNTS.search(output)
    return "\n".join(found.group(1).strip() for found in (failures, counts) if found) or output


def _schemathesis(site: Site, served: Served) -> tuple[str, ...]:
    return (
        *tools.tool("schemathesis"), "run", served.url + site.subject.contract.document, "--no-color",
        "--seed", str(SEED), "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES),
        "--request-timeout", "20", "--warnings", "missing_auth",
    )  # fmt: skip


def _headers(site: Site, served: Served) -> list[str]:
    """Whatever a request needs to be allowed, each `Name: value`; raises NotReadyError where it cannot be had."""
    command = filled(site.subject.contract.headers, _places(served))
    if not command:
        return []
    done = site.run(command, 60)
    if done.code:
        raise NotReadyError(f"`{command}`, which gets the right to use it, fails:\n{done.output}\n{served.said()}")
    return [line for line in done.output.splitlines() if ": " in line]


def drain(site: Site) -> Finding:
    """Told to end under load, it answers what it has begun, ends in time with 0; killed, it leaves nothing behind."""
    with site.serving() as served:
        problem, note = _drain(served, site.subject.contract, *_a_post(served, site))
    if problem:
        return Finding(problem, note)
    with site.serving() as served:
        served.program.kill()
        patience = site.subject.contract.stop
        until = time.monotonic() + patience
        while listens(served.port) and time.monotonic() < until:
            time.sleep(0.1)
        left = listens(served.port)
    return Finding(
        f"Killed, it leaves a process that listens on its port after {patience:.0f} s." if left else "", note
    )


def _drain(served: Served, terms: Contract, post: Post | None, headers: Sequence[str]) -> tuple[str, str]:
    note = "" if post else "it takes no body anywhere, so no request could be in flight"
    with _load(served, terms.ready) as lost, ExitStack() as stack:
        begun = [stack.enter_context(_half_sent(served, post, headers)) for _ in range(IN_FLIGHT)] if post else []
        time.sleep(SETTLING)
        lost_before = list(lost)
        served.program.terminate()
        time.sleep(SETTLING)
        statuses = [_status(connection, post.body[1:]) for connection in begun] if post else []
        problem = _ended(served, terms.stop)
    if lost_before:
        return f"Under load, before it was told to end, requests failed: {lost_before[0]}\n{served.said()}", note
    if unanswered := statuses.count(0):
        return f"Told to end, it left {unanswered} of {IN_FLIGHT} requests unanswered.\n{served.said()}", note
    if wrong := [status for status in statuses if status >= ERROR]:
        return f"Told to end, it answered {len(wrong)} of {IN_FLIGHT} requests with {wrong[0]}.\n{served.said()}", note
    return problem, note


def _end(served: Served, site: Site) -> str:
    """Tell it to end; what is wrong about how it does."""
    served.program.terminate()
    return _ended(served, site.subject.contract.stop)


def _ended(served: Served, patience: float) -> str:
    code = served.program.wait(patience)
    if code is None:
        return f"Told to end, it still runs after {patience:.0f} s:\n{served.said()}"
    if not code and listens(served.port):
        return f"Told to end, it leaves a process that listens on its port:\n{served.said()}"
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
def _half_sent(served: Served, post: Post, headers: Sequence[str]) -> Generator[socket.socket]:
    """A request whose body has begun and not ended."""
    lines = (f"POST {post.path} HTTP/1.1", f"host: {HOST}:{served.port}", "content-type: application/json", *headers)
    head = "\r\n".join((*lines, f"content-length: {len(post.body)}", "", ""))
    with socket.create_connection((HOST, served.port), timeout=ANSWER) as connection:
        connection.sendall(head.encode() + post.body[:1])
        yield connection


def _status(connection: socket.socket, rest: bytes) -> int:
    """Send the rest; the status of the answer, were it only that the body is no good, or 0 where there is none."""
    with suppress(OSError), connection.makefile("rb") as answer:
        connection.sendall(rest)
        found = STATUS.match(answer.readline())
        return int(found[1]) if found else 0
    return 0


def _a_post(served: Served, site: Site) -> tuple[Post | None, list[str]]:
    """A request with a body, by the service's own document, and the headers with which it may be made."""
    place = site.subject.contract.document
    headers = _headers(site, served)
    with suppress(OSError):
        return a_post(fetched(served.url + place), allowed=bool(headers)) if place else None, headers
    return None, headers


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
        about="the walk over HTTP that ships with the service, nothing left behind",
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
