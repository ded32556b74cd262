"""Creating a service: `newapi create` beside `copier copy` of the same template, as whole processes in turn.

`python benchmarks/create.py [RUNS]`. Nothing is installed, locked or committed by either of them.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from newapi import template

HERE = Path(sys.executable).parent
SKIPPED = ("--no-git", "--no-sync", "--no-check")


def timed(command: list[str]) -> float:
    """Milliseconds of a run that has to succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return (time.perf_counter() - start) * 1000


def plain_copy(into: Path) -> Path:
    """The template in a folder without a repository: Copier would clone one first."""
    own = template.load()
    shutil.copy2(own.root / "copier.yml", into)
    shutil.copytree(own.folder, into / own.settings.subdirectory)
    return into


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    taken: dict[str, list[float]] = {"newapi create": [], "copier copy": []}
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "template").mkdir()
        source = plain_copy(here / "template")
        for run in range(runs + 1):
            newapi = [str(HERE / "newapi"), "create", str(here / f"newapi-{run}"), "--yes", *SKIPPED]
            copier = [str(HERE / "copier"), "copy", "--defaults", "--quiet", str(source), str(here / f"copier-{run}")]
            for name, command in (("newapi create", newapi), ("copier copy", copier)):
                milliseconds = timed(command)
                if run:  # the first one of each warms the caches
                    taken[name].append(milliseconds)
    for name, times in taken.items():
        print(f"{name:14} min {min(times):6.0f} ms   median {statistics.median(times):6.0f} ms   of {runs} runs")
    ours, theirs = (statistics.median(times) for times in taken.values())
    print(f"newapi takes {ours / theirs:.2f} of Copier's time")


if __name__ == "__main__":
    main()
