"""``POST /v1/feedback``: what a client thinks of an answer it had."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from pointsman.errors import InvalidRequest, NotFound, ServerBusy
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.values import Answer, Arrival, HeaderList
from pointsman.ledger.entry import CACHE, Entry, Ledger, as_if_alone
from pointsman.routing.decision import Decision
from pointsman.routing.journal.kept import Decided
from pointsman.routing.labels.kept import Mark, Prompt

from .keeping import LabelKeeper

FindDecision = Callable[[str], Awaitable[Decided | None]]
"""What was decided for a request; None where nothing was, or it is not kept any more."""

MOST = 64
"""At a time. Each waits for the disk, in one of few threads."""
_THUMBS = {"up": 1.0, "down": 0.0}
_OUTCOMES = {"success": 1.0, "failure": 0.0}
_GRADES = ("score", "thumbs", "outcome")


class _Given(msgspec.Struct):
    request_id: str
    score: float | None = None
    thumbs: str | None = None
    outcome: str | float | None = None
    comment: str | None = None
    reference: object = None


_decode = msgspec.json.Decoder(_Given).decode


class Feedback:
    """Takes feedback of the key that asked. The last word of a key on a request is the one that counts."""

    def __init__(
        self,
        ledger: Ledger,
        decisions: FindDecision,
        labels: LabelKeeper,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._decisions = decisions
        self._labels = labels
        self._clock = clock
        self._under_way = 0

    async def take(self, arrival: Arrival) -> Answer:
        """
        Raises:
            InvalidRequest: it says nothing that counts, or there is nothing to learn from that request.
            NotFound: no such request of this key.
            ServerBusy: it cannot be kept just now.
        """
        request_id, score = read_feedback(arrival.body)
        mark, route = await self.give(request_id, score, key_id=arrival.key.id)
        body = msgspec.json.encode(
            {
                "object": "feedback",
                "request_id": request_id,
                "route": route,
                "model": mark.model,
                "score": mark.score,
            }
        )
        return Answer(200, _headers(arrival), body)

    async def give(self, request_id: str, score: float, *, key_id: str) -> tuple[Mark, str]:
        """Keep it; the mark, and its route. Raises as ``take``."""
        if self._under_way >= MOST:
            raise ServerBusy("Too much feedback comes at once. Send it again in a moment.", retry_after=1.0)
        self._under_way += 1
        try:
            return await self._give(request_id, score, key_id)
        finally:
            self._under_way -= 1

    async def _give(self, request_id: str, score: float, key_id: str) -> tuple[Mark, str]:
        entry = await self._ledger.find(request_id)
        if entry is None or entry.key_id != key_id:
            raise NotFound(
                f"No request '{request_id}' of this key is known (a stream is booked once it is over).",
                param="request_id",
            )
        decided = await self._decisions(request_id)
        if decided is None:
            raise _nothing_to_learn(entry)
        decision = decided.decision
        if entry.outcome not in ("ok", "cut") or not entry.model:
            raise InvalidRequest(
                f"Request '{request_id}' had no answer to give feedback on.",
                param="request_id",
                code="no_answer",
            )
        prompt = Prompt(request_id, decision.route, entry.tenant, entry.at_us, decision.features or None)
        paid = await self._paid(entry)
        usage = paid.usage
        mark = Mark(
            answered_by(entry, decision),
            score,
            "feedback",
            self._clock.now_us(),
            key_id,
            None if usage is None else usage.prompt,
            None if usage is None else usage.output,
            paid.cost,
            paid.request_id,
        )
        await self._labels.put(prompt, [mark])
        return mark, decision.route

    async def _paid(self, entry: Entry) -> Entry:
        """The request whose answer it was given, with what that took, as far as it is known."""
        if entry.provider != CACHE:
            return entry
        found = await self._ledger.find(entry.source)
        if found is None:
            return msgspec.structs.replace(entry, request_id=entry.source, usage=None, cost=None)
        return as_if_alone(found) or found


def read_feedback(body: bytes) -> tuple[str, float]:
    """The request's id, and the score from 0 to 1. Raises InvalidRequest, which names the field."""
    try:
        given = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        wrong = str(error) if body.strip() else "the body is empty"
        raise InvalidRequest(
            f'This is no feedback: {wrong}. It is {{"request_id": "req_…", "score": 0 to 1}}, or "thumbs": '
            '"up" or "down", or "outcome": "success" or "failure", in the place of the score.'
        ) from None
    if given.reference is not None:
        raise InvalidRequest(
            "Answers are not kept, so none can be held against a reference. Grade it where the answer is, "
            "and send the score.",
            param="reference",
        )
    said = [name for name in _GRADES if getattr(given, name) is not None]
    if len(said) != 1:
        raise InvalidRequest(
            f"Feedback has one of {', '.join(_GRADES)}; this one has {' and '.join(said) or 'none of them'}.",
            param=said[1] if said else "score",
        )
    return given.request_id, _score(said[0], getattr(given, said[0]))


def _score(name: str, value: str | float) -> float:
    words = {"thumbs": _THUMBS, "outcome": _OUTCOMES}.get(name, {})
    if isinstance(value, str):
        if value in words:
            return words[value]
    elif name != "thumbs" and 0.0 <= value <= 1.0:
        return float(value)
    number = "" if name == "thumbs" else "a number from 0 to 1"
    choices = " or ".join([*map(repr, words), *([number] if number else [])])
    raise InvalidRequest(f"{name} is {choices}, not {value!r}.", param=name)


def answered_by(entry: Entry, decision: Decision) -> str:
    """The model that answered, as the route's pool spells it."""
    for name in (entry.model, f"{entry.provider}/{entry.model}"):
        if name in decision.models:
            return name
    return decision.model  # a route of the settings, which has a name of its own


def _nothing_to_learn(entry: Entry) -> InvalidRequest:
    return InvalidRequest(
        f"Nothing is kept of how request '{entry.request_id}' was routed, so nothing can be learned from it: "
        f'it asked for {entry.requested} and not for "auto", or is older than keep_days of its route, or the '
        "gateway died within a second of deciding.",
        param="request_id",
        code="no_decision",
    )


def _headers(arrival: Arrival) -> HeaderList:
    ident = arrival.request_id.encode()
    return [(b"content-type", b"application/json"), (b"x-request-id", ident), (b"request-id", ident)]
