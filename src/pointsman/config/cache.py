"""The settings of the answer cache."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from pointsman.caching.rules.charging import Charge
from pointsman.config.semantic import SemanticSettings
from pointsman.secret import Secret


class CacheSettings(Struct, frozen=True, forbid_unknown_fields=True):
    enabled: Annotated[
        bool, Meta(description="Answer equal requests of one tenant from memory, without asking a provider.")
    ] = False
    max_bytes: Annotated[
        Annotated[int, Meta(ge=1 << 20)],
        Meta(description="Memory that it may take, tables included; one answer takes a tenth at most."),
    ] = 256 << 20
    ttl: Annotated[
        Annotated[float, Meta(gt=0, le=366 * 86_400)],
        Meta(description="Seconds for which an answer is given again."),
    ] = 3600.0
    sampled: Annotated[
        bool,
        Meta(
            description="Also cache requests at a temperature above 0, which is both APIs' default, so that "
            "equal requests get equal answers."
        ),
    ] = False
    pace: Annotated[
        Annotated[float, Meta(ge=0, le=1_000_000)],
        Meta(description="Events a second at which a kept stream is told again; 0 is all at once."),
    ] = 0.0
    coalesce: Annotated[
        bool, Meta(description="Equal requests that come while one of them is under way share its call.")
    ] = True
    charge: Annotated[
        Charge,
        Meta(
            description="Who pays for a call that is shared: `first`, the request that it was made for, or "
            "`split`, all who got the answer in equal parts."
        ),
    ] = "first"
    shared: Annotated[
        bool,
        Meta(description="Where `redis.url` is set, keep answers there too, and share calls with replicas."),
    ] = True
    shared_max_bytes: Annotated[
        Annotated[int, Meta(ge=1 << 20)],
        Meta(description="What answers may take in Redis; those that would end soonest go first."),
    ] = 1 << 30
    encryption_key: Annotated[
        Secret | None,
        Meta(
            description="Encrypts what is shared by Redis: 32 bytes in Base64, or `env:NAME`. Of several, "
            "with commas between them, the first one writes and all read."
        ),
    ] = None
    semantic: Annotated[dict[str, SemanticSettings], Meta(extra={"key": "NAME"})] = field(
        default_factory=dict
    )
