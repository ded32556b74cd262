"""Next: who is it?"""

import httpx
import pytest
from support.problems import problem
from support.smoke import AUTH, PASSWORD, register

ME = f"{AUTH}/me"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_asks_for_a_token(visitor: httpx.Client) -> None:
    _ = problem(visitor.get(ME), 401)
    _ = problem(visitor.get(ME, headers=bearer("made.up.token")), 401)
    assert visitor.head(ME).status_code == 401


def test_registers_logs_in_and_out(visitor: httpx.Client) -> None:
    account = register(visitor)
    tokens = visitor.post(f"{AUTH}/login", json=account).json()

    assert visitor.get(ME, headers=bearer(tokens["access_token"])).json()["email"] == account["email"]
    assert visitor.post(f"{AUTH}/logout", headers=bearer(tokens["access_token"])).status_code == 204
    _ = problem(visitor.get(ME, headers=bearer(tokens["access_token"])), 401)
    _ = problem(visitor.post(f"{AUTH}/register", json=account), 409)


def test_a_form_logs_in_too(visitor: httpx.Client) -> None:
    account = register(visitor)

    response = visitor.post(f"{AUTH}/token", data={"username": account["email"], "password": PASSWORD})

    assert response.status_code == 200


def test_a_refresh_token_is_good_once(visitor: httpx.Client) -> None:
    first = visitor.post(f"{AUTH}/login", json=register(visitor)).json()

    second = visitor.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]}).json()

    assert visitor.get(ME, headers=bearer(second["access_token"])).status_code == 200
    _ = problem(visitor.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]}), 401)
    _ = problem(visitor.get(ME, headers=bearer(second["access_token"])), 401)


def test_a_changed_password_ends_the_other_sessions(visitor: httpx.Client) -> None:
    account = register(visitor)
    here, elsewhere = (visitor.post(f"{AUTH}/login", json=account).json()["access_token"] for _ in range(2))
    form = {"current_password": PASSWORD, "new_password": f"{PASSWORD} staple"}

    assert visitor.post(f"{AUTH}/password", json=form, headers=bearer(here)).status_code == 204
    assert visitor.get(ME, headers=bearer(here)).status_code == 200
    _ = problem(visitor.get(ME, headers=bearer(elsewhere)), 401)
    _ = problem(visitor.post(f"{AUTH}/login", json=account), 401)


def test_only_administrators_see_the_accounts(client: httpx.Client) -> None:
    _ = problem(client.get("/api/v1/users"), 403)


@pytest.mark.parametrize("extra", [{"role": "admin"}, {"email": "no address"}, {"password": "short"}])
def test_refuses_to_register_what_does_not_hold(visitor: httpx.Client, extra: dict[str, str]) -> None:
    form = {"email": "smoke@example.org", "password": PASSWORD} | extra

    _ = problem(visitor.post(f"{AUTH}/register", json=form), 400)
