"""`db`: the database's part of the command line."""

import argparse
import sys
from collections.abc import Callable
from typing import Protocol, cast

from alembic.util import CommandError

from ...commands import Commands
from .engine import DatabaseSettings
from .migrations import check, current, downgrade, revision, upgrade


class HasDatabase(Protocol):
    @property
    def database(self) -> DatabaseSettings: ...


def add_database_commands(commands: Commands) -> None:
    db = commands.add_parser("db", help="look after the database")
    actions = db.add_subparsers(required=True, metavar="ACTION")

    up = actions.add_parser("upgrade", help="bring the database up to date")
    _ = up.add_argument("revision", nargs="?", default="heads")
    up.set_defaults(run=command(bring_up))

    down = actions.add_parser("downgrade", help="take migrations back")
    _ = down.add_argument("revision", help="the one to go back to, or base; -1 takes back the last one")
    down.set_defaults(run=command(take_back))

    new = actions.add_parser("revision", help="write a migration for what changed in the models")
    _ = new.add_argument("message", help="what changes, in a few words")
    new.set_defaults(run=command(lambda database, given: revision(database, cast("str", given.message))))

    show = actions.add_parser("current", help="say which migrations the database has")
    show.set_defaults(run=command(lambda database, _: current(database)))

    compare = actions.add_parser("check", help="fail where the models are ahead of the migrations")
    compare.set_defaults(run=command(lambda database, _: check(database)))


def bring_up(database: DatabaseSettings, given: argparse.Namespace) -> None:
    upgrade(database, cast("str", given.revision))
    current(database)


def take_back(database: DatabaseSettings, given: argparse.Namespace) -> None:
    downgrade(database, cast("str", given.revision))
    current(database)


def command(
    action: Callable[[DatabaseSettings, argparse.Namespace], None],
) -> Callable[[HasDatabase, argparse.Namespace], int]:
    """A command's exit code, with Alembic's complaints as a line instead of a traceback."""

    def run(settings: HasDatabase, given: argparse.Namespace) -> int:
        try:
            action(settings.database, given)
        except CommandError as error:
            print(f"db: {error}", file=sys.stderr)
            return 1
        return 0

    return run
