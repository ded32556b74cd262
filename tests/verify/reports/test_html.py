import re
import time
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest

from newapi.verify import reports
from newapi.verify.model import Coverage, Report
from tests.verify.reports.sample import report

VOID = {"meta", "input", "br"}
EMPTY = {"path", "rect", "circle"}  # of SVG, which closes them in place


class Page(HTMLParser):
    """What a page has, and what is wrong with how its elements are nested."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.faults: list[str] = []
        self.text: str = ""
        self._open: list[str] = []
        self.feed(content.decode())
        self.faults += [f"{tag} is left open" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"{tag} is closed in the wrong place")

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    def named(self, *tags: str) -> list[str]:
        return [tag for tag, _ in self.elements if tag in tags]


WHOLE = report()
KINDS = {
    "failing": WHOLE,
    "passing": report(12, failing=0),
    "large": report(200, failing=5),
    "bare": msgspec.structs.replace(WHOLE, variants=(), failures=(), covered=(), since=None, notes=(), saved={}),
    "triples": msgspec.structs.replace(WHOLE, covered=(Coverage(3, (), (("a=1", "b=2", "c=3"),) * 600),)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_elements_are_nested_ids_are_unique_and_references_lead_somewhere(kind: str) -> None:
    page = Page(reports.html(KINDS[kind]))
    ids = page.values("id")
    referred = [value.removeprefix("#") for value in page.values("href")]
    named = [name for value in page.values("aria-labelledby") for name in value.split()]

    assert page.faults == []
    assert len(ids) == len(set(ids))
    assert set(referred) | set(named) <= set(ids)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_needs_nothing_from_outside_and_runs_nothing(kind: str) -> None:
    content = reports.html(KINDS[kind]).decode()
    page = Page(content.encode())

    assert page.named("script", "link", "img", "iframe", "object", "base") == []
    assert page.values("src") == []
    assert not re.search(r"@import|url\(", content)
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_headings_are_in_order_and_every_table_says_what_it_is(kind: str) -> None:
    page = Page(reports.html(KINDS[kind]))
    levels = [int(tag[1]) for tag in page.named("h1", "h2", "h3", "h4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.named("table")) == len(page.named("caption"))
    assert all(attributes.get("scope") for tag, attributes in page.elements if tag == "th")
    assert ("html", {"lang": "en"}) in page.elements
    assert page.named("main", "header", "footer") == ["header", "main", "footer"]


def test_every_verdict_is_told_in_words() -> None:
    page = Page(reports.html(WHOLE))

    for said in (
        "passed, run in 1.5 s",
        "passed, shared with MIT-none-session-none-gitlab-compose",
        "passed, kept from an earlier run",
        "failed, run in 4.8 s, its log",
        "skipped, it needs journey",
    ):
        assert said in page.text
    cells = [tag for tag, attributes in page.elements if tag == "td" and "class" in attributes]
    assert len(cells) == len(WHOLE.variants) * len(WHOLE.checks)


def test_a_failure_tells_all_that_is_needed_to_repeat_it() -> None:
    text = Page(reports.html(WHOLE)).text

    for failure in WHOLE.failures:
        assert failure.command in text
        assert failure.folder in text
    assert "TypeError: Task.__init__() got an unexpected keyword argument" in text


def test_a_long_output_is_shown_from_its_end_and_the_rest_on_demand() -> None:
    output = "\n".join(f"line {number}." for number in range(3_000))
    failure = msgspec.structs.replace(WHOLE.failures[0], output=output)
    text = Page(reports.html(msgspec.structs.replace(WHOLE, failures=(failure,)))).text

    assert text.index("… 1,000 lines left out") < text.index("line 2984.") < text.index("The end of the output")
    shown = text[text.index("The end of the output") :]
    assert shown.index("line 0.") < shown.index("… 2,985 lines left out") < shown.index("line 2986.")
    assert shown.index("line 2986.") < shown.index("line 2999.")
    assert "line 999." not in text


def hostile(text: str) -> Report:
    """A report in which whatever can come from a template or a program is this text."""
    failure = msgspec.structs.replace(
        WHOLE.failures[0], variant=text, output=text, folder=text, command=text, stands_for=(text,)
    )
    one = WHOLE.variants[0]
    renamed = msgspec.structs.replace(one, variant=msgspec.structs.replace(one.variant, name=text))
    since = msgspec.structs.replace(WHOLE.since, ref=text, changes=(), added=(text,)) if WHOLE.since else None
    return msgspec.structs.replace(
        WHOLE,
        template=text,
        variants=(renamed,),
        failures=(failure,),
        since=since,
        covered=(Coverage(2, ((text, "b=2"),), ()),),
        notes=(text,),
    )


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "]]>--></style></pre></svg>",
        "{{ 7 * 7 }}",
    ],
)
def test_no_text_becomes_part_of_the_page(text: str) -> None:
    page = Page(reports.html(hostile(text)))

    assert page.faults == []
    assert page.named("script", "img") == []
    assert page.text.count(text) > 5


def test_no_control_character_comes_into_the_page() -> None:
    content = reports.html(hostile("\x1b[31mred\x1b[0m \x00 \ud800 \x9b1m \u202e")).decode()

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", content)
    assert "red" in content


def test_a_large_report_is_made_in_a_moment() -> None:
    start = time.process_time()
    content = reports.html(KINDS["large"])

    assert time.process_time() - start < 5
    assert len(content) < 2_000_000
