"""What is asked, as far as the key of its answer goes by it: all that is around the body, too. Pure.

What a client sends and what is not in the key here does not get to a provider: paths of our own, headers that
``request_headers`` leaves behind, and a query on the way to another dialect.
"""

from __future__ import annotations

from collections.abc import Iterator

from pointsman.caching.defaults import Told, told_defaults
from pointsman.caching.key import Asked, Partition, answer_headers
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan, Route

from .forms import form_of

_TRUE = b"true"


def asked_of(call: Call, alone: bool) -> tuple[Partition, Asked]:
    """Who may be given the answer, and what is asked.

    Args:
        alone: the caller's key shares with no other.
    """
    arrival, plan, key = call.arrival, call.plan, call.arrival.key
    assert plan is not None
    routes = list(_ways(call))
    providers = [route.provider for route in routes]
    asked = Asked(
        arrival.face.name,
        arrival.body,
        "\0".join(meant(plan)),
        plan.defaults,
        answer_headers(
            arrival.headers,
            arrival.body,
            plan.defaults,
            anthropic=any(provider.dialect == "anthropic_messages" for provider in providers),
            openai=any(provider.name == "openai" for provider in providers),
        ),
        arrival.query if any(route.dialect is arrival.face for route in routes) else "",
        _told(routes, plan),
        form_of(call) if _has_one_form(call) else None,
    )
    # who has keys and no tenants has one tenant for each key
    return Partition(key.tenant, key.id if alone or not key.tenant else ""), asked


def meant(plan: Plan) -> tuple[str, ...]:
    """Whose answer will do: of several equals of a route, any one's."""
    routes = plan.stages[0].routes if plan.stages else (plan.route,)
    return tuple(sorted({identity(route) for route in routes}))


def identity(route: Route) -> str:
    """What is the same model wherever it is served. Of one that the catalog does not know only its provider
    can tell; and what is simulated is no answer of the model."""
    name = route.deployment if route.model is None else route.name
    return f"simulated {name}" if route.provider.simulated else name


def _ways(call: Call) -> Iterator[Route]:
    """Wherever it may be sent."""
    plan, chosen = call.plan, call.chosen
    assert plan is not None
    yield plan.route
    for stage in plan.stages:
        yield from stage.routes
    if chosen is not None:
        for first in chosen.first:
            yield first.route


def _told(routes: list[Route], plan: Plan) -> Told:
    """Nothing where a model takes none of it: who says it there is refused."""
    for route in routes:
        model = route.model
        if model is None or model.capabilities.sampling_params is False:
            return ()
    return told_defaults([route.provider.name for route in routes], plan.defaults)


def _has_one_form(call: Call) -> bool:
    """In another one than it is made in, something of the answer would be lost: log probabilities, and
    citations, which the hub has no word for."""
    peek, arrival = call.peek, call.arrival
    assert peek is not None
    wanted = peek.fields.get("logprobs")
    if wanted is not None and bytes(wanted) == _TRUE:
        return True
    return arrival.face.name == "anthropic_messages" and b'"citations"' in arrival.body
