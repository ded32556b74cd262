"""Accounts, from outside."""

import asyncio

import httpx
import pytest
from litestar import Litestar
from support.accounts import AUTH, PASSWORD, log_in, register, sign_in
from support.parcels import PARCELS
from support.problems import problem
from support.web import open_client

EMAIL = "grace@example.org"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_signs_up_logs_in_and_knows_who_it_is(visitor: httpx.AsyncClient) -> None:
    user_id = await register(visitor, "Grace@Example.org")

    tokens = await log_in(visitor, EMAIL)

    me = (await visitor.get(f"{AUTH}/me", headers=bearer(tokens["access_token"]))).json()
    assert (me["id"], me["email"], me["role"]) == (user_id, EMAIL, "user")
    assert "password" not in str(me)
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)


async def test_an_address_has_one_account(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)

    response = await visitor.post(f"{AUTH}/register", json={"email": EMAIL.upper(), "password": PASSWORD})

    _ = problem(response, 409)


async def test_signing_up_twice_at_once_makes_one_account(visitor: httpx.AsyncClient) -> None:
    form = {"email": EMAIL, "password": PASSWORD}

    answers = await asyncio.gather(*(visitor.post(f"{AUTH}/register", json=form) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("role", {"role": "admin"}),
        ("id", {"id": "0195d3c0-0000-7000-8000-000000000000"}),
        ("email", {"email": "no address"}),
        ("email", {"email": "a@b"}),
        ("email", {"email": "a\n@example.org"}),
        ("email", {"email": "a@example.org\n"}),
        ("email", {"email": "a@example..org"}),
        ("email", {"email": f"{'a' * 250}@example.org"}),
        ("password", {"password": "short"}),
        ("password", {"password": "x" * 129}),
        ("password", {"password": None}),
    ],
)
async def test_refuses_a_form_that_does_not_hold(
    visitor: httpx.AsyncClient, field: str, form: dict[str, object]
) -> None:
    response = await visitor.post(f"{AUTH}/register", json={"email": EMAIL, "password": PASSWORD} | form)

    (error,) = problem(response, 400)["errors"]
    assert field in (error["field"], *error["message"].split("`"))


async def test_letters_that_look_the_same_are_the_same(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, "andr\u00e9@example.org")

    response = await visitor.post(f"{AUTH}/register", json={"email": "andre\u0301@example.org", "password": PASSWORD})

    _ = problem(response, 409)


async def test_nothing_that_cannot_be_seen_makes_another_address(visitor: httpx.AsyncClient) -> None:
    form = {"email": "gr\u200bace@example.org", "password": PASSWORD}

    assert "cannot be seen" in problem(await visitor.post(f"{AUTH}/register", json=form), 422)["detail"]


async def test_an_address_that_grows_too_long_in_lower_case_is_refused(visitor: httpx.AsyncClient) -> None:
    response = await visitor.post(f"{AUTH}/register", json={"email": "\u0130" * 240 + "@x.org", "password": PASSWORD})

    _ = problem(response, 422)


async def test_a_form_logs_in_too(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD, "scope": "", "client_id": "docs"}

    response = await visitor.post(f"{AUTH}/token", data=form)

    assert response.status_code == 200
    me = await visitor.get(f"{AUTH}/me", headers=bearer(response.json()["access_token"]))
    assert me.json()["email"] == EMAIL


@pytest.mark.parametrize("path", ["register", "login", "refresh"])
async def test_a_stranger_may_not_send_much(visitor: httpx.AsyncClient, path: str) -> None:
    body = b'"' + b"x" * 10_000 + b'"'

    _ = problem(await visitor.post(f"{AUTH}/{path}", content=body, headers={"content-type": "application/json"}), 413)


async def test_nor_in_a_form(visitor: httpx.AsyncClient) -> None:
    _ = problem(await visitor.post(f"{AUTH}/token", data={f"field{number}": "" for number in range(1000)}), 413)


async def test_says_the_same_of_a_wrong_password_and_of_nobody(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)

    wrong = await visitor.post(f"{AUTH}/login", json={"email": EMAIL, "password": "wrong horse battery"})
    nobody = await visitor.post(f"{AUTH}/login", json={"email": "x@example.org", "password": "wrong horse battery"})

    assert problem(wrong, 401)["detail"] == problem(nobody, 401)["detail"]
    assert wrong.headers["www-authenticate"] == "Bearer"


async def test_guessing_is_slowed_down(app: Litestar, visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)
    guess = {"email": EMAIL, "password": "wrong horse battery"}

    codes = [(await visitor.post(f"{AUTH}/login", json=guess)).status_code for _ in range(5)]
    refused = await visitor.post(f"{AUTH}/login", json={"email": EMAIL, "password": PASSWORD})

    assert codes == [401] * 5
    _ = problem(refused, 429)
    assert 0 < int(refused.headers["retry-after"]) <= 60
    async with open_client(app, address=("198.51.100.1", 1)) as owner_elsewhere:
        _ = await log_in(owner_elsewhere, EMAIL)


async def test_guesses_at_the_same_time_are_all_counted(visitor: httpx.AsyncClient) -> None:
    guess = {"email": EMAIL, "password": "wrong horse battery"}

    answers = await asyncio.gather(*(visitor.post(f"{AUTH}/login", json=guess) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 3


async def test_logging_in_well_forgets_the_failures(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)

    for _ in range(2):
        for _ in range(4):
            _ = await visitor.post(f"{AUTH}/login", json={"email": EMAIL, "password": "wrong horse battery"})
        _ = await log_in(visitor, EMAIL)


async def test_a_refresh_token_is_good_once(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)
    first = await log_in(visitor, EMAIL)

    second = (await visitor.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]})).json()
    me = await visitor.get(f"{AUTH}/me", headers=bearer(second["access_token"]))
    again = await visitor.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]})

    assert me.status_code == 200
    _ = problem(again, 401)


async def test_using_one_again_ends_the_session_for_everybody(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)
    first = await log_in(visitor, EMAIL)
    other = await log_in(visitor, EMAIL)
    second = (await visitor.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]})).json()

    _ = await visitor.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]})

    _ = problem(await visitor.post(f"{AUTH}/refresh", json={"refresh_token": second["refresh_token"]}), 401)
    _ = problem(await visitor.get(f"{AUTH}/me", headers=bearer(second["access_token"])), 401)
    assert (await visitor.get(f"{AUTH}/me", headers=bearer(other["access_token"]))).status_code == 200


async def test_of_two_that_race_with_one_token_one_wins_at_most(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)
    token = {"refresh_token": (await log_in(visitor, EMAIL))["refresh_token"]}

    answers = await asyncio.gather(*(visitor.post(f"{AUTH}/refresh", json=token) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


@pytest.mark.parametrize("token", ["", "x", "0195d3c0000070008000000000000000.x", ".", "\x00", "é" * 50])
async def test_a_made_up_refresh_token_is_refused(visitor: httpx.AsyncClient, token: str) -> None:
    _ = problem(await visitor.post(f"{AUTH}/refresh", json={"refresh_token": token}), 401)


async def test_logging_out_ends_both_tokens(visitor: httpx.AsyncClient) -> None:
    _ = await register(visitor, EMAIL)
    tokens = await log_in(visitor, EMAIL)

    assert (await visitor.post(f"{AUTH}/logout", headers=bearer(tokens["access_token"]))).status_code == 204

    _ = problem(await visitor.get(f"{AUTH}/me", headers=bearer(tokens["access_token"])), 401)
    _ = problem(await visitor.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]}), 401)


@pytest.mark.usefixtures("parcels")
async def test_features_need_somebody(visitor: httpx.AsyncClient) -> None:
    _ = problem(await visitor.get(PARCELS), 401)
    _ = problem(await visitor.post(PARCELS, json={"title": "x"}), 401)


async def test_accounts_are_listed_for_administrators_alone(client: httpx.AsyncClient) -> None:
    _ = problem(await client.get("/api/v1/users"), 403)


async def test_an_account_is_its_owners_own(app: Litestar, client: httpx.AsyncClient) -> None:
    own = (await client.get(f"{AUTH}/me")).json()["id"]
    async with open_client(app) as other:
        await sign_in(other, "eve@example.org")
        _ = problem(await other.get(f"/api/v1/users/{own}"), 403)

    assert (await client.get(f"/api/v1/users/{own}")).json()["email"] == "ada@example.org"
