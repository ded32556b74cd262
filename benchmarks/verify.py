"""Verifying: every pair of answers in full, from nothing, again, and after one line of one part has changed.

`python benchmarks/verify.py [FLAG...]`, with other flags for `newapi verify` in place of those. It is done to a copy of
the stock template, with results of its own; what uv has fetched before it is there. Other work on the machine counts:
the load is printed too.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from newapi import template
from newapi.verify import reports
from newapi.verify.model import Report

NEWAPI = Path(sys.executable).with_name("newapi")
FLAGS = ("--coverage", "pairs", "--tier", "full")
CHANGED = "{{part.sqlite}}/src/{{package}}/plugins/database/engine.py"


def copied(into: Path) -> Path:
    """The template without the repository around it. Returns the file of it that will change."""
    own = template.load()
    shutil.copytree(own.folder, into / own.settings.subdirectory, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(own.root / "copier.yml", into)
    return into / own.settings.subdirectory / CHANGED


def verified(source: Path, here: Path, flags: tuple[str, ...]) -> tuple[Report, float]:
    """The report of a run that has to succeed, and the seconds of the whole process."""
    report = here / "report.json"
    start = time.perf_counter()
    command = [NEWAPI, "verify", "--template", source, *flags, "--json", report]
    done = subprocess.run(command, env={**os.environ, "NEWAPI_CACHE": str(here / "cache")}, check=False)
    if done.returncode:
        sys.exit("What does not hold is not measured.")
    return reports.read(report), time.perf_counter() - start


def line(name: str, report: Report, seconds: float) -> str:
    how = Counter(verdict.how for one in report.variants for verdict in one.verdicts if verdict.how != "none")
    shares = ", ".join(f"{how[kind]} {kind} ({how[kind] / how.total():.0%})" for kind in ("run", "shared", "kept"))
    return f"{name:24}{seconds:7.1f} s   {shares}"


def main() -> None:
    flags = (*sys.argv[1:],) or FLAGS
    with tempfile.TemporaryDirectory() as folder:
        here, source = Path(folder), Path(folder) / "template"
        source.mkdir()
        changed = copied(source)
        lines = [line("from nothing", *verified(source, here, flags))]
        lines.append(line("again", *verified(source, here, flags)))
        changed.write_text(changed.read_text("utf-8").replace('"""', '"""Changed: ', 1), "utf-8")
        lines.append(line("one line of one part", *verified(source, here, flags)))
    print(f"\n{' '.join(flags)}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", *lines, sep="\n")


if __name__ == "__main__":
    main()
