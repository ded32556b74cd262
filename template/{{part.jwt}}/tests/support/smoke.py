"""An account of its own for each walk.

`python tests/support/smoke.py http://127.0.0.1:8000` prints the header with which its requests may use the service.
"""

import sys
from uuid import uuid4

import httpx

AUTH = "/api/v1/auth"
PASSWORD = "correct horse battery"


def register(client: httpx.Client) -> dict[str, str]:
    """Sign up, and return what to log in with."""
    form = {"email": f"smoke-{uuid4()}@example.org", "password": PASSWORD}
    response = client.post(f"{AUTH}/register", json=form)
    assert response.status_code == 201, response.text
    return form


def sign_in(client: httpx.Client) -> None:
    """Send a token with every request from now on."""
    response = client.post(f"{AUTH}/login", json=register(client))
    assert response.status_code == 200, response.text
    client.headers["authorization"] = f"Bearer {response.json()['access_token']}"


if __name__ == "__main__":
    with httpx.Client(base_url=sys.argv[1], timeout=10) as somebody:
        sign_in(somebody)
        print(f"Authorization: {somebody.headers['authorization']}")
