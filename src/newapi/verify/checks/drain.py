"""The end of a service: told to, under load; and killed."""

import re
import socket
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from newapi.template import Contract
from newapi.verify.check import Check
from newapi.verify.checks.document import Post, a_post
from newapi.verify.checks.project import RUNNING, says
from newapi.verify.checks.service import ended, headers_of
from newapi.verify.place import HOST
from newapi.verify.site import Served, Site, answers, fetched, listens
from newapi.verify.subject import Finding

IN_FLIGHT = 8  # requests whose body is still on its way when the service is told to end
ANSWER = 15.0  # seconds for one answer
STATUS = re.compile(rb"HTTP/1\.\d (\d{3})")
ERROR = 500  # the first status that says that the service is at fault
SETTLING = 1.0  # seconds for the service, on a busy machine too, to notice what has just been sent


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
        problem = ended(served, terms.stop)
    if lost_before:
        return f"Under load, before it was told to end, requests failed: {lost_before[0]}\n{served.said()}", note
    if unanswered := statuses.count(0):
        return f"Told to end, it left {unanswered} of {IN_FLIGHT} requests unanswered.\n{served.said()}", note
    if wrong := [status for status in statuses if status >= ERROR]:
        return f"Told to end, it answered {len(wrong)} of {IN_FLIGHT} requests with {wrong[0]}.\n{served.said()}", note
    return problem, note


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
    headers = headers_of(site, served)
    with suppress(OSError):
        return a_post(fetched(served.url + place), allowed=bool(headers)) if place else None, headers
    return None, headers


CHECK = Check(
    name="drain",
    tier="full",
    about="SIGTERM under load loses no request in flight; SIGKILL leaves nothing behind",
    reads=RUNNING.without("tests/*"),
    seconds=6,
    absent=says("serve", "ready"),
    run=drain,
    served=True,
)
