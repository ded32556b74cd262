"""Schemas in the OpenAPI document: what Litestar leaves out of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast, override

from litestar.openapi.spec import Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Struct

if TYPE_CHECKING:  # Litestar's own, and no more than a name here
    from litestar._openapi.schema_generation import SchemaCreator


class ClosedStructs(OpenAPISchemaPlugin):
    """Say of a struct that takes no other fields than its own that it does so."""

    @override
    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        kind = cast("object", field_definition.type_)
        return isinstance(kind, type) and issubclass(kind, Struct) and kind.__struct_config__.forbid_unknown_fields

    @override
    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        plugins = cast("Sequence[OpenAPISchemaPlugin]", schema_creator.plugins)
        others = (plugin for plugin in plugins if plugin is not self)
        plugin = next(other for other in others if schema_creator.plugin_supports_field(other, field_definition))
        schema = plugin.to_openapi_schema(field_definition, schema_creator)
        schema.additional_properties = False
        return schema
