"""The wizard's screen is tested in a pseudo-terminal, which Windows has none of."""

import sys

if sys.platform == "win32":
    collect_ignore = ["test_screen.py"]
