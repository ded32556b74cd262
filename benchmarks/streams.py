"""How many event streams one worker of a service holds, and what they cost: `python benchmarks/streams.py FOLDER 2000`.

FOLDER is a service made with `--auth none --live channels`, installed. The streams come from here, over loopback.
"""

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]  # pyright: ignore[reportAny] - an address is not typed
    return port


def megabytes(pid: int) -> float:
    """Resident memory of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6 + sum(megabytes(int(child)) for child in children)


async def listen(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/v1/tasks/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
    found = await reader.readuntil(b"event: ready\ndata: {}\n\n")
    if b" 200 " not in found.partition(b"\r\n")[0]:
        raise SystemExit(found.decode())
    return reader, writer  # without its writer the connection would be closed


async def measure(port: int, pid: int, streams: int) -> dict[str, float]:
    before, start = megabytes(pid), time.perf_counter()
    connections: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    while len(connections) < streams:  # some at a time: the backlog of the socket has an end
        wanted = min(100, streams - len(connections))
        connections += await asyncio.gather(*(listen(port) for _ in range(wanted)))
    readers = [reader for reader, _ in connections]
    opened, held = time.perf_counter() - start, megabytes(pid)

    start = time.perf_counter()
    body = json.dumps({"title": "Hear, hear"}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/tasks", body, {"content-type": "application/json"}
    )
    await asyncio.to_thread(send, request)
    await asyncio.gather(*(reader.readuntil(b"event: created") for reader in readers))
    told = time.perf_counter() - start

    start = time.perf_counter()
    os.kill(pid, signal.SIGTERM)
    await asyncio.gather(*(reader.read() for reader in readers))
    return {
        "streams": streams,
        "opened, seconds": opened,
        "memory before, MB": before,
        "memory with them, MB": held,
        "memory of one, KB": (held - before) * 1000 / streams,
        "all have heard of a change, seconds": told,
        "all have ended after SIGTERM, seconds": time.perf_counter() - start,
    }


def send(request: urllib.request.Request) -> None:
    with urllib.request.urlopen(request):  # noqa: S310 - loopback
        pass


async def ready(port: int) -> None:
    for _ in range(300):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        del reader
        return
    raise SystemExit("The service does not start.")


def main() -> None:
    folder, streams = Path(sys.argv[1]), int(sys.argv[2])
    port = free_port()
    environment = {
        **os.environ,
        "SERVER_PORT": str(port),
        "SERVER_BACKPRESSURE": str(streams + 50),
        "LIVE_MAX_STREAMS": str(streams),
        "LOG_LEVEL": "warning",
    }
    python = folder.resolve() / ".venv/bin/python"
    package = next(path.name for path in (folder / "src").iterdir())
    with subprocess.Popen([python, "-m", package], cwd=folder, env=environment) as service:

        async def run() -> dict[str, float]:
            await ready(port)
            return await measure(port, service.pid, streams)

        try:
            for name, value in asyncio.run(run()).items():
                print(f"{name:>38}  {value:10.2f}")
            print(f"{'exit code':>38}  {service.wait(20):10}")
        finally:
            service.kill()


if __name__ == "__main__":
    main()
