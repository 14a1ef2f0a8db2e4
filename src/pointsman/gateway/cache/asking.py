"""What is asked, as far as the key of its answer goes by it: all that is around the body, too. Pure.

What a client sends and what is not in the key here does not get to a provider: paths of our own, headers that
``request_headers`` leaves behind, and a query on the way to another dialect.
"""

from __future__ import annotations

import msgspec

from pointsman.caching.equal.defaults import Told, told_defaults
from pointsman.caching.equal.key import Asked, Partition, answer_headers
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan, Route

from .forms import form_of

_TRUE = b"true"
_NULL = b"null"
_BY_EFFORT = "reasoning_effort of openai_chat"
_MOST = 1024


class Ways(msgspec.Struct, frozen=True, gc=False):
    """What of a key depends on where a request may be sent, and not on the request."""

    models: str
    told: Told
    """Defaults that all tell of."""
    anthropic: bool
    """Somebody understands Anthropic's headers."""
    openai: bool
    dialects: frozenset[str]


class Asking:
    """Remembers the ways of plans, which most requests share. One per answer cache."""

    def __init__(self) -> None:
        self._ways: dict[int, tuple[Plan, Ways]] = {}
        """By identity; the plan is held, so that no other takes its place."""

    def asked(self, call: Call, alone: bool) -> tuple[Partition, Asked]:
        """Who may be given the answer, and what is asked.

        Args:
            alone: the caller's key shares with no other.
        """
        arrival, plan, key = call.arrival, call.plan, call.arrival.key
        assert plan is not None
        ways, face = self._ways_of(call, plan), arrival.face.name
        headers = answer_headers(
            arrival.headers, arrival.body, plan.defaults, anthropic=ways.anthropic, openai=ways.openai
        )
        if ways.anthropic and _thinks_by_effort(call):
            headers += (_BY_EFFORT,)
        form = form_of(call)
        asked = Asked(
            face,
            arrival.body,
            ways.models,
            plan.defaults,
            headers,
            arrival.query if face in ways.dialects else "",
            ways.told,
            form if _has_one_form(call) else None,
            form,
        )
        # who has keys and no tenants has one tenant for each key
        return Partition(key.tenant, key.id if alone or not key.tenant else ""), asked

    def crosses(self, call: Call) -> bool:
        """It may be answered by who does not speak its dialect."""
        plan = call.plan
        assert plan is not None
        return self._ways_of(call, plan).dialects != {call.arrival.face.name}

    def _ways_of(self, call: Call, plan: Plan) -> Ways:
        chosen = call.chosen
        if chosen is not None and chosen.first:
            return _ways(plan, [first.route for first in chosen.first])
        known = self._ways.get(id(plan))
        if known is None:
            if len(self._ways) >= _MOST:
                self._ways.clear()
            self._ways[id(plan)] = known = plan, _ways(plan, [])
        return known[1]


def meant(plan: Plan) -> tuple[str, ...]:
    """Whose answer will do: of several equals of a route, any one's."""
    routes = plan.stages[0].routes if plan.stages else (plan.route,)
    return tuple(sorted({identity(route) for route in routes}))


def identity(route: Route) -> str:
    """What is the same model wherever it is served. Of one that the catalog does not know only its provider
    can tell; and what is simulated is no answer of the model."""
    name = route.deployment if route.model is None else route.name
    return f"simulated {name}" if route.provider.simulated else name


def _ways(plan: Plan, cheap: list[Route]) -> Ways:
    routes = [plan.route, *(route for stage in plan.stages for route in stage.routes), *cheap]
    providers = [route.provider for route in routes]
    # where a model takes none of them, who says one is refused
    told = all(route.model and route.model.capabilities.sampling_params is not False for route in routes)
    return Ways(
        "\0".join(meant(plan)),
        told_defaults([provider.name for provider in providers], plan.defaults) if told else (),
        any(provider.dialect == "anthropic_messages" for provider in providers),
        any(provider.name == "openai" for provider in providers),
        frozenset([provider.dialect for provider in providers]),
    )


def _has_one_form(call: Call) -> bool:
    """In another one than it is made in, something of the answer would be lost: log probabilities, and
    citations, which the hub has no word for."""
    peek, arrival = call.peek, call.arrival
    assert peek is not None
    wanted = peek.fields.get("logprobs")
    if wanted is not None and bytes(wanted) == _TRUE:
        return True
    return arrival.face.name == "anthropic_messages" and b'"citations"' in arrival.body


def _thinks_by_effort(call: Call) -> bool:
    """OpenAI's effort makes Claude think; Anthropic's own, which does not, reads the same in the hub."""
    peek = call.peek
    assert peek is not None
    effort = peek.fields.get("reasoning_effort")
    return effort is not None and bytes(effort) != _NULL and call.arrival.face.name == "openai_chat"
