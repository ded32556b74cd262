"""A feature of the tests' own: what holds for every feature holds for it."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Struct

PARCELS = "/api/v1/parcels"


class Parcel(Struct, forbid_unknown_fields=True):
    title: str


class ParcelController(Controller):
    path = PARCELS

    @post()
    async def create_parcel(self, data: JSONBody[Parcel]) -> Parcel:
        return data

    @get()
    async def list_parcels(self, search: Annotated[str, QueryParameter(max_length=200)] = "") -> list[str]:
        return [search]
