"""Error responses in the OpenAPI document, derived from what a handler takes."""

from http import HTTPStatus

from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import BodyKwarg, ParameterKwarg

from ...errors import PROBLEM_JSON, Problem


def document_errors(handler: HTTPRouteHandler, *, has_path_parameters: bool) -> None:
    definitions = [parameter.kwarg_definition for parameter in handler.parsed_fn_signature.parameters.values()]
    statuses = [HTTPStatus.INTERNAL_SERVER_ERROR]
    if any(isinstance(definition, ParameterKwarg | BodyKwarg) for definition in definitions):
        statuses.append(HTTPStatus.BAD_REQUEST)
    if any(isinstance(definition, BodyKwarg) for definition in definitions):
        statuses += [HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE]
    if has_path_parameters:
        statuses.append(HTTPStatus.NOT_FOUND)
    add_problems(handler, *statuses)


def add_problems(handler: HTTPRouteHandler, *statuses: int) -> None:
    """Document these statuses; what the handler says of them itself stays."""
    handler.responses = problems(*statuses) | dict(handler.responses or {})


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The `responses` of a handler that may answer with these statuses."""
    return {
        int(status): ResponseSpec(
            Problem, generate_examples=False, description=HTTPStatus(status).phrase, media_type=PROBLEM_JSON
        )
        for status in statuses
    }
