"""`users`: the accounts' part of the command line."""

import argparse
import asyncio
import sys
import warnings
from collections.abc import Awaitable, Callable
from getpass import GetPassWarning, getpass
from typing import Protocol, cast

import msgspec
from litestar.datastructures import State
from sqlalchemy.exc import DBAPIError

from ...commands import CommandError, Commands
from ...config import ConfigurationError
from ...errors import ConflictError, DomainError
from ..database import Database, DatabaseSettings
from .models import LONGEST_PASSWORD, SHORTEST_PASSWORD, Registration
from .service import Accounts
from .settings import AuthSettings
from .store import account_stores


class HasAccounts(Protocol):
    @property
    def database(self) -> DatabaseSettings: ...
    @property
    def auth(self) -> AuthSettings: ...


def add_user_commands(commands: Commands) -> None:
    users = commands.add_parser("users", help="look after the accounts")
    actions = users.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create-admin", help="make an administrator")
    _ = create.add_argument("email", help="the account's address")
    _ = create.add_argument("--promote", action="store_true", help="raise the account that is there, password and all")
    _ = create.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    create.set_defaults(run=create_admin)


def create_admin(settings: HasAccounts, given: argparse.Namespace) -> int:
    email = cast("str", given.email)
    if cast("bool", given.promote):
        return promote(settings, email)
    typed = sys.stdin.readline().rstrip("\n") if cast("bool", given.password_stdin) else ask_for_password()
    try:
        form = msgspec.convert({"email": email, "password": typed}, Registration)
    except msgspec.ValidationError:
        lengths = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        print(f"users: It takes an address like ada@example.org, and a password of {lengths}.", file=sys.stderr)
        return 1
    try:
        _ = asyncio.run(with_accounts(settings, lambda accounts: accounts.add_admin(form.email, form.password)))
    except ConflictError as error:
        # Whoever signed up with it first knows its password: that has to be a decision.
        print(f"users: {error} --promote makes it an administrator's, with the password that it has.", file=sys.stderr)
        return 1
    except DomainError as error:
        print(f"users: {error}", file=sys.stderr)
        return 1
    print(f"{email} is an administrator.")
    return 0


def ask_for_password() -> str:
    try:
        with warnings.catch_warnings(action="error", category=GetPassWarning):  # it would show what is typed
            return getpass("Password: ")
    except EOFError, GetPassWarning:
        raise CommandError("users: There is no terminal to ask in; --password-stdin reads the password.") from None


def promote(settings: HasAccounts, email: str) -> int:
    if asyncio.run(with_accounts(settings, lambda accounts: accounts.promote(email))):
        print(f"{email} is an administrator.")
        return 0
    print(f"users: There is no account with the address {email}.", file=sys.stderr)
    return 1


async def with_accounts[T](settings: HasAccounts, action: Callable[[Accounts], Awaitable[T]]) -> T:
    database = Database(settings.database)
    try:
        return await action(Accounts(account_stores(State({"database": database})), settings.auth))
    except DBAPIError as error:
        raise ConfigurationError(
            f"The database refuses: {error.orig}. Is it there, and up to date (`db upgrade`)?"
        ) from error
    finally:
        await database.close()
