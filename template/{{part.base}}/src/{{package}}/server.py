"""The server: Granian, as the settings have it."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from ipaddress import ip_network
from multiprocessing import Pipe
from pathlib import Path
from typing import Annotated, Literal, cast

import msgspec
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer as Server
from litestar.types import ASGIApp

from .config import ConfigurationError
from .findings import Finding
from .plugins.logging import LogSettings, logging_config

type Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
type Count = Annotated[int, msgspec.Meta(ge=1)]
type Seconds = Annotated[int, msgspec.Meta(ge=1)]

WIDEST = {4: 8, 6: 7}  # 10.0.0.0/8 and fc00::/7


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`backpressure` is the number of connections that a worker serves at once; the rest wait in the backlog.

    A client that has not said what it wants after `header_timeout` seconds, or in `header_bytes`, is sent away: what
    was parsed of the last thousand queries and cookies stays in memory, at many times its length. Told to end, the
    service says so for `drain_seconds` before it does, for whoever balances the load to notice.
    """

    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Count = 1
    loop: Literal["auto", "uvloop", "asyncio"] = "auto"
    backlog: Annotated[int, msgspec.Meta(ge=128)] = 1024
    backpressure: Count = 256
    header_timeout: Seconds = 30
    header_bytes: Annotated[int, msgspec.Meta(ge=8192)] = 8192
    drain_seconds: Annotated[int, msgspec.Meta(ge=0, le=600)] = 0
    kill_timeout: Seconds = 30
    respawn: bool = True
    respawn_interval: Seconds = 15
    trusted_proxies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(map(is_everybody, self.trusted_proxies)):
            raise ValueError("SERVER_TRUSTED_PROXIES trusts every address; name the proxies, such as 10.0.0.0/8")
        if not all(map(is_network, self.trusted_proxies)):
            raise ValueError("SERVER_TRUSTED_PROXIES has what is no address and no network, such as 10.0.0.0/8")

    def findings(self) -> Iterator[Finding]:
        if not self.trusted_proxies:
            yield Finding("SERVER_TRUSTED_PROXIES is empty: behind a proxy all clients would count as one.")
        if not self.drain_seconds:
            yield Finding("SERVER_DRAIN_SECONDS is 0: requests are still sent to a service that has just ended.")
        if not self.respawn:
            yield Finding("SERVER_RESPAWN is off: a worker that dies takes the service with it.")


def is_network(text: str) -> bool:
    """Whether it is an address or a network; to Granian all else is a name, which no connection has."""
    try:
        _ = ip_network(text)
    except ValueError:
        return False
    return True


def is_everybody(proxy: str) -> bool:
    """Whether it stands for more addresses than the largest private networks have."""
    return proxy == "*" or (is_network(proxy) and (network := ip_network(proxy)).prefixlen < WIDEST[network.version])


class Drain:
    """Whether the service is about to end: its main process begins it, and all of its workers know.

    A pipe that is written to and never read. A lock could be lost with a worker that is killed while it has it.
    """

    def __init__(self) -> None:
        self.receiver, self.sender = Pipe(duplex=False)

    def begin(self) -> None:
        self.sender.send_bytes(b"draining")

    def begun(self) -> bool:
        return self.receiver.poll()


def create_server(settings: ServerSettings, log: LogSettings, *, reload: bool = False) -> Server:
    """Granian, for `serve` to run; requests in flight get `kill_timeout` seconds to end.

    Workers import the application by themselves and read the settings again: they share nothing but the drain.
    """
    return Server(
        f"{__package__}.asgi:create",
        interface=Interfaces.ASGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop=Loops(settings.loop),
        # While it might still turn out to be HTTP/2, Granian would wait for ever for the first byte.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.header_timeout * 1000, max_buffer_size=settings.header_bytes
        ),
        backlog=settings.backlog,
        backpressure=settings.backpressure,
        # Without a limit Granian would wait for ever for a worker that is asked to stop while it still starts.
        workers_kill_timeout=settings.kill_timeout,
        respawn_failed_workers=settings.respawn,
        respawn_interval=settings.respawn_interval,
        log_level=LogLevels(log.level),
        log_dictconfig=logging_config(log),
        reload=reload,
        reload_ignore_worker_failure=reload,  # a slip that is saved ends nothing: the next change starts it again
        reload_paths=[Path(__file__).parent] if reload else None,
    )


def serve(server: Server, drain_seconds: int) -> None:
    """Run until SIGTERM or SIGINT."""
    drain = Drain()
    if drain_seconds:
        _ = server.on_startup(partial(drain_on_sigterm, server.signal_handler_interrupt, drain, drain_seconds))
    server.serve(target_loader=partial(load_application, drain))


def load_application(drain: Drain, target: str) -> ASGIApp:
    """What each worker runs; the main process never imports it."""
    module, _, factory = target.partition(":")
    return cast("Callable[[Drain], ASGIApp]", getattr(import_module(module), factory))(drain)


def drain_on_sigterm(end: Callable[[], None], drain: Drain, seconds: int) -> None:
    """Let SIGTERM begin the drain, and the end come after it; a second one, or Ctrl-C, ends at once.

    Granian calls this when its own handlers are in place. A thread of its own hears of the signals: a handler runs in
    the main one, and a signal that comes just as that one begins to wait would not wake it.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    _ = signal.set_wakeup_fd(writer)

    def stay(*_told: object) -> None:
        pass  # without a handler the signal would end the process

    def heed() -> None:
        while True:
            number = os.read(reader, 1)[0]
            if number == signal.SIGTERM and not drain.begun():
                drain.begin()
                logging.getLogger("server").info(f"Draining for {seconds} seconds")
                timer = threading.Timer(seconds, end)
                timer.daemon = True
                timer.start()
            elif number in {signal.SIGTERM, signal.SIGINT}:
                end()

    _ = signal.signal(signal.SIGTERM, stay)
    threading.Thread(target=heed, name="drain", daemon=True).start()


def refuse_taken_ports(*places: tuple[str, str, int]) -> None:
    """Raises where one of these sections of the settings has a host and a port that cannot be had, and says so of all.

    Granian shares its port with its workers, and so with a service that was left running there, without a word.
    """
    problems: list[str] = []
    for section, host, port in places:
        try:
            family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            socket.create_server((str(address[0]), port), family=family).close()
        except OSError as error:
            problems.append(f"{section}_HOST and {section}_PORT, {host}:{port}, cannot be had: {error}")
    if problems:
        raise ConfigurationError("\n".join(problems))
