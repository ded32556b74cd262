"""The standard service beside the same one on FastAPI, Pydantic and Uvicorn: one worker each, in turn, on this machine.

`.venv/bin/python benchmarks/service/run.py [ROUNDS]`. It needs uv and wrk. What it prints are ratios: above 1 the
created service is the better one. Each figure is the median of the rounds.
"""

import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple, cast

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHON = "3.14"
SECONDS, CONNECTIONS, TASKS = 4, 16, 50
READER = {"email": "ada@example.org", "password": "correct horse battery"}
# Somebody else: what is written does not make the list any longer to count, for whoever writes faster most of all.
WRITER = {**READER, "email": "bob@example.org"}
LINE = re.compile(r"(50|99)%\s+([\d.]+)(us|ms|s)")
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
PATHS = {"ping": "/health/live", f"list of {TASKS}": f"/api/v1/tasks?limit={TASKS}", "validated POST": "/api/v1/tasks"}
POST = """
wrk.method = "POST"
wrk.body = '{"title": "Write it down", "priority": "high", "due_at": "2030-01-01T12:00:00+02:00"}'
wrk.headers["Content-Type"] = "application/json"
"""


class Measured(NamedTuple):
    """Requests a second, and milliseconds."""

    rate: float
    half: float
    most: float


class Service(NamedTuple):
    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])


def run(*command: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"`{' '.join(command)}` failed:\n{done.stderr or done.stdout}")


def created(folder: Path) -> Service:
    """The standard preset, as `newapi create` makes it."""
    project, port = folder / "standard", free_port()
    words = ("create", str(project), "--preset", "standard", "--yes", "--no-git", "--no-check")
    run(sys.executable, "-m", "newapi", *words, folder=ROOT)
    settings = {"SERVER_PORT": str(port), "LOG_FORMAT": "json", "METRICS_PORT": str(free_port())}
    return Service("newapi", (".venv/bin/python", "-m", "standard"), project, settings, port)


def peer(folder: Path) -> Service:
    project, port = folder / "peer", free_port()
    project.mkdir()
    shutil.copy2(HERE / "peer.py", project)
    run("uv", "venv", "-q", "-p", PYTHON, folder=project)
    run("uv", "pip", "install", "-q", "-r", str(HERE / "requirements.txt"), folder=project)
    command = (".venv/bin/uvicorn", "peer:app", "--port", str(port), "--loop", "uvloop", "--http", "httptools",
               "--no-access-log", "--log-level", "warning")  # fmt: skip
    settings = {
        "PEER_SECRET": "a secret of this run alone, long enough",
        "PEER_DATABASE": str(project / "peer.sqlite3"),
    }
    return Service("peer", command, project, settings, port)


def ask(service: Service, path: str, body: object = None, token: str = "") -> dict[str, str]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    with closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
        connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
        return cast("dict[str, str]", json.loads(connection.getresponse().read()))


@contextmanager
def serving(service: Service) -> Generator[tuple[int, float]]:
    """The process and the seconds until it answered."""
    start = time.perf_counter()
    environment = {**os.environ, **service.environment}
    with subprocess.Popen(
        service.command, cwd=service.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while True:
                try:
                    _ = ask(service, PATHS["ping"])
                    break
                except OSError:
                    if process.poll() is not None or time.perf_counter() - start > 60:
                        sys.exit(f"{service.name} does not start: {' '.join(service.command)} in {service.folder}")
                    time.sleep(0.005)
            yield process.pid, time.perf_counter() - start
        finally:
            process.send_signal(signal.SIGTERM)


def signed_in(service: Service) -> tuple[str, str]:
    """Tokens of an account with as many tasks as the list has, and of another, that writes."""
    reader, writer = (sign_in(service, account) for account in (READER, WRITER))
    for number in range(TASKS):
        _ = ask(service, "/api/v1/tasks", {"title": f"Task {number}"}, reader)
    return reader, writer


def sign_in(service: Service, account: Mapping[str, str]) -> str:
    _ = ask(service, "/api/v1/auth/register", account)
    return ask(service, "/api/v1/auth/login", account)["access_token"]


def load(service: Service, path: str, token: str, script: Path | None) -> Measured:
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-H", f"Authorization: Bearer {token}"]
    words += ["-s", str(script)] if script else []
    said = subprocess.run([*words, service.url + path], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said:
        sys.exit(f"{service.name} fails under load:\n{said}")
    times = {
        name: float(number) * UNITS[unit]
        for name, number, unit in cast("list[tuple[str, str, str]]", LINE.findall(said))
    }
    return Measured(float(said.partition("Requests/sec:")[2].split()[0]), times["50"], times["99"])


def memory(pid: int) -> int:
    """Resident bytes of a process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(memory(int(child)) for child in children)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    if not shutil.which("wrk") or not shutil.which("uv"):
        sys.exit("This needs uv and wrk on PATH.")
    figures: dict[tuple[str, str], list[Measured]] = {}
    started: dict[str, list[float]] = {}
    used: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        script = folder / "post.lua"
        _ = script.write_text(POST, encoding="utf-8")
        services = (created(folder), peer(folder))
        tokens: dict[str, tuple[str, str]] = {}
        for _ in range(rounds):
            for service in services:
                with serving(service) as (pid, seconds):
                    started.setdefault(service.name, []).append(seconds)
                    tokens[service.name] = tokens.get(service.name) or signed_in(service)
                    reader, writer = tokens[service.name]
                    for name, path in PATHS.items():
                        posts = "POST" in name
                        measured = load(service, path, writer if posts else reader, script if posts else None)
                        figures.setdefault((service.name, name), []).append(measured)
                    used.setdefault(service.name, []).append(memory(pid))
    print(f"{'':16}{'requests/s':>24}{'p50 ms':>20}{'p99 ms':>20}{'ratios':>24}")
    for name in PATHS:
        ours, theirs = (
            Measured(*map(statistics.median, zip(*figures[service.name, name], strict=True))) for service in services
        )
        ratios = f"{ours.rate / theirs.rate:.2f}  {theirs.half / ours.half:.2f}  {theirs.most / ours.most:.2f}"
        print(
            f"{name:16}{ours.rate:>12.0f}{theirs.rate:>12.0f}{ours.half:>10.2f}{theirs.half:>10.2f}"
            f"{ours.most:>10.2f}{theirs.most:>10.2f}{ratios:>24}"
        )
    for what, values in (("start, s", started), ("memory, MB", used)):
        unit = 1 if what.startswith("start") else 1024**2
        ours, theirs = (statistics.median(values[service.name]) / unit for service in services)
        print(f"{what:16}{ours:>12.2f}{theirs:>12.2f}   ratio {theirs / ours:.2f}")


if __name__ == "__main__":
    main()
