"""An account of its own for each walk."""

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
