"""The report as JUnit XML, which CI providers show: a suite for each variant, a case for each check."""

from collections.abc import Iterator, Mapping
from typing import cast
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from newapi.verify.model import Failure, Report, Verdict, Verified
from newapi.verify.reports.facts import origin_of
from newapi.verify.reports.wording import clean, tail

LINES = 200  # of a failure's output: providers cut or refuse what is much longer


def encode(report: Report) -> bytes:
    failures = {(failure.variant, failure.check): failure for failure in report.failures}
    suites = [_suite(report, one, failures) for one in report.variants]
    root = Element("testsuites", {"name": "newapi verify", **_sums(suites), "time": _seconds(report.seconds)})
    root.extend(suites)
    indent(root)
    return cast(bytes, tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(report: Report, one: Verified, failures: Mapping[tuple[str, str], Failure]) -> Element:
    cases = [_case(one, verdict, failures) for verdict in one.verdicts]
    made = sum(verdict.seconds for verdict in one.verdicts if verdict.how == "run")
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(verdict.status == "failed" for verdict in one.verdicts)),
        "errors": "0",
        "skipped": str(sum(verdict.status == "skipped" for verdict in one.verdicts)),
    }
    suite = Element("testsuite", {"name": clean(one.variant.name), **counts, "time": _seconds(made)})
    suite.set("timestamp", clean(report.started)[: len("2026-11-22T10:04:05")])  # the schema has no place for a zone
    suite.extend(cases)
    return suite


def _case(one: Verified, verdict: Verdict, failures: Mapping[tuple[str, str], Failure]) -> Element:
    """The time of a run counts once, where it was spent."""
    seconds = verdict.seconds if verdict.how == "run" else 0.0
    names = {"classname": clean(one.variant.name), "name": clean(verdict.check)}
    case = Element("testcase", {**names, "time": _seconds(seconds)})
    if verdict.status == "skipped":
        SubElement(case, "skipped", {"message": clean(origin_of(verdict))})
    elif verdict.status == "failed":
        found = failures.get((verdict.by or one.variant.name, verdict.check))
        message = f"{verdict.check} failed" + (f", {origin_of(verdict)}" if verdict.how == "shared" else "")
        failure = SubElement(case, "failure", {"message": clean(message), "type": clean(verdict.check)})
        failure.text = "\n".join(_told(found)) if found else ""
    elif verdict.how != "run":
        SubElement(case, "system-out").text = clean(origin_of(verdict))
    return case


def _told(failure: Failure) -> Iterator[str]:
    yield from tail(failure.output, LINES)
    if failure.folder:
        yield clean(f"folder: {failure.folder}")
    if failure.command:
        yield clean(f"again: {failure.command}")


def _sums(suites: list[Element]) -> Mapping[str, str]:
    return {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in ("tests", "failures", "errors")}


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
