"""As much of Redis' protocol as leases of databases need: words there, one short answer back."""

import socket
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import BufferedRWPair
from typing import TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

from newapi.errors import MissingError

Ask: TypeAlias = Callable[..., str | int | None]
TIMEOUT = 10.0


class RefusedError(MissingError):
    """The server is there, and answers with an error."""


@contextmanager
def connected(url: str) -> Generator[Ask]:
    """A function that says a command to the server, in the database that the URL names."""
    parts = urlsplit(url)
    place = f"{parts.hostname}:{parts.port or 6379}"
    try:
        with _line(parts) as line, line.makefile("rwb") as stream:
            ask = _asking(stream, place)
            if parts.password:
                ask("AUTH", *filter(None, [unquote(parts.username or "")]), unquote(parts.password))
            ask("SELECT", parts.path.strip("/") or "0")
            yield ask
    except OSError as error:
        raise MissingError(f"Redis at {place} does not answer: {error.strerror or error}.") from error


def _line(parts: SplitResult) -> socket.socket:
    line = socket.create_connection((parts.hostname or "localhost", parts.port or 6379), TIMEOUT)
    if parts.scheme != "rediss":
        return line
    return ssl.create_default_context().wrap_socket(line, server_hostname=parts.hostname)


def _asking(stream: BufferedRWPair, place: str) -> Ask:
    def ask(*words: str) -> str | int | None:
        stream.write(b"*%d\r\n" % len(words))
        stream.writelines(b"$%d\r\n%s\r\n" % (len(word), word) for word in map(str.encode, words))
        stream.flush()
        line = stream.readline().decode().rstrip()
        match line[:1], line[1:]:
            case "+", text:
                return text
            case ":", number:
                return int(number)
            case "$", "-1":
                return None
            case "$", length:
                return stream.read(int(length) + 2)[:-2].decode()
            case "-", problem:
                raise RefusedError(f"Redis at {place} refuses {words[0]}: {problem}.")
            case _:
                raise MissingError(f"Redis at {place} ended the conversation at {words[0]}.")

    return ask
