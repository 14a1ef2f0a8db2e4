"""The values that travel along the journey."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import msgspec

from pointsman.catalog.model import Model
from pointsman.costs import Pricer
from pointsman.dialects.base import Dialect
from pointsman.http1 import Leave
from pointsman.keys import KeyInfo
from pointsman.providers import Provider

HeaderList = list[tuple[bytes, bytes]]


class Arrival(msgspec.Struct, gc=False):
    """A request that has been let in: who sends it, in which dialect, and its bytes."""

    request_id: str
    at_us: int
    """Unix time in microseconds."""
    started: float
    """Monotonic seconds."""
    face: Dialect
    headers: Mapping[bytes, bytes]
    """Lower-case names."""
    body: bytes
    key: KeyInfo
    leave: Leave
    """Says when the client has gone."""
    path: str = ""
    query: str = ""


class Route(msgspec.Struct, frozen=True):
    """Where a model is to be had."""

    provider: Provider
    dialect: Dialect
    url: str
    upstream_model: str
    """The model's name at the provider."""
    model: Model | None
    """None: the catalog does not know it, so its limits and price are unknown."""
    pricer: Pricer | None = None

    @property
    def name(self) -> str:
        return self.upstream_model if self.model is None else self.model.id


class Plan(msgspec.Struct, frozen=True):
    """What shall be done with a request."""

    route: Route
    defaults: Mapping[str, Any]
    """Parameters of a preset, by hub name; they fill what the caller left out."""
    warning: str = ""


class Answer(msgspec.Struct):
    """What goes back to the client: a whole body, or a stream of bytes that must be closed after use."""

    status: int
    headers: HeaderList
    body: bytes | AsyncGenerator[bytes, None]
