"""What must hold at the end of a simulated world."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from hashlib import blake2b
from urllib.parse import urlsplit

import msgspec

from pointsman.costs import parse_usd
from pointsman.http1 import HttpRequest
from pointsman.ledger import PROCESS_DIED
from pointsman.ledger.entry import Attempt, Entry
from pointsman.simulator.menu import Menu
from pointsman.simulator.paths import find_place
from pointsman.simulator.preparation import Preparation
from tests.support.books import Bill, compare
from tests.support.gateway import packaged_catalog
from tests.support.site import Life, Site
from tests.support.visitor import Reading, Visitor
from tests.support.worlds import World

_NUMBER = re.compile(rb"(\d+): tell me about")
NOTICED = 3.0
"""Seconds within which the gateway lets go of a client that left: what was in flight is read for one."""
LATE = 0.05
"""Seconds of tolerance, for timers."""


class Sent(msgspec.Struct, frozen=True):
    """A request that left for a provider."""

    at: float
    request: HttpRequest


def judge(
    world: World, site: Site, visitors: list[Visitor], sent: dict[str, Sent], bill: Bill
) -> Counter[str]:
    """Raises AssertionError. What there was, by kind."""
    counted = Counter[str]()
    for life in site.lives:
        all_given_back(life)
    assert not site.disk.twice, f"recorded twice: {site.disk.twice}"
    entries = tuple(site.disk.entries.values())
    said = Said(world, sent)
    assert all(len(names) == 1 for names in said.names.values()), "one request, two names"
    abrupt = {said.request_id(one) for one in visitors if one.visit.ending == "cancelled"}
    counted.update(_books(world, entries, bill, abrupt))
    for visitor in visitors:
        counted[_answered(world, visitor, said, site)] += 1
    return counted


def all_given_back(life: Life) -> None:
    """Nothing is held, waits or is under way."""
    flow, transport = life.gateway.flow, life.transport
    queue = flow.queue
    assert queue.waiting == 0
    assert queue._room.empty
    for name in ("_charges", "_began"):
        held = getattr(queue, name)
        assert not held, f"{name} holds {held}"
    assert queue._timer is None, "a timer for nobody"
    scheduler = queue._scheduler
    assert (scheduler.lanes, scheduler.gates) == ({}, {})
    store = life.limits
    now_us = queue.now_us()
    for level in store.levels(flow.book.all_limits(), now_us):
        assert level.reserved == 0, level
        assert level.limit.window != "slots" or level.used == 0, level
    for deployment in flow.health._deployments.values():
        assert deployment.in_flight == 0, deployment.key
        breaker = deployment.breaker
        assert not breaker._half_open or breaker._probing == 0, deployment.key
    assert not transport._open
    assert not transport._serving
    sweep = life.gateway.app._sweep
    assert (sweep._new, sweep._waiting, sweep._watched) == ({}, {}, {})


def _books(world: World, entries: tuple[Entry, ...], bill: Bill, abrupt: set[str]) -> Counter[str]:
    """The ledger against the invoice: no call is missing on either side, and every one is right. Calls whose
    end nobody saw (killed, cancelled, given up while the answer was on its way) are booked at no less than
    they cost."""
    assert bill.in_flight == 0
    longest = max(visit.max_output for visit in world.visits)
    tight = all(
        visit.body["messages"][0]["content"].isascii() and "tools" not in visit.body for visit in world.visits
    )
    ours = {f"{entry.request_id}-{a.number}": (entry, a) for entry in entries for a in entry.attempts}
    lines = {line.client_request_id: line for line in bill.calls}
    assert len(lines) == len(bill.calls), "every attempt has a name of its own"
    kinds = Counter[str]()
    for entry in entries:
        assert entry.cost == sum(attempt.cost or 0 for attempt in entry.attempts), entry
    for name, line in lines.items():
        assert name in ours, f"a call that the ledger knows nothing of: {line}"
        entry, attempt = ours[name]
        if attempt.estimated and _unseen(entry, attempt, abrupt):
            assert attempt.cost is not None
            assert attempt.usage is not None
            # who makes tokens in no time makes any number of them until it notices that nobody listens
            if world.simulator.pace == "real" or attempt.outcome != "cut":
                assert attempt.cost >= parse_usd(line.usd), (entry, attempt, line)
                assert attempt.usage.output >= line.output, (entry, attempt, line)
            assert attempt.usage.prompt >= line.prompt, (entry, attempt, line)
            kinds["blind"] += 1
        else:
            kinds[compare(entry, attempt, line, longest, tight=tight)] += 1
    for name in set(ours) - set(lines):
        entry, attempt = ours[name]
        never = attempt.cost == 0 and not attempt.status
        assert never or entry.error == PROCESS_DIED, f"a call that never came: {attempt}"
    return kinds


def _unseen(entry: Entry, attempt: Attempt, abrupt: set[str]) -> bool:
    given_up = attempt.error in ("upstream_timeout", PROCESS_DIED) or (
        attempt.outcome == "cut" and _hedged(entry)
    )
    return given_up or entry.error == PROCESS_DIED or entry.request_id in abrupt


def _hedged(entry: Entry) -> bool:
    """Another attempt has won."""
    return any(other.outcome != "cut" for other in entry.attempts)


def prompt_of(body: bytes) -> bytes:
    """What tells the requests of a world apart."""
    found = _NUMBER.search(body)
    assert found is not None
    return found[1]


class Said:
    """What the models said to the requests that were sent: it follows from their bodies alone."""

    def __init__(self, world: World, sent: dict[str, Sent]) -> None:
        self._preparation = Preparation(world.simulator.seed, Menu(packaged_catalog(), None))
        self._by_prompt: dict[bytes, list[Sent]] = defaultdict(list)
        self.names: dict[bytes, set[str]] = defaultdict(set)
        """Of the requests that were sent, by what tells their prompts apart."""
        for name, one in sent.items():
            prompt = prompt_of(one.request.body)
            self._by_prompt[prompt].append(one)
            ident = name.rpartition("-")[0]
            self.names[prompt].add(ident)

    def request_id(self, visitor: Visitor) -> str:
        """Also of one that was told none."""
        return visitor.request_id or next(iter(self.names.get(prompt_of(visitor.sent_body), ())), "")

    def attempts(self, visitor: Visitor) -> list[Sent]:
        return self._by_prompt.get(prompt_of(visitor.sent_body), [])

    def answers(self, visitor: Visitor) -> list[Reading]:
        """Of all attempts of a request."""
        return [self._answer(one.request) for one in self.attempts(visitor)]

    def _answer(self, request: HttpRequest) -> Reading:
        """With what its request began it with, if it goes on from there."""
        place = find_place(urlsplit(request.url).path)
        assert place is not None
        subject = blake2b(request.body, digest_size=16, person=place.provider.encode()[:16]).digest()
        segments = self._preparation.prepare(place, dict(request.headers), request.body, subject)
        reading = Reading(_begun(request.body), complete=True)
        for segment in segments.answer.segments:
            if segment.tool:
                reading.tools[str(len(reading.tools))] = segment.text
            elif not segment.thinking:
                reading.text += segment.text
        return reading


def _begun(body: bytes) -> str:
    """The text at the end of a request that its model is to go on from."""
    last = msgspec.json.decode(body)["messages"][-1]
    if last["role"] != "assistant":
        return ""
    content = last["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _answered(world: World, visitor: Visitor, said: Said, site: Site) -> str:
    """One request: exactly one answer, what was said and nothing else, in time."""
    assert visitor.ended is not None
    reading = visitor.read()
    attempts = said.attempts(visitor)
    _in_time(world, visitor, attempts)
    most = world.given.retries.attempts + world.hedges
    assert len(attempts) <= most, f"{len(attempts)} attempts where {most} are allowed"
    if visitor.killed:
        is_of(reading, said.answers(visitor), whole=False)
        return "killed"
    if visitor.left is not None:
        assert visitor.ended <= visitor.left + NOTICED + 60 * visitor.visit.slow, "a client that left is kept"
        is_of(reading, said.answers(visitor), whole=reading.complete)
        return "left"
    assert visitor.complete, "an answer without an end"
    if visitor.status == 200:
        assert reading.complete != (reading.error is not None), "either its end or an error"
        is_of(reading, said.answers(visitor), whole=reading.complete)
        return "whole" if reading.complete else "broken"
    assert not reading.text
    _refused(visitor, reading, attempts)
    if not world.kills and visitor.status != 503:  # what cost nothing may be forgotten by who is killed
        assert visitor.request_id in site.disk.entries, "it is on the books"
    return f"refused {visitor.status}"


def is_of(reading: Reading, answers: list[Reading], *, whole: bool) -> None:
    """What a client read is what one model said, or the beginning of it."""
    if not reading.text and not reading.tools and not whole:
        return
    for answer in answers:
        if whole and reading.text == answer.text and _same(reading, answer):
            return
        if not whole and answer.text.startswith(reading.text) and _begins(reading, answer):
            return
    raise AssertionError(f"no model said that: {reading} of {answers}")


def _same(reading: Reading, answer: Reading) -> bool:
    """The arguments of tool calls may be written in another way; they must mean the same."""
    got, said = list(reading.tools.values()), list(answer.tools.values())
    if len(got) != len(said):
        return False
    return all(a == b or _meaning(a) == _meaning(b) for a, b in zip(got, said, strict=True))


def _meaning(arguments: str) -> object:
    try:
        meant = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return arguments  # cut by max_tokens
    return meant.get("_invalid_json", meant) if isinstance(meant, dict) else meant


def _begins(reading: Reading, answer: Reading) -> bool:
    got, said = list(reading.tools.values()), list(answer.tools.values())
    return len(got) <= len(said) and all(b.startswith(a) for a, b in zip(got, said, strict=False))


def _in_time(world: World, visitor: Visitor, attempts: list[Sent]) -> None:
    total = world.given.timeouts.total
    for one in attempts:
        assert one.at <= visitor.began + total + LATE, "asked after the deadline of the whole request"
        assert visitor.left is None or one.at <= visitor.left + LATE, "asked for a client that had left"
    if visitor.left is None and visitor.first_at is not None and visitor.ended is not None:
        answered = visitor.first_at if visitor.status == 200 else visitor.ended
        assert answered <= visitor.began + total + 1.0, "answered after the deadline"


def _refused(visitor: Visitor, reading: Reading, attempts: list[Sent]) -> None:
    """An error that the gateway answered."""
    assert visitor.status != 500 or attempts, f"a bug of ours: {reading.error}"
    if visitor.status != 429 or attempts:
        return
    after = visitor.headers.get("retry-after")
    message = reading.error["message"]
    if "it can never start" in message or "cannot be told" in message:
        assert after is None
    elif "wait already" not in message:
        assert after is not None, message
        exact = int(visitor.headers["retry-after-ms"])
        assert int(after) == max(1, -(-exact // 1000)), visitor.headers
