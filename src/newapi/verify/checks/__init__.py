"""All checks, in the order in which they are made."""

from newapi.verify.check import Check
from newapi.verify.checks import drain, files, fuzz, project, service

# The suite is the last: what it leaves in the project is not there for a service that boots.
CHECKS: tuple[Check, ...] = (
    *files.CHECKS, *project.AT_REST, *service.CHECKS, project.MIGRATIONS, fuzz.CHECK, drain.CHECK, project.SUITE,
)  # fmt: skip
