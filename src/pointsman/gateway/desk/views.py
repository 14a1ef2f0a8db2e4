"""What can be read: models, one request, health. Pure: values in, JSON out, in the caller's shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from pointsman.catalog import Model
from pointsman.chat import Usage
from pointsman.costs import PicoUsd, format_usd
from pointsman.ledger.entry import CACHE, Attempt, Entry

_UNKNOWN_RELEASE = "1970-01-01T00:00:00Z"
"""The catalog does not say when a model came out; both SDKs demand a date, and both document the epoch as
"not known"."""


def openai_models(models: Sequence[Model]) -> bytes:
    return msgspec.json.encode({"object": "list", "data": [openai_model(model) for model in models]})


def openai_model(model: Model) -> dict[str, Any]:
    """As OpenAI's ``GET /v1/models/ID`` shapes it; ``shutdown_date`` only where there is one."""
    shape: dict[str, Any] = {"id": model.id, "object": "model", "created": 0, "owned_by": model.provider}
    if model.retires is not None:
        shape["shutdown_date"] = model.retires.isoformat()
    return shape


def anthropic_models(models: Sequence[Model], *, after: str, before: str, limit: int) -> bytes:
    """One page, as Anthropic's list is cut: behind the id ``after``, or in front of the id ``before``."""
    ids = [model.id for model in models]
    start = ids.index(after) + 1 if after in ids else 0
    stop = ids.index(before) if before in ids else len(ids)
    if before in ids:
        start = max(start, stop - limit)
    page = models[start : min(stop, start + limit)]
    more = start > 0 if before in ids else start + limit < stop
    return msgspec.json.encode(
        {
            "data": [anthropic_model(model) for model in page],
            "has_more": more,
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }
    )


def anthropic_model(model: Model) -> dict[str, Any]:
    """As Anthropic's ``GET /v1/models/ID`` shapes it."""
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.id,
        "created_at": _UNKNOWN_RELEASE,
        "lifecycle": model.status if model.status in ("deprecated", "retired") else "active",
        "retires_at": None if model.retires is None else f"{model.retires}T00:00:00Z",
        "max_input_tokens": model.max_input or model.context_window,
        "max_tokens": model.max_output,
    }


def request_view(entry: Entry) -> dict[str, Any]:
    """One request as ``GET /v1/requests/ID`` shows it. What is not known is null, never 0."""
    return {
        "id": entry.request_id,
        "object": "request",
        "created_at": datetime.fromtimestamp(entry.at_us / 1e6, UTC).isoformat(timespec="milliseconds"),
        "outcome": entry.outcome,
        "status": entry.status,
        "error": entry.error or None,
        "face": entry.face,
        "stream": entry.stream,
        "cache": entry.cache or None,
        "source": entry.source or None,
        "saved_usd": _usd(entry.saved) if entry.provider == CACHE else None,
        "requested_model": entry.requested,
        "model": entry.model or None,
        "provider": entry.provider or None,
        "usage": _usage(entry.usage),
        "estimated": entry.estimated,
        "cost_usd": _usd(entry.cost),
        "ttft_ms": None if entry.ttft_us is None else entry.ttft_us / 1000,
        "latency_ms": entry.latency_us / 1000,
        "queued_ms": entry.queued_us / 1000,
        "attempts": [_attempt(attempt) for attempt in entry.attempts],
        "key": {"name": entry.key_name, "tenant": entry.tenant} if entry.key_id else None,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "provider": attempt.provider,
        "model": attempt.model,
        "status": attempt.status or None,
        "outcome": attempt.outcome,
        "error": attempt.error or None,
        "usage": _usage(attempt.usage),
        "estimated": attempt.estimated,
        "cost_usd": _usd(attempt.cost),
        "latency_ms": attempt.latency_us / 1000,
        "upstream_id": attempt.upstream_id or None,
        "breakpoints": attempt.breakpoints,
    }


def _usage(usage: Usage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    return {
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cache_read_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write,
        "reasoning_tokens": usage.reasoning,
        "prompt_tokens": usage.prompt,
        "total_tokens": usage.total,
        "tier": usage.tier or None,
    }


def _usd(cost: PicoUsd | None) -> str | None:
    return None if cost is None else format_usd(cost)
