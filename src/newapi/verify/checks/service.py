"""Checks of the service while it runs: that it boots, and the walk through it."""

import re
import sys

from newapi.verify.check import Check
from newapi.verify.checks.project import RUNNING, SILENT, left, says
from newapi.verify.contract import filled
from newapi.verify.site import NotReadyError, Served, Site, Started, listens
from newapi.verify.subject import Finding

COMPLAINTS = re.compile(r"(?i)\b(warning|error|critical|traceback|exception)\b")
SMOKE_TIMEOUT = 180.0


def boot(site: Site) -> Finding:
    """It gets ready in time, complains of nothing while it does, and ends with exit code 0 when it is told to."""
    with site.serving() as served:
        complaints = [line for line in served.said(sys.maxsize).splitlines() if COMPLAINTS.search(line)]
        if complaints:
            return Finding("While it starts it complains:\n" + "\n".join(complaints))
        return Finding(end(served, site))


def journey(site: Site) -> Finding:
    """The walk that ships with the service goes through, from its first step to its last."""
    with site.serving() as served, site.working(served) as worker:
        walked = site.run(filled(site.subject.contract.smoke, places(served)), SMOKE_TIMEOUT)
        note = ", ".join(SILENT.findall(walked.output))
        if walked.code:
            said = f"The service said:\n{served.said()}"
            said += f"\n\nThe worker said:\n{worker.said()}" if worker else ""
            return Finding(f"{walked.output}\n\n{said}", note)
        stop = site.subject.contract.stop
        problem = worker_ended(worker, stop) if worker else ""
        return Finding(problem or end(served, site) or left("The service and its walk", site), note)


def worker_ended(worker: Started, patience: float) -> str:
    """Tell the worker to end; what is wrong about how it does, or that it has ended before."""
    before = worker.program.code
    if before is not None:
        return f"The worker ends by itself, with exit code {before}:\n{worker.said()}"
    worker.program.terminate()
    code = worker.program.wait(patience)
    if code is None:
        return f"Told to end, the worker still runs after {patience:.0f} s:\n{worker.said()}"
    return f"Told to end, the worker ends with exit code {code}:\n{worker.said()}" if code else ""


def end(served: Served, site: Site) -> str:
    """Tell it to end; what is wrong about how it does."""
    served.program.terminate()
    return ended(served, site.subject.contract.stop)


def ended(served: Served, patience: float) -> str:
    code = served.program.wait(patience)
    if code is None:
        return f"Told to end, it still runs after {patience:.0f} s:\n{served.said()}"
    if not code and listens(served.port):
        return f"Told to end, it leaves a process that listens on its port:\n{served.said()}"
    return f"Told to end, it ends with exit code {code}:\n{served.said()}" if code else ""


def places(served: Served) -> dict[str, str]:
    return {"url": served.url, "port": str(served.port)}


def headers_of(site: Site, served: Served) -> list[str]:
    """Whatever a request needs to be allowed, each `Name: value`; raises NotReadyError where it cannot be had."""
    command = filled(site.subject.contract.headers, places(served))
    if not command:
        return []
    done = site.run(command, 60)
    if done.code:
        raise NotReadyError(f"`{command}`, which gets the right to use it, fails:\n{done.output}\n{served.said()}")
    return [line for line in done.output.splitlines() if ": " in line]


CHECKS = (
    Check(
        name="boot",
        tier="full",
        about="starts as it does in production, gets ready without a complaint, ends with 0",
        reads=RUNNING.without("tests/*"),
        seconds=3,
        absent=says("serve", "ready"),
        run=boot,
        served=True,
    ),
    Check(
        name="journey",
        tier="full",
        about="the walk over HTTP that ships with the service and its worker, nothing left behind",
        reads=RUNNING,
        seconds=8,
        absent=says("serve", "ready", "smoke"),
        run=journey,
        served=True,
    ),
)
