"""The documentation pages in a real browser that reaches the service and nothing else."""

import json
import os
from collections.abc import Generator
from secrets import token_hex
from urllib.parse import urlsplit

import msgspec
import pytest

from scripts.browser import Browser, browser, find
from tests.production.service import PASSWORD, TASKS, Served

pytestmark = pytest.mark.xdist_group("production")

NAME = "desk.example.org"
PAGE = f"http://{NAME}"
ABSENT = "There is no Chromium, and none could be fetched: nobody sees the documentation pages without a browser."
ASKED = "JSON.stringify(performance.getEntriesByType('resource').map(entry => entry.name))"


@pytest.fixture
def page(service: Served) -> Generator[Browser]:
    """Chromium, for which there is one host in the world. Without it the test is skipped; in CI it fails."""
    if not find():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(ABSENT)
    with browser(f"MAP {NAME}:80 127.0.0.1:{service.port}") as page:
        yield page


def fill(page: Browser, field: str, text: str) -> None:
    """Type into a field, in the place of what is there."""
    page.wait_for(f"document.querySelector({field!r})")
    page.evaluate(f"document.querySelector({field!r}).focus(), document.querySelector({field!r}).select()")
    page.call("Input.insertText", text=text)


def click(page: Browser, button: str) -> None:
    page.wait_for(f"document.querySelector({button!r})")
    page.evaluate(f"document.querySelector({button!r}).click()")


def log_in(page: Browser, account: dict[str, str]) -> None:
    click(page, ".btn.authorize")
    fill(page, "#oauth_username", account["email"])
    fill(page, "#oauth_password", account["password"])
    click(page, ".modal-ux .btn.auth.authorize")
    page.wait_for("document.querySelector('.modal-ux').innerText.includes('Logout')")
    click(page, ".modal-ux .btn-done")


def send(page: Browser, operation: str, body: object = None) -> str:
    """Try an operation out; the status and the body that the page shows."""
    block = f"#operations-{operation}"
    click(page, f"{block} .opblock-summary-control")
    click(page, f"{block} .try-out__btn")
    if body is not None:
        fill(page, f"{block} textarea.body-param__text", json.dumps(body))
    click(page, f"{block} .execute")
    shown = f"{block} .live-responses-table tbody"
    page.wait_for(f"document.querySelector({shown!r})")
    return str(page.evaluate(f"document.querySelector({shown!r}).innerText"))


def asked(page: Browser) -> set[str]:
    """The hosts that the page has asked for anything, whether they answered or not."""
    addresses = msgspec.json.decode(str(page.evaluate(ASKED)), type=list[str])
    return {urlsplit(address).hostname or "" for address in addresses if not address.startswith("data:")}


def test_a_page_shows_the_document_and_asks_nobody_else(page: Browser) -> None:
    page.open(f"{PAGE}/docs#tag/tasks/GET{TASKS}", 1280, 900, 1)

    page.wait_for("document.body.innerText.includes('List tasks')")
    page.wait_for("document.body.innerText.includes('in_progress')")  # of the operation that is opened

    assert asked(page) == {NAME}


def test_a_page_signs_up_logs_in_and_sends_a_request(page: Browser) -> None:
    account = {"email": f"{token_hex(4)}@example.org", "password": PASSWORD}
    page.open(f"{PAGE}/docs/swagger", 1280, 900, 1)

    signed_up = send(page, "Accounts-register", account)
    refused = send(page, "Accounts-me")
    log_in(page, account)
    created = send(page, "Tasks-create_task", {"title": "From a browser"})

    assert (signed_up[:3], refused[:3], created[:3]) == ("201", "401", "201")
    assert account["email"] in signed_up
    assert "From a browser" in created
    assert asked(page) == {NAME}
