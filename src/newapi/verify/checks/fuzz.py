"""Fuzzing: requests that are made of the service's own OpenAPI document, and many that break its rules."""

import re
from pathlib import Path

from newapi.verify import tools
from newapi.verify.check import Check
from newapi.verify.checks.project import RUNNING, says
from newapi.verify.checks.service import COMPLAINTS, headers_of
from newapi.verify.site import Served, Site
from newapi.verify.subject import Finding

# Parts of what schemathesis prints.
FAILURES = re.compile(r"(?s)=+ (?:FAILURES|ERRORS) =+\n(.*?)\n=+ [A-Z]+ =+\n")
COUNTS = re.compile(r"(?s)\n((?:Failures|Errors):\n.*?)\n\n")
DENIED = re.compile(r"Authentication failed: (\d+) operation")
NOTHING = "No operations matched the filters"
ASKED = re.compile(r"Selected: (\d+)/")

CONFIG = Path(__file__).with_name("schemathesis.toml")
TIMEOUT = 300.0
EXAMPLES = 15  # requests for each operation and phase
SEED = 1  # the same requests every time: a result that is kept has to mean something


def fuzz(site: Site) -> Finding:
    """No request that its document describes, and none that it does not, gets a 5xx or an undocumented answer.

    What ends the right to use the service is asked last, with a right of its own.
    """
    last = site.subject.contract.last
    rounds = [("--exclude-path-regex", last), ("--include-path-regex", last)] if last else [()]
    with site.serving() as served:
        for chosen in rounds:
            headers = [word for line in headers_of(site, served) for word in ("--header", line)]
            done = site.run((*_schemathesis(site, served), *chosen, *headers), TIMEOUT, beside=True)
            if NOTHING in done.output:
                return Finding(f"`last` of the template, {last}, is about no path of the document.")
            if done.code:
                logged = "\n".join(line for line in served.said(10_000).splitlines() if COMPLAINTS.search(line))
                told = _told(done.output)
                return Finding(f"The service complained:\n{logged}\n\n{told}" if logged else told)
            if chosen == rounds[0] and (denied := _denied(done.output)):
                return Finding(denied)
    return Finding()


def _denied(output: str) -> str:
    """Most operations denied access to whoever had the right to it: then nothing of them was asked."""
    denied, asked = DENIED.search(output), ASKED.search(output)
    if not denied or not asked or int(denied[1]) * 2 < int(asked[1]):
        return ""
    return (
        f"{denied[1]} of {asked[1]} operations answered nothing but 401 and 403, whatever the template's `headers`"
        " got. Paths that end the right to use the service belong into `last`."
    )


def _told(output: str) -> str:
    """What fails: without the progress before it, and what there is to know of the run after it."""
    failures, counts = FAILURES.search(output), COUNTS.search(output)
    return "\n".join(found.group(1).strip() for found in (failures, counts) if found) or output


def _schemathesis(site: Site, served: Served) -> tuple[str, ...]:
    return (
        *tools.tool("schemathesis"), "--config-file", str(CONFIG), "run", served.url + site.subject.contract.document,
        "--no-color", "--seed", str(SEED), "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES),
        "--request-timeout", "20", "--warnings", "missing_auth",
    )  # fmt: skip


CHECK = Check(
    name="fuzz",
    tier="full",
    about="requests made of its OpenAPI document: no 5xx, every answer as documented",
    reads=RUNNING,
    seconds=15,
    absent=says("serve", "ready", "document"),
    run=fuzz,
    served=True,
    tools=("schemathesis",),
)
