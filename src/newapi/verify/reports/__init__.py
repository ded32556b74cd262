"""Reports of a verification: written and read as JSON, joined, and as JUnit XML, HTML and GitHub's summary."""

from newapi.verify.reports.document import decode, encode, read, schema
from newapi.verify.reports.html import encode as html
from newapi.verify.reports.junit import encode as junit
from newapi.verify.reports.merge import merge
from newapi.verify.reports.summary import append as summary

__all__ = ["decode", "encode", "html", "junit", "merge", "read", "schema", "summary"]
