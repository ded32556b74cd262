"""The harness as a library: `verify(Request(template.load(folder), coverage="pairs"))` gives a `Report`."""

from newapi.verify.model import Report, Variant, Verified
from newapi.verify.request import Request
from newapi.verify.verification import verify
from newapi.verify.watch import Watcher

__all__ = ["Report", "Request", "Variant", "Verified", "Watcher", "verify"]
