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

from ...commands import CommandError, Commands, say
from ...config import ConfigurationError
from ...errors import ConflictError, DomainError
from ..database import Database, DatabaseSettings
from ..logging import LogSettings, configure_logging
from .audit import audit
from .models import LONGEST_PASSWORD, SHORTEST_PASSWORD, Email, NewPassword
from .service import Accounts
from .settings import AuthSettings
from .store import account_stores


class HasAccounts(Protocol):
    @property
    def database(self) -> DatabaseSettings: ...
    @property
    def auth(self) -> AuthSettings: ...
    @property
    def log(self) -> LogSettings: ...


def add_user_commands(commands: Commands) -> None:
    users = commands.add_parser("users", help="look after the accounts")
    actions = users.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create-admin", help="make an administrator")
    _ = create.add_argument("--promote", action="store_true", help="raise the account that is there, password and all")
    create.set_defaults(run=command(create_admin))
    change = actions.add_parser("set-password", help="give an account another password, and end its sessions")
    change.set_defaults(run=command(set_password))
    for parser in (create, change):
        _ = parser.add_argument("email", help="the account's address")
        _ = parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def command(
    action: Callable[[HasAccounts, argparse.Namespace], None],
) -> Callable[[HasAccounts, argparse.Namespace], int]:
    """A command's exit code, with what the accounts refuse as a line."""

    def run(settings: HasAccounts, given: argparse.Namespace) -> int:
        try:
            action(settings, given)
        except DomainError as error:
            print(f"users: {error}", file=sys.stderr)
            return 1
        return 0

    return run


def create_admin(settings: HasAccounts, given: argparse.Namespace) -> None:
    email = email_of(given)
    if cast("bool", given.promote):
        with_accounts(settings, lambda accounts: accounts.promote(email))
    else:
        password = password_of(given)
        try:
            _ = with_accounts(settings, lambda accounts: accounts.add_admin(email, password))
        except ConflictError as error:
            # Whoever signed up with it first knows its password: that has to be a decision.
            hint = "--promote makes it an administrator's, with the password that it has."
            raise ConflictError(f"{error} {hint}") from None
    say(f"{email} is an administrator.")


def set_password(settings: HasAccounts, given: argparse.Namespace) -> None:
    email, password = email_of(given), password_of(given)
    user = with_accounts(settings, lambda accounts: accounts.set_password(email, password))
    configure_logging(settings.log)
    audit.info("password set", user=str(user.id))
    say(f"{email} has another password, and no session any more.")


def email_of(given: argparse.Namespace) -> str:
    email = cast("str", given.email)
    refuse_malformed(email, Email, "an address like ada@example.org")
    return email


def password_of(given: argparse.Namespace) -> str:
    try:
        password = sys.stdin.readline().rstrip("\n") if cast("bool", given.password_stdin) else ask_for_password()
        _ = password.encode()  # without a locale, bytes that are no text come through
    except UnicodeError:
        raise CommandError("users: The password is not written in UTF-8.") from None
    refuse_malformed(password, NewPassword, f"a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    return password


def ask_for_password() -> str:
    try:
        with warnings.catch_warnings(action="error", category=GetPassWarning):  # it would show what is typed
            password, again = getpass("Password: "), getpass("Once more: ")
    except EOFError, GetPassWarning:
        raise CommandError("users: There is no terminal to ask in; --password-stdin reads the password.") from None
    if password != again:
        raise CommandError("users: These are two passwords; nothing is changed.")
    return password


def refuse_malformed(value: str, form: object, what: str) -> None:
    try:
        _ = cast("object", msgspec.convert(value, form))
    except msgspec.ValidationError:
        raise DomainError(f"It takes {what}.") from None


def with_accounts[T](settings: HasAccounts, action: Callable[[Accounts], Awaitable[T]]) -> T:
    async def act() -> T:
        database = Database(settings.database)
        try:
            return await action(Accounts(account_stores(State({"database": database})), settings.auth))
        finally:
            await database.close()

    try:
        return asyncio.run(act())
    except DBAPIError as error:
        raise ConfigurationError(
            f"The database refuses: {error.orig}. Is it there, and up to date (`db upgrade`)?"
        ) from error
