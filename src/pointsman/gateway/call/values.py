"""The values that travel along the journey."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Literal

import msgspec

from pointsman.catalog.model import Model
from pointsman.costs import Pricer
from pointsman.dialects.base import Dialect
from pointsman.http1 import Leave
from pointsman.keys import KeyInfo
from pointsman.ledger.entry import Entry
from pointsman.providers import Provider
from pointsman.resilience import RetryPolicy

from .admission import Gate, make_gate

HeaderList = list[tuple[bytes, bytes]]


class Errand(msgspec.Struct, frozen=True):
    """A request of the gateway's own, that no client waits for: one call to one place, never tried again, so
    that what it can cost is known before."""

    requested: str
    """What the ledger says was asked for, as "shadow:NAME"."""
    settled: Callable[[Entry], None]
    """Told what it came to, once; never where nothing was sent and nothing is booked."""
    plan: Plan | None = None
    """Where it goes; None: by the model that it names."""


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
    errand: Errand | None = None


class Route(msgspec.Struct, frozen=True):
    """Where a model is to be had."""

    provider: Provider
    dialect: Dialect
    url: str
    upstream_model: str
    """The model's name at the provider."""
    model: Model | None
    """None: the catalog does not know it, so its limits and price are unknown."""
    pricer: Pricer | None
    gate: Gate | None
    name: str
    """The catalog's id of the model, or the provider's name for it."""
    deployment: str
    """PROVIDER/NAME: what its limits and its health are kept under, however a caller spells the model."""
    model_header: tuple[bytes, bytes]
    provider_header: tuple[bytes, bytes]


def make_route(provider: Provider, dialect: Dialect, upstream_model: str, model: Model | None) -> Route:
    """A route, with what each answer needs of it worked out once."""
    name = upstream_model if model is None else model.id
    return Route(
        provider,
        dialect,
        provider.url(dialect.path),
        upstream_model,
        model,
        None if model is None else Pricer(model),
        None if model is None else make_gate(model),
        name,
        f"{provider.name}/{name}",
        (b"x-pointsman-model", header_value(name)),
        (b"x-pointsman-provider", header_value(provider.name)),
    )


class Stage(msgspec.Struct, frozen=True):
    """Routes that serve a request equally well."""

    routes: tuple[Route, ...]
    weights: tuple[float, ...]
    balance: Literal["weighted", "least_busy", "prefix"] = "weighted"


class Plan(msgspec.Struct, frozen=True):
    """What shall be done with a request."""

    route: Route
    """Where it goes, as long as nothing speaks against it."""
    defaults: Mapping[str, Any]
    """Parameters of a preset, by hub name; they fill what the caller left out."""
    warning: str = ""
    stages: tuple[Stage, ...] = ()
    """Where there is a choice: in the order of preference. The next stage is for when all of one fail."""
    retries: RetryPolicy | None = None
    """What this route says of it, where it says something."""
    hedge: bool = False


class Answer(msgspec.Struct):
    """What goes back to the client: a whole body, or a stream of bytes that must be closed after use."""

    status: int
    headers: HeaderList
    body: bytes | AsyncGenerator[bytes, None]


def header_value(text: str) -> bytes:
    """Text as a header's value: what Latin-1 cannot say, or what would end the header, becomes "?"."""
    if text.isascii() and text.isprintable():
        return text.encode()
    return "".join(c if " " <= c <= "~" else "?" for c in text).encode("ascii")
