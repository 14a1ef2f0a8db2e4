"""The body for a provider: the caller's own with a few fields changed, or another through the hub. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pointsman.catalog import Model
from pointsman.chat import Request
from pointsman.dialects.base import Encoded, Peek, Target

from .values import Arrival, Route


def encode_body(
    arrival: Arrival, peek: Peek, request: Callable[[], Request], route: Route, defaults: Mapping[str, Any]
) -> Encoded:
    """What is sent along ``route``; the same each time that it is tried.

    Args:
        request: the caller's request in the hub, which is only needed where the dialect changes.
        defaults: a preset's parameters, by hub name.

    Raises:
        UntranslatableRequest: it cannot be said in the provider's dialect.
    """
    if defaults:
        defaults = _fitting(defaults, peek, route.model)
    if route.dialect is not arrival.face:
        return _translate(request(), route, defaults)
    if route.provider.legacy_max_tokens:
        defaults = _with_old_name(defaults, peek.max_output)
    body = arrival.face.rewrite(
        arrival.body, peek, model=route.upstream_model, defaults=defaults, force_usage=peek.stream
    )
    return Encoded(body)


def _fitting(defaults: Mapping[str, Any], peek: Peek, model: Model | None) -> Mapping[str, Any]:
    """Less what does not go together with what the caller set, and no more output than the model has."""
    if model is None:
        return defaults
    sampled = "temperature" in peek.fields or "top_p" in peek.fields
    if sampled and model.capabilities.sampling_together is False:
        defaults = {name: value for name, value in defaults.items() if name == "max_output"}
    most, cap = model.max_output, defaults.get("max_output")
    return defaults if most is None or cap is None or cap <= most else {**defaults, "max_output": most}


def _with_old_name(defaults: Mapping[str, Any], cap: int | None) -> Mapping[str, Any]:
    """With the output cap, the caller's or a preset's, under the one name that the provider heeds."""
    others = {name: value for name, value in defaults.items() if name != "max_output"}
    cap = defaults.get("max_output") if cap is None else cap
    return others if cap is None else others | {"max_tokens": cap}


def _translate(request: Request, route: Route, defaults: Mapping[str, Any]) -> Encoded:
    model, provider = route.model, route.provider
    request = with_defaults(request, defaults)
    legacy, signed = provider.legacy_max_tokens, provider.thought_signatures
    if model is None:
        target = Target(route.upstream_model, thought_signatures=signed, legacy_max_tokens=legacy)
        return route.dialect.encode_request(request, target)
    can = model.capabilities
    target = Target(
        model=route.upstream_model,
        max_output=model.max_output,
        accepts_sampling=can.sampling_params,
        accepts_forced_tools=can.forced_tool_choice,
        accepts_prefill=can.prefill,
        accepts_effort=False if can.reasoning is False else None,
        accepts_reasoning_content=False if provider.name == "openai" else None,
        thought_signatures=signed,
        legacy_max_tokens=legacy,
    )
    return route.dialect.encode_request(request, target)


def with_defaults(request: Request, defaults: Mapping[str, Any]) -> Request:
    """A preset's parameters where the caller gave none."""
    missing = {name: value for name, value in defaults.items() if getattr(request, name) is None}
    return msgspec.structs.replace(request, **missing) if missing else request
