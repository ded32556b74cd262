"""Write .env from .env.example with new random secrets; one that is there already stays as it is."""

import os
import re
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def fill_in(example: str) -> str:
    """Every empty `..._SECRET=` gets a secret of its own."""
    return re.sub(r"^(\w+_SECRET)=$", lambda found: f"{found[1]}={secrets.token_urlsafe(48)}", example, flags=re.M)


def main(root: Path = ROOT) -> None:
    try:
        descriptor = os.open(root / ".env", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        _ = file.write(fill_in((root / ".env.example").read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
