from xml.etree import ElementTree as ET

import msgspec
import pytest

from newapi.verify import reports
from newapi.verify.model import Report
from tests.verify.reports.sample import report

# What the schema of Jenkins' JUnit plugin allows, which the other providers read too.
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"skipped", "failure", "system-out"},
}
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"classname", "name", "time"},
    "failure": {"message", "type"},
    "skipped": {"message"},
    "system-out": set[str](),
}


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(reports.junit(report))  # noqa: S314 - it was made here


def test_the_elements_are_those_that_providers_know() -> None:
    for element in parsed(report()).iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        assert all(float(element.get(name, "0")) >= 0 for name in ("tests", "failures", "errors", "skipped", "time"))


def test_each_variant_is_a_suite_and_each_check_a_case() -> None:
    whole = report()
    suites = parsed(whole)

    assert [suite.get("name") for suite in suites] == [one.variant.name for one in whole.variants]
    for suite, one in zip(suites, whole.variants, strict=True):
        assert [case.get("name") for case in suite] == [verdict.check for verdict in one.verdicts]
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
    assert suites.get("failures") == str(len(suites.findall(".//failure")))


def test_a_failure_has_the_output_and_how_to_repeat_it() -> None:
    failures = parsed(report()).findall(".//failure")
    text = failures[0].text or ""

    assert "got      500" in text
    assert text.endswith("again: newapi verify --tier full --select MIT-none-session-none-gitlab-compose --keep")
    assert failures[1].get("message") == "journey failed, shared with MIT-none-session-none-gitlab-compose"
    assert "got      500" in (failures[1].text or "")


def test_a_run_that_stands_for_others_counts_its_time_once() -> None:
    whole = report()
    made = sum(verdict.seconds for one in whole.variants for verdict in one.verdicts if verdict.how == "run")
    times = [float(case.get("time", "0")) for case in parsed(whole).iter("testcase")]

    assert sum(times) == pytest.approx(made, abs=0.1)


def test_what_a_program_printed_cannot_break_the_document() -> None:
    whole = report()
    output = "]]></failure></testcase> \x1b[31mred\x1b[0m \x00\x08 \ud83d \ufffe &amp; <!-- "
    failures = tuple(msgspec.structs.replace(failure, output=output) for failure in whole.failures)
    suites = parsed(msgspec.structs.replace(whole, failures=failures))

    assert (suites.findall(".//failure")[0].text or "").startswith("]]></failure></testcase> red  \ufffd  &amp; <!-- ")
