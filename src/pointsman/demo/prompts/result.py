"""What came of one prompt of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.chat import Usage
from pointsman.costs import PicoUsd, parse_usd

from .prompts import DemoPrompt


class Reply(msgspec.Struct, frozen=True):
    """What an SDK got back."""

    status: int
    """HTTP status; 0 where no answer came."""
    headers: Mapping[str, str] = {}
    """Case-insensitive where an SDK gives them so, else with lower-case names."""
    model: str = ""
    """As the body names it."""
    usage: Usage | None = None
    first_at: float | None = None
    """Clock time at which the first piece of a streamed answer arrived."""
    error: str = ""


class Settled(msgspec.Struct, frozen=True):
    """What ``GET /v1/requests/ID`` tells of a request that is over."""

    cost_usd: str | None = None
    attempts: int | list[Any] = 1
    model: str | None = None
    provider: str | None = None


class DemoResult(msgspec.Struct, frozen=True):
    """One line of the demo's book. None: not known."""

    prompt_id: str
    kind: str
    sdk: str
    stream: bool
    asked: str
    """The model that was asked for."""
    model: str
    """The model that answered; the one asked for where none did."""
    provider: str
    status: int
    """HTTP status; 0 where no answer came."""
    error: str
    """"" if all went well."""
    usage: Usage | None
    ttft: float | None
    """Seconds until the first piece of the answer; None where it was not streamed, or none came."""
    latency: float
    """Seconds until the end of the answer."""
    cost: PicoUsd | None
    attempts: int | None
    request_id: str

    @property
    def ok(self) -> bool:
        return not self.error


def money(text: str | None) -> PicoUsd | None:
    """An amount as the gateway writes it; None where it is not known, or not a number."""
    try:
        return parse_usd(text) if text else None
    except (ValueError, ArithmeticError):
        return None


def needs_settling(reply: Reply) -> bool:
    """Whether the headers left before the cost was known, so that the gateway must be asked for it."""
    return "x-request-id" in reply.headers and "x-pointsman-cost-usd" not in reply.headers


def result(
    prompt: DemoPrompt, reply: Reply, settled: Settled | None, *, started: float, ended: float
) -> DemoResult:
    """Put together what the SDK got, what the headers say and what was settled afterwards."""
    headers = reply.headers
    after = settled or Settled(attempts=[])
    told = headers.get("x-pointsman-attempts", "")
    attempts = after.attempts if isinstance(after.attempts, int) else len(after.attempts)
    return DemoResult(
        prompt_id=prompt.id,
        kind=prompt.kind,
        sdk=prompt.sdk,
        stream=prompt.stream,
        asked=prompt.model,
        model=after.model or headers.get("x-pointsman-model") or reply.model or prompt.model,
        provider=after.provider or headers.get("x-pointsman-provider", ""),
        status=reply.status,
        error=reply.error,
        usage=reply.usage,
        ttft=None if reply.first_at is None else reply.first_at - started,
        latency=ended - started,
        cost=money(after.cost_usd or headers.get("x-pointsman-cost-usd")),
        attempts=attempts or (int(told) if told.isdecimal() else None),
        request_id=headers.get("x-request-id", ""),
    )
