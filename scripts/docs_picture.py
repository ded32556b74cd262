"""Takes the picture of a created service's documentation page for the README: a real service in a real browser.

    python -m scripts.docs_picture docs/images/docs-page.webp

It needs Chromium on PATH. The browser reaches the service under a name of its own, and nothing else.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import service
from scripts.browser import browser

HOST = "orders.example.org"
PAGE = f"http://{HOST}/docs#tag/tasks/GET/api/v1/tasks"
WIDTH, HEIGHT, SCALE = 1440, 860, 1.25
DRAWN = "document.body?.innerText.includes('in_progress') ?? false"  # what the opened operation shows


def main() -> None:
    (path,) = sys.argv[1:] or ["docs/images/docs-page.webp"]
    picture = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "order-desk"
        create = [sys.executable, "-m", "newapi", "create", project, "--yes", "--no-git", "--no-check"]
        subprocess.run(create, check=True)
        with (
            service.site(project, Path(folder)).serving() as served,
            browser(f"MAP {HOST}:80 127.0.0.1:{served.port}") as page,
        ):
            page.open(PAGE, WIDTH, HEIGHT, SCALE)
            page.wait_for(DRAWN)
            picture.write_bytes(page.picture())
    print(f"{picture}: {picture.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
