"""What an account is, and the forms in which it crosses the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

# What is a space differs between languages: with the controls and the mark of byte order, all mean the same by it. `$`
# alone would let a last line break in.
SPACE = r"\s\x00-\x1f\x7f-\x9f\ufeff"
EMAIL = rf"^[^@{SPACE}]+@[^@.{SPACE}]+(?:\.[^@.{SPACE}]+)+$(?!\n)"
LONGEST_EMAIL = 254
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128

type Email = Annotated[str, Meta(max_length=LONGEST_EMAIL, pattern=EMAIL)]
type NewPassword = Annotated[str, Meta(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]
# No rule but a limit: what was a good password once has to be enough to log in.
type Password = Annotated[str, Meta(max_length=LONGEST_PASSWORD)]
type RefreshToken = Annotated[str, Meta(max_length=200)]


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


class Registration(Struct, kw_only=True, forbid_unknown_fields=True):
    email: Email
    password: NewPassword


class Login(Struct, kw_only=True, forbid_unknown_fields=True):
    email: Email
    password: Password


class LoginForm(Struct, kw_only=True):
    """The form of OAuth 2's password grant, in which the documentation pages log in.

    Clients add fields of their own (`scope`, `client_id`, ...), so unknown ones are let through.
    """

    username: Email
    password: Password
    grant_type: str = "password"


class PasswordChange(Struct, kw_only=True, forbid_unknown_fields=True):
    current_password: Password
    new_password: NewPassword


class Refresh(Struct, kw_only=True, forbid_unknown_fields=True):
    refresh_token: RefreshToken


class Tokens(Struct, kw_only=True):
    """`expires_in` is in seconds, and about the access token."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - its kind, no secret
    expires_in: int


class Ticket(Struct):
    """Good once, as `ticket` in a query, for `expires_in` seconds."""

    ticket: str
    expires_in: int


class UserOut(Struct, kw_only=True):
    id: UUID
    email: str
    role: Role
    created_at: datetime


class UserPage(Struct, kw_only=True):
    items: list[UserOut]
    total: int
    limit: int
    offset: int


class User(Struct, frozen=True, kw_only=True):
    """An account as the service knows it; `email` is in lower case."""

    id: UUID
    email: str
    role: Role
    password_hash: str
    created_at: datetime


class LoginSession(Struct, frozen=True, kw_only=True):
    """One login: the family of the refresh tokens that follow from it, of which the newest alone is good.

    It lasts until it is revoked, which removes it, or until `expires_at`.
    """

    id: UUID
    user_id: UUID
    refresh_digest: str
    expires_at: datetime
