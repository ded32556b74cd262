"""The scripts and styles of the documentation pages, as compressed files beside this module."""

import gzip
from importlib.resources import files
from typing import Annotated

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, HeaderParameter

MEDIA_TYPES = {"js": "text/javascript", "css": "text/css"}


@get("/assets/{name:str}", opt={"compressed": True}, sync_to_thread=True)
def read_asset(
    name: FromPath[str], accept_encoding: Annotated[str, HeaderParameter(name="accept-encoding")] = ""
) -> Response[bytes]:
    """Serve an asset as it lies there, or unpacked to the rare client that does not take gzip."""
    packed = files(__package__).joinpath(f"{name}.gz")
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2])
    if media_type is None or "/" in name or not packed.is_file():
        raise NotFoundException(f"There is no asset {name}.")
    headers = {"cache-control": "public, max-age=86400", "vary": "accept-encoding"}
    content = packed.read_bytes()
    if "gzip" in accept_encoding:
        headers["content-encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type=media_type, headers=headers)
