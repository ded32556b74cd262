"""A crew of the workers of a Dask cluster, for who has installed `newapi-cli[dask]`."""

import logging
import socket
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from threading import Lock
from typing import Protocol, cast

import msgspec

import newapi
from newapi.errors import MissingError, UsageError
from newapi.verify import keeper
from newapi.verify.crew import PROJECTS, Crew, Serve, Tell
from newapi.verify.job import Event, Job, Result, work
from newapi.verify.request import own_folder

TOPIC = "newapi-verify"
PATIENCE = "20s"  # for the scheduler to answer
RETURN = 60.0  # seconds in which a cluster that has lost all its workers gets one back


class Client(Protocol):
    """What of `distributed.Client` is used; its own signatures are not complete."""

    def run(self, function: Callable[[], str]) -> Mapping[str, str]: ...
    def subscribe_topic(self, topic: str, handler: Callable[[tuple[float, object]], None]) -> None: ...
    def get_executor(self, *, pure: bool, retries: int) -> Executor: ...
    def nthreads(self) -> Mapping[str, int]: ...
    def close(self) -> None: ...


class Worker(Protocol):
    def log_event(self, topic: str, msg: object) -> None: ...


class Cluster:
    """A crew of the workers of a cluster: the scheduler gives the work of one that is lost to another one."""

    def __init__(self, address: str, client: Client, serve: Serve) -> None:
        import distributed  # noqa: PLC0415 - an extra

        self.size: int = _checked(address, client.run(_version))
        self.lost: tuple[type[Exception], ...] = (distributed.KilledWorker,)  # its work was given away too often
        self._address: str = address
        self._client: Client = client
        self._executor: Executor = client.get_executor(pure=False, retries=0)
        self._serve: Serve = serve
        self._seen: float = time.monotonic()  # when there was a worker

    def submit(self, job: Job) -> "Future[Result]":
        return self._executor.submit(_do, self._serve, job)

    def require(self) -> None:
        try:
            workers = self._client.nthreads()
        except OSError as error:
            raise _gone(self._address) from error
        if workers:
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > RETURN:
            raise MissingError(f"The cluster at {self._address} has lost all its workers.", "Their logs may say why.")


@contextmanager
def workers(address: str, serve: Serve, tell: Tell) -> Generator[Crew]:
    """The workers of a cluster, each of them with servers of its own for the time of a job."""
    client = _client(address)
    try:
        cluster = Cluster(address, client, serve)
        client.subscribe_topic(TOPIC, lambda event: tell(msgspec.convert(event[1], Event)))
        yield cluster
    except CancelledError as error:  # nobody but Dask cancels a job
        raise _gone(address) from error
    finally:
        client.close()


def _gone(address: str) -> MissingError:
    return MissingError(f"The Dask scheduler at {address} has gone.", "Its log may say why.")


def _client(address: str) -> Client:
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingError(
            "--scheduler needs Dask, which is not installed.", "pip install 'newapi-cli[dask]'"
        ) from error
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what goes wrong is said here, in one sentence
    try:
        return cast("Client", cast("object", distributed.Client(address, timeout=PATIENCE, name="newapi verify")))
    except (OSError, ValueError) as error:
        raise UsageError(f"No Dask scheduler answers at {address}.", "Give its address as tcp://HOST:PORT.") from error


def _version() -> str:
    return newapi.__version__


def _checked(address: str, versions: Mapping[str, str]) -> int:
    """How many workers there are, all of them with the program in this version."""
    if not versions:
        raise MissingError(f"The cluster at {address} has no workers.", "Start some with `dask worker`.")
    if other := set(versions.values()) - {newapi.__version__}:
        raise MissingError(
            f"Workers of {address} have newapi {', '.join(sorted(other))}, and this is {newapi.__version__}.",
            "Install the same version on all of them.",
        )
    return len(versions)


# Of a worker's process, which may have several threads: what a run has started is known by the process's environment.
_alone = Lock()


def _do(serve: Serve, job: Job) -> Result:
    from distributed import get_worker  # noqa: PLC0415 - an extra

    worker = cast("Worker", cast("object", get_worker()))

    def tell(event: Event) -> None:
        worker.log_event(TOPIC, cast("object", msgspec.to_builtins(event)))

    here = msgspec.structs.replace(job, kept=str(own_folder() / PROJECTS))
    with _alone, keeper.run_folder() as run:
        result = work(here, run.folder / PROJECTS, serve(run.folder), tell)
    return msgspec.structs.replace(result, folder=result.folder and f"{socket.gethostname()}:{result.folder}")
