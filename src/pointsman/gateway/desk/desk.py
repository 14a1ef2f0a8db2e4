"""The other doors of the data plane: models, one's own requests, token counts, health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec

from pointsman.catalog import Model
from pointsman.errors import InvalidRequest, ModelNotFound, NotFound, UpstreamError
from pointsman.gateway.auto.routing import Routing
from pointsman.gateway.call.planner import Planner
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.values import Answer, Arrival, HeaderList, Route
from pointsman.gateway.edge.accept import ANTHROPIC
from pointsman.gateway.semantic.metrics import Match
from pointsman.http1 import HttpRequest, Timeouts, Transport
from pointsman.ledger.entry import Entry, Ledger
from pointsman.providers import request_headers
from pointsman.tokens import request_tokens

from .routing_view import routing_view
from .views import anthropic_model, anthropic_models, openai_model, openai_models, request_view

_COUNT_PATH = "/count_tokens"


class Desk:
    """Answers what is asked about the gateway itself."""

    def __init__(
        self,
        planner: Planner,
        transport: Transport,
        ledger: Ledger,
        clock: Clock,
        timeouts: Timeouts,
        routing: Routing,
    ) -> None:
        self._planner = planner
        self._transport = transport
        self._ledger = ledger
        self._clock = clock
        self._timeouts = timeouts
        self._routing = routing
        self.matches: Callable[[str], Match | None] | None = None
        """Why a request was given the answer to another question."""

    async def health(self, arrival: Arrival) -> Answer:
        return _json(arrival, b'{"status":"ok"}')

    async def models(self, arrival: Arrival) -> Answer:
        models = self._alive()
        if arrival.face is not ANTHROPIC:
            return _json(arrival, openai_models(models))
        query = parse_qs(arrival.query)
        limit = query.get("limit", ["20"])[0]
        if not limit.isdigit() or not 1 <= int(limit) <= 1000:
            raise InvalidRequest("limit: a whole number from 1 to 1000.", param="limit")
        after, before = query.get("after_id", [""])[0], query.get("before_id", [""])[0]
        return _json(arrival, anthropic_models(models, after=after, before=before, limit=int(limit)))

    async def model(self, arrival: Arrival) -> Answer:
        name = arrival.path.removeprefix("/v1/models/")
        model = self._planner.plan(name, self._clock.today).route.model
        if model is None:
            raise ModelNotFound(f"The catalog does not know '{name}'.", param="model")
        shape = anthropic_model(model) if arrival.face is ANTHROPIC else openai_model(model)
        return _json(arrival, msgspec.json.encode(shape))

    async def request(self, arrival: Arrival) -> Answer:
        """One request of the same key. Somebody else's is as unknown as none."""
        ident = arrival.path.removeprefix("/v1/requests/")
        entry = await self._ledger.find(ident)
        if entry is None or entry.key_id != arrival.key.id:
            raise NotFound(f"No request '{ident}' of this key is known (a stream is booked once it is over).")
        told = request_view(entry) | {"routing": await self._routed(entry)}
        if entry.cache == "similar":
            told["match"] = None if self.matches is None else self.matches(ident)
        return _json(arrival, msgspec.json.encode(told))

    async def _routed(self, entry: Entry) -> dict[str, Any] | None:
        """How its model was chosen; None where the caller did, or it is not kept any more."""
        decided = await self._routing.journal.find(entry.request_id)
        if decided is None:
            return None
        decision = decided.decision
        return routing_view(
            decision,
            entry,
            [self._model(name) for name in decision.models],
            self._routing.contributions(entry.request_id, decision),
        )

    def _model(self, name: str) -> Model | None:
        try:
            return self._planner.plan(name, self._clock.today).route.model
        except ModelNotFound:
            return None

    async def count_tokens(self, arrival: Arrival) -> Answer:
        """The provider's own count where it has one, else an estimate that says so."""
        peek = ANTHROPIC.peek_count(arrival.body)
        plan = self._planner.plan(peek.model, self._clock.today)
        route = plan.route
        if route.dialect is ANTHROPIC and route.provider.counts_tokens:
            body = ANTHROPIC.rewrite(
                arrival.body, peek, model=route.upstream_model, defaults={}, force_usage=False
            )
            counted = await self._ask_provider(arrival, route, body)
            if counted is not None:
                return _json(arrival, counted, [route.provider_header])
        estimate = request_tokens(ANTHROPIC.decode_count_request(arrival.body))
        return _json(arrival, b'{"input_tokens":%d}' % estimate, [(b"x-pointsman-estimated", b"true")])

    async def _ask_provider(self, arrival: Arrival, route: Route, body: bytes) -> bytes | None:
        """The provider's answer; None if it cannot give one now, since an estimate then serves better."""
        headers = request_headers(
            route.provider, client_headers=arrival.headers, request_id=arrival.request_id, attempt=1
        )
        request = HttpRequest("POST", route.url + _COUNT_PATH, headers, body)
        try:
            response = await self._transport.send(request, self._timeouts, arrival.leave)
            answer = await response.read()
            if response.status >= 400:
                raise route.dialect.decode_error(response.status, response.headers, answer)
        except UpstreamError as error:
            if error.retryable:
                return None
            raise
        return answer

    def _alive(self) -> tuple[Model, ...]:
        today = self._clock.today()
        return tuple(
            model
            for model in self._planner.offered()
            if model.status != "retired" and (model.retires is None or model.retires > today)
        )


def _json(arrival: Arrival, body: bytes, extra: HeaderList | None = None) -> Answer:
    ident = arrival.request_id.encode()
    headers: HeaderList = [
        (b"content-type", b"application/json"),
        (b"x-request-id", ident),
        (b"request-id", ident),
    ]
    return Answer(200, headers + (extra or []), body)
