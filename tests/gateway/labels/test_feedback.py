from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from pointsman.errors import InvalidRequest, NotFound, ServerBusy
from pointsman.gateway.labels.feedback import MOST, Feedback, answered_by, read_feedback
from pointsman.gateway.labels.keeping import LabelKeeper
from pointsman.gateway.labels.metrics import LabelMetrics
from pointsman.keys import KeyInfo
from pointsman.ledger import MemoryLedger
from pointsman.ledger.entry import Entry
from pointsman.routing.features import featurise
from pointsman.routing.labels.kept import Mark, Prompt
from pointsman.routing.labels.memory import MemoryLabels
from pointsman.routing.sample import Sample
from tests.support.asgi import AsgiCall
from tests.support.clock import FakeClock
from tests.support.decisions import a_decision
from tests.support.entries import make_entry
from tests.support.shadowed import CHAT, HAIKU, MESSAGES, OPUS, route
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

FEEDBACK = "/v1/feedback"


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ({"score": 0.25}, 0.25),
        ({"score": 1}, 1.0),
        ({"score": 0}, 0.0),
        ({"thumbs": "up"}, 1.0),
        ({"thumbs": "down"}, 0.0),
        ({"outcome": "success"}, 1.0),
        ({"outcome": "failure"}, 0.0),
        ({"outcome": 0.5}, 0.5),
        ({"score": 1, "comment": "very nice", "mood": 3}, 1.0),
    ],
)
def test_what_feedback_says(said: dict[str, Any], score: float) -> None:
    body = msgspec.json.encode({"request_id": "req_1"} | said)
    assert read_feedback(body) == ("req_1", score)


@pytest.mark.parametrize(
    ("said", "param", "words"),
    [
        ({}, "score", "this one has none of them"),
        ({"score": 1, "thumbs": "up"}, "thumbs", "this one has score and thumbs"),
        ({"score": 1.5}, "score", "a number from 0 to 1, not 1.5"),
        ({"score": -0.1}, "score", "a number from 0 to 1"),
        ({"thumbs": "sideways"}, "thumbs", "'up' or 'down', not 'sideways'"),
        ({"outcome": "great"}, "outcome", "'success' or 'failure' or a number from 0 to 1"),
        ({"outcome": 7}, "outcome", "not 7"),
        ({"score": 1, "reference": "42"}, "reference", "Answers are not kept"),
        ({"score": "good"}, None, "This is no feedback"),
        ({"request_id": 3, "score": 1}, None, "This is no feedback"),
    ],
)
def test_what_is_wrong_with_it_is_told(said: dict[str, Any], param: str | None, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as caught:
        read_feedback(msgspec.json.encode({"request_id": "req_1"} | said))
    assert caught.value.param == param


def test_an_empty_body_is_called_that() -> None:
    for body in (b"", b" \n"):
        with pytest.raises(InvalidRequest, match="the body is empty"):
            read_feedback(body)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"score": 1}', b'{"request_id": "x", "score": NaN}', b"\xff"]
)
def test_what_is_no_feedback_at_all(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="This is no feedback"):
        read_feedback(body)


class Rooms:
    """Two keys."""

    def authenticate(self, token: str) -> KeyInfo:
        return KeyInfo(id=f"key_{token}", name=token, tenant=f"tenant of {token}")


class World(msgspec.Struct):
    stack: VirtualStack
    labels: MemoryLabels

    async def ask(self, who: str = "a", path: str = CHAT, model: str = "auto") -> str:
        body = {"model": model, "max_tokens": 20, "messages": [{"role": "user", "content": "Hello"}]}
        call = await self.stack.post(path, body, {"authorization": f"Bearer {who}"})
        assert call.status == 200, call.body
        return call.headers["x-request-id"]

    async def say(self, ident: str, who: str = "a", *, claude: bool = False, **said: Any) -> AsgiCall:
        headers = {"authorization": f"Bearer {who}"} | ({"anthropic-version": "2023-06-01"} if claude else {})
        return await self.stack.post(FEEDBACK, {"request_id": ident} | said, headers)


def in_world(work: Any) -> None:
    async def run() -> None:
        labels, given = MemoryLabels(), route({"share": 0.0})
        async with virtual_stack(given=given, labels=labels, door=Rooms()) as stack:
            await work(World(stack, labels))

    run_virtual(run)


def test_feedback_becomes_a_label_of_the_request() -> None:
    async def work(world: World) -> None:
        ident = await world.ask()
        call = await world.say(ident, thumbs="up", comment="I liked it")
        assert call.status == 200
        said = {"object": "feedback", "request_id": ident, "route": "default", "model": OPUS, "score": 1.0}
        assert call.json() == said
        (entry,) = world.stack.ledger.entries
        assert entry.usage is not None
        (found,) = world.labels.labelled("default")
        features = featurise(Sample("Hello", turns=1, route="default", tenant="tenant of a")).encode()
        assert found.prompt == Prompt(ident, "default", "tenant of a", entry.at_us, features)
        now_us = found.marks[0].at_us
        assert found.marks == (
            Mark(
                OPUS,
                1.0,
                "feedback",
                now_us,
                "key_a",
                entry.usage.prompt,
                entry.usage.output,
                entry.cost,
                ident,
            ),
        )
        assert dict(world.stack.gateway.labelling.metrics.labels) == {("default", OPUS, "feedback"): 1}

    in_world(work)


def test_the_last_word_of_a_key_counts() -> None:
    async def work(world: World) -> None:
        ident = await world.ask()
        for score in (0.0, 1.0, 0.5):
            assert (await world.say(ident, score=score)).status == 200
        (found,) = world.labels.labelled("default")
        assert [mark.score for mark in found.marks] == [0.5]

    in_world(work)


def test_only_the_key_that_asked_may_speak() -> None:
    async def work(world: World) -> None:
        ident = await world.ask("a")
        for call in (await world.say(ident, "b", score=0), await world.say("req_none", score=0)):
            assert call.status == 404
            assert call.json()["error"]["param"] == "request_id"
        assert list(world.labels.labelled("default")) == []

    in_world(work)


def test_errors_are_in_the_dialect_of_the_caller() -> None:
    async def work(world: World) -> None:
        call = await world.say(await world.ask(path=MESSAGES), claude=True, score=2)
        assert call.status == 400
        assert call.json()["type"] == "error"
        assert "score is a number from 0 to 1" in call.json()["error"]["message"]

    in_world(work)


def test_a_request_that_was_not_routed_teaches_nothing() -> None:
    async def work(world: World) -> None:
        call = await world.say(await world.ask(model=HAIKU), score=1)
        assert call.status == 400
        assert call.json()["error"]["code"] == "no_decision"
        assert f"asked for {HAIKU}" in call.json()["error"]["message"]

    in_world(work)


def test_a_store_that_is_away_is_told_and_nothing_is_counted() -> None:
    class Away(MemoryLabels):
        def put(self, prompt: Any, marks: Any) -> None:
            raise ServerBusy("The labels cannot be used.")

    async def run() -> None:
        async with virtual_stack(given=route({"share": 0.0}), labels=Away(), door=Rooms()) as stack:
            world = World(stack, MemoryLabels())
            call = await world.say(await world.ask(), score=1)
            assert call.status == 503
            assert not stack.gateway.labelling.metrics.labels

    run_virtual(run)


async def test_too_much_at_once_is_told_to_come_again() -> None:
    class Slow(MemoryLedger):
        asked = 0

        async def find(self, request_id: str) -> Entry | None:
            self.asked += 1
            await go_on.wait()
            return None

    async def nothing(request_id: str) -> None:
        return None

    go_on, ledger, clock = asyncio.Event(), Slow(), FakeClock()
    keeper = LabelKeeper(MemoryLabels(), LabelMetrics(), clock, {})
    feedback = Feedback(ledger, nothing, keeper, clock)
    under_way = [asyncio.ensure_future(feedback.give("req_1", 1.0, key_id="k")) for _ in range(MOST)]
    await asyncio.sleep(0)
    assert ledger.asked == MOST
    with pytest.raises(ServerBusy, match="Too much feedback"):
        await feedback.give("req_1", 1.0, key_id="k")
    go_on.set()
    done = await asyncio.gather(*under_way, return_exceptions=True)
    assert all(isinstance(each, NotFound) for each in done)
    with pytest.raises(NotFound):
        await feedback.give("req_1", 1.0, key_id="k")


@pytest.mark.parametrize(
    ("model", "provider", "models", "name"),
    [
        ("m", "p", ("m", "other"), "m"),
        ("m", "p", ("p/m", "other"), "p/m"),
        ("m", "p", ("my-route", "other"), "other"),
    ],
)
def test_a_model_is_called_as_in_the_pool(
    model: str, provider: str, models: tuple[str, ...], name: str
) -> None:
    entry = make_entry(model=model, provider=provider)
    assert answered_by(entry, a_decision(models=models, position=1)) == name
