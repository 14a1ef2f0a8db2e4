"""The simulated providers as a whole: what each request gets, and what is put on the invoice for it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from pointsman import chat
from pointsman.catalog.model import Model
from pointsman.clock import Clock
from pointsman.dialects.splice import read_fields, splice
from pointsman.errors import PointsmanError
from pointsman.tokens import request_tokens

from .billing import format_exact, price
from .config import Config
from .dice import Dice
from .embeddings import embedding_model, embeddings, prompt_tokens, read_request
from .faults import Faults
from .headers import common_headers, limit_headers, processing_header
from .invoice import Call, Invoice
from .limit_book import LimitBook
from .limits import Limits
from .menu import Menu, Models
from .models_list import list_models, one_model
from .pace import timing
from .paths import Place
from .preparation import Preparation
from .prompt_cache import PromptCache
from .refusals import check_key, check_version, fault_error, limit_error
from .replies import DIALECTS, error_reply, json_reply, model_and_stream
from .script import Headers, Maker
from .values import End, Performance, Prepared, Reply, Ticket


class Service:
    """All simulated providers together, with their invoice. Does no I/O."""

    def __init__(self, config: Config, models: Models, clock: Clock) -> None:
        self.config = config
        self.invoice = Invoice()
        self.in_flight = 0
        self._clock = clock
        self._menu = Menu(models, config.replay, config.skills, config.seed)
        self._faults = Faults(config.faults)
        self._book = LimitBook(config)
        self._caches: dict[str, PromptCache] = {}
        self._turns: dict[bytes, int] = {}
        self._preparation = Preparation(config.seed, self._menu)

    # what is asked

    def ask(self, place: Place, headers: Mapping[str, str], body: bytes) -> Reply | Performance:
        """Decide what one request gets. A refusal is on the invoice already; a performance must be ended."""
        subject = blake2b(body, digest_size=16, person=place.provider.encode()[:16]).digest()
        turn = self._turns.get(subject, 0)
        self._turns[subject] = turn + 1
        dice = Dice(self.config.seed, subject, turn)
        request_id = "req_" + dice.token("request", 24)
        asked = _Asked(place, headers, request_id, self._clock.now_us())
        try:
            prepared = self._preparation.prepare(place, headers, body, subject)
        except PointsmanError as error:
            return self._refuse(asked, error, *model_and_stream(body))
        return self._admit(asked, prepared, dice)

    def count(self, place: Place, headers: Mapping[str, str], body: bytes) -> Reply:
        """``/v1/messages/count_tokens``: costs nothing."""
        try:
            check_key(headers)
            check_version(headers, place.family)
            fields = read_fields(body)
            whole = body if "max_tokens" in fields else splice(body, fields, {"max_tokens": b"1"})
            request = DIALECTS[place.family].decode_request(whole)
            self._menu.find(request.model, place.provider)
        except PointsmanError as error:
            return error_reply(place.family, error, "req_count", [])
        return json_reply(place.family, {"input_tokens": request_tokens(request)})

    def embed(self, place: Place, headers: Mapping[str, str], body: bytes) -> Reply:
        """``/v1/embeddings``. Has no limits and no faults; its prompt is billed."""
        request_id = "req_" + blake2b(body, digest_size=12).hexdigest()
        asked = _Asked(place, headers, request_id, self._clock.now_us())
        try:
            check_key(headers)
            wanted = read_request(body)
            model = embedding_model(wanted.model, place.provider)
            tokens = prompt_tokens(wanted)
        except PointsmanError as error:
            return self._refuse(asked, error, *model_and_stream(body))
        usage = chat.Usage(input=tokens)
        amount = price(model, usage, asked.at_us)
        self._add(
            asked.at_us,
            place,
            wanted.model,
            (asked.client_id, request_id),
            usage,
            End("ok", 0, True, 0),
            usd=None if amount is None else format_exact(amount),
            stream=False,
        )
        return json_reply(place.family, embeddings(wanted, tokens))

    def models(self, place: Place, headers: Mapping[str, str]) -> Reply:
        try:
            check_key(headers)
            if place.argument:
                found = self._menu.find(place.argument, place.provider)
                return json_reply(place.family, one_model(found, place.family))
        except PointsmanError as error:
            return error_reply(place.family, error, "req_models", [])
        return json_reply(place.family, list_models(self._menu.listed(place.provider), place.family))

    def limits(self) -> dict[str, Any]:
        """What ``GET /limits`` answers."""
        return self._book.report(self._now_us())

    def refuse(self, place: Place, headers: Mapping[str, str], error: PointsmanError) -> Reply:
        """An error that was found before the body could be read."""
        asked = _Asked(place, headers, "req_unread", self._clock.now_us())
        return self._refuse(asked, error, "", False)

    # how it is answered

    def _admit(self, asked: _Asked, prepared: Prepared, dice: Dice) -> Reply | Performance:
        place, request, name = asked.place, prepared.request, prepared.model.id
        rule = self._faults.strike(dice, place.provider, name) if self._faults else None
        now = self._now_us()
        limits = self._book.of(place.provider, name, now)
        cache = self._caches.setdefault(place.provider, PromptCache())
        counted = prepared.prompt
        if limits.family == "anthropic":
            counted -= cache.cached(name, prepared.prefixes, asked.at_us)
        tells = self.config.retry_after
        refusal = limits.admit(counted, request.max_output, now)
        if refusal is not None:
            refused = limit_error(refusal, name, tells=tells)
            return self._refuse(asked, refused, request.model, request.stream, limits)
        error = fault_error(rule, place.family, tells=tells) if rule is not None else None
        if error is not None:
            limits.leave()
            if error.status == 429:
                limits.rejected["fault"] += 1
            return self._refuse(asked, error, request.model, request.stream, limits)
        tier = _tier(request.tier, prepared.model)
        slowness = rule.factor if rule is not None and rule.kind == "slow" else None
        pace = timing(
            name, dice, paced=self.config.pace == "real", speed=self.config.speed, slowness=slowness
        )
        buckets = cache.use(
            place.family,
            name,
            prepared.prefixes,
            prepared.prompt,
            asked.at_us,
            asked.at_us + round(pace.ttft * 1e6),
        )
        script = Maker(
            dialect=DIALECTS[place.family],
            family=place.family,
            provider=place.provider,
            request=request,
            answer=prepared.answer,
            usage=buckets.usage(prepared.answer.tokens, prepared.answer.reasoning, tier),
            dice=dice,
            timing=pace,
            created=asked.at_us // 1_000_000,
            fault=rule,
        ).make()
        headers = common_headers(place.family, asked.request_id, stream=request.stream)
        headers += self._limit_headers(asked, limits, now)
        if place.family == "openai":
            headers.append(processing_header(pace.ttft))
        self.in_flight += 1
        ticket = Ticket(
            asked.at_us, place, prepared, buckets, tier, limits, pace, asked.client_id, asked.request_id
        )
        return Performance(headers, script, ticket)

    def _now_us(self) -> int:
        return int(self._clock.monotonic() * 1_000_000)

    def _limit_headers(self, asked: _Asked, limits: Limits, now: int) -> Headers:
        return limit_headers(asked.place.family, limits, now, asked.at_us, self.config.limit_headers)

    # what it costs

    def end(self, ticket: Ticket, end: End) -> None:
        """Put a call on the invoice. Its prompt is billed, and every token that was made."""
        self.in_flight -= 1
        prepared = ticket.prepared
        made = prepared.answer
        # Hidden reasoning comes first: whatever is shown, all of it was made.
        begun = end.outcome == "ok" or end.shown > 0
        output = (made.hidden if begun else 0) + end.shown
        usage = ticket.buckets.usage(output, min(output, made.reasoning), ticket.tier)
        ticket.limits.settle(output, prepared.request.max_output, self._now_us())
        amount = price(prepared.model, usage, ticket.at_us)
        self._add(
            ticket.at_us,
            ticket.place,
            prepared.request.model,
            (ticket.client_request_id, ticket.request_id),
            usage,
            end,
            usd=None if amount is None else format_exact(amount),
            stream=prepared.request.stream,
        )

    def _refuse(
        self, asked: _Asked, error: PointsmanError, model: str, stream: bool, limits: Limits | None = None
    ) -> Reply:
        outcome = "rejected" if error.status < 500 else "failed"
        end = End(outcome, 0, False, 0, error.status)
        ids = (asked.client_id, asked.request_id)
        self._add(asked.at_us, asked.place, model, ids, chat.Usage(), end, usd="0", stream=stream)
        extra = [] if limits is None else self._limit_headers(asked, limits, self._now_us())
        return error_reply(asked.place.family, error, asked.request_id, extra)

    def _add(
        self,
        at_us: int,
        place: Place,
        model: str,
        ids: tuple[str, str],
        usage: chat.Usage,
        end: End,
        *,
        usd: str | None,
        stream: bool,
    ) -> None:
        call = Call(
            number=len(self.invoice) + 1,
            at_us=at_us,
            provider=place.provider,
            model=model,
            status=end.status,
            outcome=end.outcome,
            stream=stream,
            client_request_id=ids[0],
            request_id=ids[1],
            input=usage.input,
            output=usage.output,
            cache_read=usage.cache_read,
            cache_write_5m=usage.cache_write_5m,
            cache_write_30m=usage.cache_write_30m,
            cache_write_1h=usage.cache_write_1h,
            cache_write_12h=usage.cache_write_12h,
            reasoning=usage.reasoning,
            usd=usd,
            usage_reported=end.reported,
            delivered=end.delivered,
        )
        self.invoice.add(call)


class _Asked(msgspec.Struct, frozen=True):
    place: Place
    headers: Mapping[str, str]
    request_id: str
    at_us: int

    @property
    def client_id(self) -> str:
        return self.headers.get("x-client-request-id", "")


def _tier(asked: str, model: Model) -> str:
    return asked if model.prices and asked != "batch" and asked in model.prices[-1].tiers else ""
