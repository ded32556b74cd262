"""Then: is the sender of webhooks believed, and nobody else?

WEBHOOKS_SECRET is what the service has; without it only what is refused can be tried.
"""

import os

import httpx
import pytest
from support.problems import problem
from support.webhooks import PAYMENTS, SUCCEEDED, signed

SECRET = os.environ.get("WEBHOOKS_SECRET")


def test_refuses_what_is_not_signed(visitor: httpx.Client) -> None:
    _ = problem(visitor.post(PAYMENTS, content=SUCCEEDED, headers={"content-type": "application/json"}), 403)
    _ = problem(visitor.post(PAYMENTS, content=SUCCEEDED, headers=signed(SUCCEEDED, secret="made up")), 403)


@pytest.mark.parametrize("secret", [SECRET] if SECRET else [], ids=["given"] if SECRET else [])
def test_takes_what_is_signed(visitor: httpx.Client, secret: str) -> None:
    response = visitor.post(PAYMENTS, content=SUCCEEDED, headers=signed(SUCCEEDED, secret))

    assert (response.status_code, response.json()) == (202, {"duplicate": False})
