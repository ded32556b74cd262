"""Create a service with the defaults in a new folder, boot it, walk it over HTTP, and end it. `make demo` runs this."""

import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from newapi.steps import environment

if sys.platform == "win32":
    sys.exit("demo: it starts and ends a server as Linux and macOS do. Run it there, or in WSL.")

from newapi.verify.site import NotReadyError
from scripts import service

ROOT = Path(__file__).resolve().parent.parent
NAME = "order-desk"
GRACE = 30.0


def new_folder() -> Path:
    """The next free number; making the folder is what claims it, so two demos never share one."""
    number = 1
    while True:
        folder = ROOT / "demo" / f"{NAME}-{number}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder


def timed(title: str, command: list[str], cwd: Path) -> str:
    """Run a command where the person sees it; the demo ends with it when it fails."""
    print(f"\n$ {shlex.join(command)}", flush=True)
    start = time.monotonic()
    here = shutil.which(command[0], path=Path(sys.executable).parent) or command[0]
    if code := subprocess.run([here, *command[1:]], cwd=cwd, env=environment(), check=False).returncode:
        sys.exit(f"\ndemo: `{shlex.join(command)}` ended with exit code {code}, in {cwd}")
    return line(title, time.monotonic() - start)


def line(title: str, seconds: float) -> str:
    return f"  {title:<44}{seconds:6.1f} s"


def asked_to_end(*_: object) -> NoReturn:
    sys.exit("demo: asked to end")


def main() -> None:
    signal.signal(signal.SIGTERM, asked_to_end)
    project = new_folder()
    shown = project.relative_to(ROOT)
    create = ["newapi", "create", str(shown), "--yes", "--project-name", "Order Desk"]
    done = [timed("created, locked, installed and checked", create, ROOT)]
    try:
        with tempfile.TemporaryDirectory() as logs, service.site(project, Path(logs)).serving() as served:
            print(f"\n$ make run\nready at {served.url}", flush=True)
            done.append(line("booted on Granian", served.seconds))
            done.append(timed("walked over HTTP", ["make", "smoke", f"URL={served.url}"], project))
            start = time.monotonic()
            served.program.terminate()
            if served.program.wait(GRACE) != 0:
                sys.exit(f"\ndemo: the service did not end as it should; it said:\n{served.said()}")
            done.append(line("ended", time.monotonic() - start))
    except KeyboardInterrupt:
        sys.exit("\ndemo: cancelled")
    except NotReadyError as error:
        sys.exit(f"\ndemo: the service did not start. {error}\nThe folder is {project}")
    print("\nThe demo is done:", *done, sep="\n")
    print(f"\nThe service is in {shown}; `cd {shown} && make run` serves it again.")


if __name__ == "__main__":
    main()
