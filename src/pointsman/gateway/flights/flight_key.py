"""Which requests may share a call. Pure."""

from __future__ import annotations

from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan

_LOSSY = frozenset({"stop", "stop_sequences", "reasoning", "reasoning_effort", "thinking", "output_config"})
"""Fields whose effect on an answer does not survive the way through another dialect and back: which of the
stop sequences was met, and signatures of thoughts."""


_NOT_WITH_OTHERS = frozenset({"top_p", "top_k"})
"""Fields that are left out on the way to Claude, where Anthropic's own clients have them heard."""


def flight_key(key: bytes, call: Call) -> bytes:
    """What requests have in common that may share a call: the key of their answer, and where it may come
    from. Those of which a translation could lose something share only within their dialect."""
    plan, chosen = call.plan, call.chosen
    assert plan is not None and call.peek is not None
    words = [plan.route.deployment]
    for stage in plan.stages:
        words += [route.deployment for route in stage.routes]
    if plan.retries is not None:
        words.append(f"{plan.retries.on_refusal} {plan.retries.continue_streams}")
    if chosen is not None and chosen.first:
        words += [chosen.decision.route, *(first.route.deployment for first in chosen.first)]
    fields = call.peek.fields
    if not _LOSSY.isdisjoint(fields) or not (_NOT_WITH_OTHERS.isdisjoint(fields) or _no_claude(plan)):
        words.append(call.arrival.face.name)
    return key + "\0".join(words).encode()


def _no_claude(plan: Plan) -> bool:
    routes = [plan.route, *(route for stage in plan.stages for route in stage.routes)]
    return all(route.provider.dialect != "anthropic_messages" for route in routes)
