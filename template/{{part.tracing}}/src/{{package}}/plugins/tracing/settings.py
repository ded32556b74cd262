"""What can be set."""

from typing import Annotated

from msgspec import Meta, Struct


class TracingSettings(Struct, frozen=True, kw_only=True):
    """`endpoint` is the address of a collector; without one nothing is traced."""

    endpoint: str = ""
    sample_ratio: Annotated[float, Meta(ge=0, le=1)] = 1.0

    def __post_init__(self) -> None:
        if self.endpoint and not self.endpoint.startswith(("http://", "https://")):
            raise ValueError("TRACING_ENDPOINT is not of the form http://collector:4318")
