"""What can go wrong, in words for the person at the keyboard.

Every command ends with one of these codes:

====  ===============================================================================
code  meaning
====  ===============================================================================
   0  done; of ``verify``: everything that was checked holds
   1  of ``verify``: a variant does not hold; of every command: a bug in newapi, ``--debug`` shows where;
      or the output was not taken, all else is done
   2  the request cannot be done as it stands: a flag, an answer, a file, a target
   3  the machine lacks something that is needed
   4  the project is there, but a step after it failed; the command still to run is shown
   5  the template is broken
   6  the disk did not take the project, of which nothing is left, or a report
 130  cancelled, 129 or 143 ended by SIGHUP or SIGTERM: nothing is left, unless the project was there already
====  ===============================================================================
"""

import reprlib
import signal

MISSING = 3
STEP_FAILED = 4
CANCELLED = 130


class NewapiError(Exception):
    """Shown as one sentence and one hint; ends the program with `code`."""

    code: int = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message: str = message
        self.hint: str = hint


class UsageError(NewapiError):
    """The request cannot be done as it stands."""

    code: int = 2


class MissingError(NewapiError):
    """The machine lacks something that is needed."""

    code: int = MISSING


class TemplateError(NewapiError):
    """The template is broken, or asks for something that newapi does not do."""

    code: int = 5


class DiskError(NewapiError):
    """The disk did not take what was to be written; of a project nothing is left."""

    code: int = 6


class CancelledError(NewapiError):
    """Ended by a signal, the person's own if no other is named, with this outcome."""

    def __init__(self, outcome: str, number: int = signal.SIGINT) -> None:
        super().__init__(f"Cancelled; {outcome}.")
        self.code: int = 128 + number


def quoted(value: object) -> str:
    """A value as it was given, for a sentence: whatever it is, it is not longer than a line."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = 100
    return short.repr(value)
