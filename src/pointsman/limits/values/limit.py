"""What a limit is, and what a request takes from it. Values only.

Time is a whole number of microseconds and amounts are whole numbers, so that nothing is lost to rounding and
that two implementations of the same rule (Python, Lua) can be compared to the unit.
"""

from __future__ import annotations

from typing import Literal

import msgspec

MINUTE_US = 60_000_000

# How long a request has to wait for one limit is a number to compare by: microseconds, or one of these.
UNKNOWN = 1 << 61
"""Until calls under way end."""
NEVER = 1 << 62
"""It asks for more than the limit is."""

Dimension = Literal["rpm", "input_tpm", "output_tpm", "tpm", "concurrency"]
"""As settings spell it: requests, prompt tokens, answer tokens, both, all a minute; and calls at once."""

Window = Literal["refill", "rolling", "slots"]
"""``refill``: what is missing flows back evenly over a minute (Anthropic). ``rolling``: no sum over any
minute exceeds the limit (OpenAI). ``slots``: for concurrency; taken and given back."""

Source = Literal["configured", "learned"]

ScopeKind = Literal["key", "model", "provider", "deployment"]
"""A virtual key; a model wherever it is had; an account at a provider; a model at a provider."""

# Places in ``Amounts``. A provider's own count can differ from ours: see ``demand.py``.
REQUESTS, INPUT, OUTPUT, TOTAL, UPSTREAM_INPUT, UPSTREAM_TOTAL, SLOTS = range(7)

Amounts = tuple[int, int, int, int, int, int, int]
"""What one request takes, by place: requests (1), prompt tokens, answer tokens, both; prompt tokens and both
as the provider counts them; calls at once (1 while under way)."""

PAUSE = "/pause"
"""How the id of a limit ends that is a pause: it frees one a microsecond, and is that long in debt."""

NOTHING: Amounts = (0, 0, 0, 0, 0, 0, 0)


class Scope(msgspec.Struct, frozen=True, gc=False):
    """Whose limit it is."""

    kind: ScopeKind
    name: str
    """The key's id, the model's id, the provider's name, or PROVIDER/MODEL."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class Limit(msgspec.Struct, frozen=True, gc=False):
    """One limit of one scope. ``id`` names its bucket in every store."""

    id: str
    """``SCOPE/DIMENSION``, as in ``deployment:openai/gpt-6-luna/tpm``."""
    scope: Scope
    dimension: Dimension
    place: int
    """Which of the ``Amounts`` it counts."""
    amount: int
    """A minute, or at once; at least 1."""
    window: Window
    slack_us: int = 0
    """How much later than we think a provider may see a request, and so how much earlier the next one. Full
    use of a limit that somebody else counts needs this much room, or the network's jitter trips it."""
    source: Source = "configured"


def make_limit(
    scope: Scope,
    dimension: Dimension,
    amount: int,
    *,
    window: Literal["refill", "rolling"] = "refill",
    slack_us: int = 0,
    source: Source = "configured",
) -> Limit:
    """A limit whose bucket and place follow from its scope and dimension."""
    upstream = scope.kind != "key"
    place = {
        "rpm": REQUESTS,
        "input_tpm": UPSTREAM_INPUT if upstream else INPUT,
        "output_tpm": OUTPUT,
        "tpm": UPSTREAM_TOTAL if upstream else TOTAL,
        "concurrency": SLOTS,
    }[dimension]
    return Limit(
        id=f"{scope}/{dimension}",
        scope=scope,
        dimension=dimension,
        place=place,
        amount=amount,
        window="slots" if dimension == "concurrency" else window,
        slack_us=0 if dimension == "concurrency" else slack_us,
        source=source,
    )


class Shortage(msgspec.Struct, frozen=True, gc=False):
    """A request that does not fit now. Nothing was taken for it."""

    limit: Limit
    """The one to wait for longest."""
    wait_us: int | None
    """Microseconds until it would fit, if nobody else took anything meanwhile. None: nobody can tell, since
    it depends on when calls under way end (concurrency)."""
    never: bool = False
    """It asks for more than the limit allows at all; waiting is of no use."""
    away: bool = False
    """The store that replicas share is away, and this is more than is left of this replica's share."""


class Level(msgspec.Struct, frozen=True):
    """A limit as it stands, for people to look at."""

    limit: Limit
    used: int
    """Of ``limit.amount``: what is taken and has not flowed back; may exceed it after an estimate was low."""
    reserved: int
    """Of ``used``: what is held for calls under way."""
    free_at_us: int
    """Microseconds until all of it is free again; 0 if it is, or for slots."""
