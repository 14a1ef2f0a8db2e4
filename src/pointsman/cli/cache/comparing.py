"""Compares questions for ``pointsman cache explain`` and ``certify``: here, or in a running gateway where the
vectors are a provider's, so that what they cost is booked there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pointsman.caching.semantic.explained import Compared
    from pointsman.config.semantic import SemanticSettings

PAIRS_AT_ONCE = 100
Pairs = Sequence[tuple[str, str]]


class Place(msgspec.Struct, frozen=True):
    """Where a route's settings and its certificate are."""

    name: str
    settings: SemanticSettings
    certificate: Path


def place_of(route: str, config: Path | None) -> Place:
    """Raises InvalidRequest: the settings have no such route."""
    from pointsman.cli.environment import read_context
    from pointsman.config import database_path
    from pointsman.config.semantic_certificate import certificate_path
    from pointsman.errors import InvalidRequest

    settings, environment, _ = read_context(config)
    given = settings.cache.semantic.get(route)
    if given is None:
        there = ", ".join(settings.cache.semantic) or "none"
        raise InvalidRequest(
            f"The settings have no [cache.semantic.{route}]. There are: {there}.", param="route"
        )
    folder = database_path(settings, environment).parent
    return Place(route, given, certificate_path(route, given, folder))


def compare_here(
    pairs: Pairs, vectors: str, place: Place | None, threshold: float | None, *, synonyms: bool = False
) -> Compared:
    """With vectors that need no provider.

    Args:
        place: of the route whose certificate counts; None for none.
        threshold: in place of a certificate's.
        synonyms: one word of weight may stand in the place of another.

    Raises:
        ConfigurationError: there are no such vectors.
    """
    from pointsman.caching.semantic.certificate import why_not
    from pointsman.caching.semantic.explained import Compared, explain
    from pointsman.clock import SystemClock
    from pointsman.config.semantic_certificate import read_certificate
    from pointsman.config.semantic_vectors import local_vectors, vector_source

    identity, vector = local_vectors(vector_source(vectors, "vectors"), "vectors")
    why = ""
    if place is not None and threshold is None:
        certificate, why = read_certificate(place.certificate)
        if certificate is not None:
            now = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)
            threshold = certificate.threshold
            why = why_not(certificate, route=place.name, vectors=identity, synonyms=synonyms, now=now)
    return Compared(
        identity,
        tuple([explain(a, b, (vector(a), vector(b)), threshold, why, synonyms=synonyms) for a, b in pairs]),
    )


def compare_there(pairs: Pairs, route: str, base: str) -> Compared:
    """In the gateway whose admin listener is at ``base``.

    Raises:
        UpstreamUnreachable: nobody answers there, or it has no such route.
    """
    import asyncio

    from pointsman.caching.semantic.explained import Compared

    parts = [pairs[at : at + PAIRS_AT_ONCE] for at in range(0, len(pairs), PAIRS_AT_ONCE)] or [[]]
    told = asyncio.run(_ask(parts, route, base))
    return Compared(told[0].vectors, tuple([pair for part in told for pair in part.pairs]))


async def _ask(parts: Sequence[Pairs], route: str, base: str) -> list[Compared]:
    from pointsman.caching.semantic.explained import Compare, Compared
    from pointsman.errors import PointsmanError, UpstreamUnreachable
    from pointsman.http1 import Http1Transport, HttpRequest, Timeouts

    transport, found = Http1Transport(), []
    timeouts = Timeouts(connect=2.0, first_byte=90.0, idle=10.0, total=120.0)
    json = (("content-type", "application/json"),)
    try:
        for part in parts:
            body = msgspec.json.encode(Compare(route, tuple(part)))
            response = await transport.send(
                HttpRequest("POST", f"{base}/cache/explain", json, body), timeouts
            )
            answer = await response.read()
            if response.status != 200:
                raise UpstreamUnreachable(_refusal(base, response.status, answer))
            found.append(msgspec.json.decode(answer, type=Compared))
    except msgspec.DecodeError as error:
        raise UpstreamUnreachable(f"What answers at {base} is no gateway of this version.") from error
    except UpstreamUnreachable:
        raise
    except PointsmanError as error:
        raise UpstreamUnreachable(
            f"No gateway answers at {base}. Start one with 'pointsman serve', or name its admin listener with"
            " --url."
        ) from error
    finally:
        await transport.close()
    return found


def _refusal(base: str, status: int, answer: bytes) -> str:
    try:
        said = msgspec.json.decode(answer, type=Mapping[str, str]).get("error", "")
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = ""
    return said or (
        f"What answers at {base} has no semantic cache (status {status}). Is a [cache.semantic.NAME] set"
        " there? The admin listener's port is server.admin_port, not server.port."
    )
