"""`python -m newapi` is `newapi`."""

from newapi.cli import main

main()
