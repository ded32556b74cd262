"""Operations in the OpenAPI document: whatever they take and give as JSON, they take and give as MessagePack."""

from dataclasses import dataclass
from http import HTTPStatus

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, RequestBody

from ..formats import JSON, MESSAGE_PACK


@dataclass
class InBothFormats(Operation):
    def __post_init__(self) -> None:
        if isinstance(self.request_body, RequestBody):
            add_message_pack(self.request_body.content)
        for status, answer in (self.responses or {}).items():
            if isinstance(answer, OpenAPIResponse) and int(status) < HTTPStatus.BAD_REQUEST:
                add_message_pack(answer.content or {})


def add_message_pack(content: dict[str, OpenAPIMediaType]) -> None:
    if JSON in content:
        content[MESSAGE_PACK] = content[JSON]
