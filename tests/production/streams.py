"""Connections that stay open: requests that are never done, and event streams."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from newapi.verify.place import HOST
from tests.production.service import TASKS, Client

SMALL = 4096  # what the system keeps for a client that does not read
BATCH = 100  # connections that are opened at once


def request(client: Client, method: str, path: str, **more: str) -> bytes:
    """The head of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {HOST}"]
    lines += [f"{name}: {value}" for name, value in client.headers(**more).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def trickle(port: int, begin: bytes, more: bytes = b" ") -> bytes:
    """Send this, and then a byte now and then; what the server answers before it closes the connection."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(begin)
    answer = asyncio.create_task(reader.read())
    try:
        while not (await asyncio.wait({answer}, timeout=0.2))[0]:
            writer.write(more)
        return answer.result()
    except ConnectionError:  # closed before it had taken the last byte
        return b""
    finally:
        writer.close()


@asynccontextmanager
async def listening(client: Client, number: int, room: int = 0) -> AsyncGenerator[list[StreamReader]]:
    """That many event streams, each of which has said that it is ready."""
    streams: list[tuple[StreamReader, StreamWriter]] = []
    try:
        while len(streams) < number:
            wanted = min(BATCH, number - len(streams))
            streams += await asyncio.gather(*(_listen(client, room) for _ in range(wanted)))
        yield [reader for reader, _ in streams]
    finally:
        for _, writer in streams:
            writer.close()


async def _listen(client: Client, room: int) -> tuple[StreamReader, StreamWriter]:
    line = socket.socket()
    if room:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, (HOST, client.port))
    reader, writer = await asyncio.open_connection(sock=line, limit=room or 2**16)
    writer.write(request(client, "GET", f"{TASKS}/events"))
    head = await reader.readuntil(b"event: ready\ndata: {}\n\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    return reader, writer
