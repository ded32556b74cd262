"""All checks, in the order in which they are made."""

from newapi.verify.check import Check
from newapi.verify.checks import drain, files, fuzz, project, service

CHECKS: tuple[Check, ...] = (*files.CHECKS, *project.CHECKS, *service.CHECKS, fuzz.CHECK, drain.CHECK)
