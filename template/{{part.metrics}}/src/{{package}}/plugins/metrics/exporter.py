"""The exporter: the server's own process tells Prometheus what all workers counted, and what Granian did."""

import http.client
import logging
import multiprocessing
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from tempfile import TemporaryDirectory, gettempdir
from typing import cast, override

from granian.server.mp import MPServer
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from ...config import ConfigurationError
from .settings import MetricsSettings

# Where a worker finds the folder for what it counts: prometheus-client looks for it when it is imported.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = f"{__name__.partition('.')[0]}-metrics-"
LOOPBACK = "127.0.0.1"
GONE = 0  # the process that all who are gone are counted as


def export_metrics(server: MPServer, settings: MetricsSettings) -> None:
    """Serve the metrics for as long as `server` runs; raises `ConfigurationError` where the address is taken."""
    if settings.port == server.bind_port:
        raise ConfigurationError(f"METRICS_PORT is {settings.port}, which is SERVER_PORT: give one of them another")
    exporter = Exporter(settings, GranianMetrics(server, settings.interval))
    _ = server.on_startup(exporter.start)
    _ = server.on_shutdown(exporter.stop)


def remove_leftovers() -> None:
    """Remove the folders of servers that were killed, and could not do it themselves."""
    for folder in Path(gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not is_running(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)  # somebody else's stays


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that took the number of a killed server's lets the folder be."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


class Workers:
    """What the workers counted, in files of `folder` that each of them writes for itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.registry = CollectorRegistry()
        self.lock = threading.Lock()
        _ = MultiProcessCollector(self.registry, str(folder))

    def exposition(self) -> bytes:
        with self.lock:
            self.settle()
            return generate_latest(self.registry)

    def settle(self) -> None:
        """Forget the gauges of workers that are gone, and add what they counted up: their files do not stay."""
        files = list(self.folder.glob("*.db"))
        present = {GONE} | {worker.pid for worker in multiprocessing.active_children()}
        for file in files:
            kind, _, pid = file.stem.rpartition("_")
            if int(pid) not in present:
                if not kind.startswith("gauge"):
                    add(file, file.with_stem(f"{kind}_{GONE}"))
                file.unlink()


def add(counted: Path, total: Path) -> None:
    sums = MmapedDict(str(total))
    entries = cast("Iterator[tuple[str, float, float, int]]", MmapedDict.read_all_values_from_file(str(counted)))
    for key, value, *_ in entries:
        before, _ = cast("tuple[float, float]", sums.read_value(key))
        sums.write_value(key, before + value, 0.0)
    sums.close()


class GranianMetrics:
    """Granian's own metrics. It tells them over HTTP alone, so on a port that is known to nobody else."""

    def __init__(self, server: MPServer, interval: int) -> None:
        with socket.create_server((LOOPBACK, 0)) as free:
            self.port = cast("int", free.getsockname()[1])
        self.server = server
        server.metrics_enabled = not server.reload_on_changes  # it cannot do both
        server.metrics_address = LOOPBACK
        server.metrics_port = self.port
        server.metrics_scrape_interval = interval

    def exposition(self) -> bytes:
        """Empty where there are none: it reloads, or is about to end."""
        if not self.server.metrics_enabled:
            return b""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read()
        except OSError, http.client.HTTPException:
            return b""
        finally:
            connection.close()


class Exporter(ThreadingTCPServer):
    allow_reuse_address = True  # of the one before, whose connections are closing
    daemon_threads = True
    block_on_close = False

    def __init__(self, settings: MetricsSettings, granian: GranianMetrics) -> None:
        self.granian = granian
        try:
            self.address_family, *_, address = socket.getaddrinfo(
                settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            super().__init__((str(address[0]), settings.port), Answer)
        except OSError as error:
            place = f"{settings.host}:{settings.port}"
            raise ConfigurationError(f"METRICS_HOST and METRICS_PORT, {place}, cannot be had: {error}") from None
        remove_leftovers()
        self.folder = TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
        self.workers = Workers(Path(self.folder.name))

    def exposition(self) -> bytes:
        return self.workers.exposition() + self.granian.exposition()

    def start(self) -> None:
        os.environ[FOLDER] = self.folder.name
        threading.Thread(target=self.serve_forever, name="metrics", daemon=True).start()
        logging.getLogger("metrics").info("Metrics at: http://%s:%s/metrics", *self.server_address[:2])

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self.folder.cleanup()


class Answer(BaseHTTPRequestHandler):
    timeout = 5  # seconds for a caller to say what it wants

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = cast("Exporter", self.server).exposition()
        self.send_response(HTTPStatus.OK)
        self.send_header("content-type", CONTENT_TYPE_PLAIN_0_0_4)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        _ = self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: it is asked every few seconds."""
