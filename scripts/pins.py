"""Write the newest versions of what this repository is worked on with, and of what `newapi verify` brings along.

The uv of the images and the pipelines of services is the one that this repository is worked on with.

They are plain `name==version` lines that name no registry, resolved for every system and every Python that the program
supports. The comments at the top of each file stay.
"""

import re
import subprocess
from pathlib import Path

import uv

ROOT = Path(__file__).resolve().parent.parent
DEV, SERVERS = ROOT / "requirements" / "dev.txt", ROOT / "requirements" / "servers.txt"
TOOLS = ROOT / "src" / "newapi" / "verify" / "tools.txt"
QUESTIONS = ROOT / "copier.yml"


def newest(*sources: str, wanted: str = "") -> str:
    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header",
               "--no-annotate", *sources]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, input=wanted, text=True, stdout=subprocess.PIPE, check=True).stdout


def names(file: Path) -> str:
    return "\n".join(re.findall(r"(?m)^[\w.-]+(?===)", file.read_text("utf-8")))


def main() -> None:
    pins = {DEV: newest("pyproject.toml", "--group", "dev")}
    pins |= {file: newest("-", "--no-deps", wanted=names(file)) for file in (SERVERS, TOOLS)}
    for file, lines in pins.items():
        comments = re.findall(r"(?m)^#.*\n", file.read_text("utf-8"))
        file.write_text("".join(comments) + lines, "utf-8")
    version = "".join(re.findall(r"(?m)^uv==(\S+)", pins[DEV]))
    text = QUESTIONS.read_text("utf-8")
    QUESTIONS.write_text(re.sub(r"(?m)(?<=^uv:\n  when: false\n  type: str\n  default: )\S+", version, text), "utf-8")


if __name__ == "__main__":
    main()
