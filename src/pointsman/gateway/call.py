"""One request on its way: what was decided and what has happened so far. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.chat import Request, Usage
from pointsman.costs import PicoUsd
from pointsman.dialects.base import Delivered, Encoded, Peek, Target
from pointsman.errors import RequestError
from pointsman.http1 import HttpRequest
from pointsman.ledger.entry import Entry
from pointsman.providers import request_headers
from pointsman.tokens import Learned, count_text, request_tokens

from .account import AttemptRecord, cut_usage, make_entry, unseen_stream, unseen_whole
from .pipes import Crossing, Pipe
from .values import Arrival, Plan


class Call(msgspec.Struct, eq=False):
    """Holds a request between the steps of the journey. One per request, never shared."""

    __repr__ = object.__repr__  # msgspec's would show the client's headers, and so its key

    arrival: Arrival
    attempts: list[AttemptRecord] = []
    peek: Peek | None = None
    plan: Plan | None = None
    streams: bool = False
    crosses: bool = False
    """The provider speaks another dialect than the client."""
    status: int = 0
    outcome: str = ""
    error: str = ""
    cost: PicoUsd | None = None
    """Known once settled, if at all."""
    first_byte: float | None = None
    settled: bool = False
    _request: Request | None = None
    _encoded: Encoded | None = None

    def decide(self, peek: Peek, plan: Plan) -> None:
        """What is asked for and what shall be done with it."""
        self.peek = peek
        self.plan = plan
        self.streams = peek.stream
        self.crosses = plan.route.dialect is not self.arrival.face

    @property
    def request(self) -> Request:
        """The client's request in the hub; decoded when first needed, since most requests never are."""
        if self._request is None:
            self._request = self.arrival.face.decode_request(self.arrival.body)
        return self._request

    @property
    def dropped(self) -> tuple[str, ...]:
        return () if self._encoded is None else self._encoded.dropped

    def encode(self) -> Encoded:
        """The body for the provider; the same for each attempt at the same route."""
        if self._encoded is None:
            self._encoded = self._translate() if self.crosses else self._pass_through()
        return self._encoded

    def open_attempt(self, now: float) -> AttemptRecord:
        encoded, attempts = self._encoded or self.encode(), self.attempts
        record = AttemptRecord(len(attempts) + 1, self._plan.route, now, encoded.body)
        attempts.append(record)
        return record

    def http_request(self, record: AttemptRecord) -> HttpRequest:
        """What goes over the wire for this attempt."""
        route, encoded, arrival = record.route, self._encoded or self.encode(), self.arrival
        headers = request_headers(
            route.provider,
            client_headers=arrival.headers,
            request_id=arrival.request_id,
            attempt=record.number,
            extra=encoded.headers,
        )
        url = route.url if self.crosses or not arrival.query else f"{route.url}?{arrival.query}"
        return HttpRequest("POST", url, headers, encoded.body)

    def pipe(self) -> Pipe:
        """A fresh pipe for a stream of the provider."""
        face, dialect, peek = self.arrival.face, self._plan.route.dialect, self.peek
        assert peek is not None
        if not self.crosses:
            return dialect.tap(strip_usage=not peek.wants_stream_usage, count_tokens=count_text)
        return Crossing(
            dialect.stream_decoder(),
            face.stream_encoder(self.request),
            face,
            self.arrival.request_id,
            count_text,
            created=self.arrival.at_us // 1_000_000,
        )

    def estimate(
        self, record: AttemptRecord, ratios: Learned, now: float, error: BaseException | None
    ) -> Usage:
        """Usage of an attempt that the provider did not report: never below what it bills.

        Args:
            error: how the answer ended; None if all that was sent has been seen.
        """
        name, pipe = record.route.name, record.pipe
        if pipe is None:
            delivered, unseen = None, unseen_whole(now - record.started)
        else:
            seen = pipe.delivered()
            output = ratios.upper(f"{name} output", seen.output_tokens)
            delivered, unseen = Delivered(output_tokens=output, usage=seen.usage), 0
            if error is not None and not getattr(error, "seen_all", False):
                since = now - (record.started if record.first_at is None else record.first_at)
                unseen = unseen_stream(output, since, lost=not self.arrival.leave.gone)
        prompt = 0
        if delivered is None or delivered.usage is None:
            prompt = ratios.upper(name, _prompt_tokens(record))
        return cut_usage(prompt, delivered, min(unseen, self._room(delivered)))

    def _room(self, delivered: Delivered | None) -> int:
        """Tokens that the answer could still have had."""
        peek, model = self.peek, self._plan.route.model
        limits = (peek.max_output if peek else None, model.max_output if model else None)
        most = min((limit for limit in limits if limit is not None), default=10**9)
        return max(0, most - (0 if delivered is None else delivered.output_tokens))

    def entry(self, now: float) -> Entry:
        attempts = tuple([record.freeze() for record in self.attempts])
        peek = self.peek
        return make_entry(
            self.arrival,
            requested="" if peek is None else peek.model,
            stream=peek is not None and peek.stream,
            attempts=attempts,
            route=None if self.plan is None else self.plan.route,
            status=self.status,
            outcome=self.outcome,
            error=self.error,
            ttft=self.first_byte,
            now=now,
        )

    @property
    def _plan(self) -> Plan:
        assert self.plan is not None, "planned before anything else is asked of a call"
        return self.plan

    def _defaults(self) -> Mapping[str, Any]:
        """A preset's, less what does not go together with what the caller set."""
        plan, peek = self._plan, self.peek
        if not plan.defaults or plan.route.model is None or peek is None:
            return plan.defaults
        sampled = "temperature" in peek.fields or "top_p" in peek.fields
        if sampled and plan.route.model.capabilities.sampling_together is False:
            return {name: value for name, value in plan.defaults.items() if name == "max_output"}
        return plan.defaults

    def _spelled(self, defaults: Mapping[str, Any], cap: int | None) -> Mapping[str, Any]:
        """With the output cap, the caller's or a preset's, under the one name that the provider heeds."""
        if not self._plan.route.provider.legacy_max_tokens:
            return defaults
        others = {name: value for name, value in defaults.items() if name != "max_output"}
        cap = defaults.get("max_output") if cap is None else cap
        return others if cap is None else others | {"max_tokens": cap}

    def _pass_through(self) -> Encoded:
        peek, plan = self.peek, self._plan
        assert peek is not None
        body = self.arrival.face.rewrite(
            self.arrival.body,
            peek,
            model=plan.route.upstream_model,
            defaults=self._spelled(self._defaults(), peek.max_output),
            force_usage=peek.stream,
        )
        return Encoded(body)

    def _translate(self) -> Encoded:
        plan, model = self._plan, self._plan.route.model
        request = with_defaults(self.request, self._defaults())
        provider = plan.route.provider
        legacy, signed = provider.legacy_max_tokens, provider.thought_signatures
        if model is None:
            target = Target(plan.route.upstream_model, thought_signatures=signed, legacy_max_tokens=legacy)
            return plan.route.dialect.encode_request(request, target)
        can = model.capabilities
        target = Target(
            model=plan.route.upstream_model,
            max_output=model.max_output,
            accepts_sampling=can.sampling_params,
            accepts_forced_tools=can.forced_tool_choice,
            accepts_prefill=can.prefill,
            accepts_effort=False if can.reasoning is False else None,
            accepts_reasoning_content=False if plan.route.provider.name == "openai" else None,
            thought_signatures=signed,
            legacy_max_tokens=legacy,
        )
        return plan.route.dialect.encode_request(request, target)


def _prompt_tokens(record: AttemptRecord) -> int:
    """An estimate of what was sent. What passes through may hold what only its provider knows: then it is
    one token for two bytes, which no language needs in the mean."""
    try:
        return request_tokens(record.route.dialect.decode_request(record.sent_body))
    except RequestError:
        return (len(record.sent_body) + 1) // 2


def with_defaults(request: Request, defaults: Mapping[str, Any]) -> Request:
    """A preset's parameters where the caller gave none."""
    missing = {name: value for name, value in defaults.items() if getattr(request, name) is None}
    return msgspec.structs.replace(request, **missing) if missing else request
