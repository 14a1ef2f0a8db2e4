from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.costs import UnpricedUsage
from pointsman.gateway.edge.accept import ANTHROPIC, OPENAI
from pointsman.gateway.errands import (
    Done,
    Errands,
    Wanted,
    errand_body,
    errand_key,
    most_cost,
    output_cap,
    read_reply,
)
from tests.support.clock import FakeClock
from tests.support.entries import make_entry
from tests.support.gateway import Rig, a_route, ask, packaged_catalog
from tests.support.models import a_model
from tests.support.provider_bytes import OPENAI_MODEL, OPENAI_WHOLE
from tests.support.upstream import Scripted

KEY = errand_key("shadow:x", "acme", priority=-100, max_wait=60.0)


def body_of(face: Any, given: dict[str, Any]) -> Any:
    data = msgspec.json.encode(given)
    return msgspec.json.decode(errand_body(face.peek(data), face, "small", 77))


def test_the_same_request_for_another_model_in_one_piece() -> None:
    given = ask("auto", stream=True, stream_options={"include_usage": True}, seed=3, service_tier="priority")
    made = body_of(OPENAI, given | {"store": True, "metadata": {"a": "b"}})
    assert made == {"model": "small", "messages": given["messages"], "seed": 3, "max_tokens": 77}


@pytest.mark.parametrize(
    ("face", "given", "name"),
    [
        (OPENAI, {"max_tokens": 5}, "max_tokens"),
        (OPENAI, {"max_completion_tokens": 5}, "max_completion_tokens"),
        (OPENAI, {}, "max_completion_tokens"),
        (ANTHROPIC, {"max_tokens": 5, "speed": "fast"}, "max_tokens"),
    ],
)
def test_the_cap_is_said_as_the_caller_does(face: Any, given: dict[str, Any], name: str) -> None:
    made = body_of(face, {"model": "auto", "messages": []} | given)
    assert made == {"model": "small", "messages": [], name: 77}


@pytest.mark.parametrize(
    ("asked", "defaults", "like", "most", "cap"),
    [
        (50, {}, 1000, None, 50),
        (50, {"max_output": 9}, 1000, None, 50),
        (None, {"max_output": 9}, 1000, None, 9),
        (None, {}, 1000, None, 4000),
        (None, {}, 3, None, 1024),
        (None, {}, 1000, 2000, 2000),
        (9000, {}, 1000, 2000, 2000),
    ],
)
def test_a_cap_for_every_answer(
    asked: int | None, defaults: dict[str, Any], like: int, most: int | None, cap: int
) -> None:
    route = a_route(a_model("m", max_output=most))
    assert output_cap(asked, defaults, route, like) == cap


def test_what_it_costs_at_the_most_is_above_whatever_it_can_use() -> None:
    catalog = packaged_catalog()
    for model in catalog.all():
        route = a_route(model)
        at_us = FakeClock().now_us()
        most = most_cost(route, b"x" * 5_000, 300, at_us)
        if most is None or route.pricer is None:
            continue
        for bucket in ("input", "cache_read", "cache_write_5m", "cache_write_1h"):
            tokens: dict[str, Any] = {"output": 300, bucket: 5_000}
            with suppress(UnpricedUsage):
                assert route.pricer.price(Usage(**tokens), at_us) <= most, (model.id, bucket)


def test_without_a_price_nobody_can_say() -> None:
    assert most_cost(a_route(a_model("m", prices=())), b"x", 10, 0) is None


async def test_an_errand_comes_back_with_its_entry() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE), Scripted(500, b"{}"), Scripted(body=b"[]"))
    gateway = rig.gateway
    errands = Errands(gateway.journey.run, gateway.new_id, gateway.clock)
    wanted = Wanted("as-in-the-pool", msgspec.json.encode(ask(OPENAI_MODEL)), 10**9)
    done = await errands.go(OPENAI, wanted, "shadow:x", KEY)
    assert done.reply is not None
    assert (done.reply.model, done.reply.ended) == ("as-in-the-pool", True)
    assert done.entry == rig.entry
    assert (rig.entry.tenant, rig.entry.key_id, rig.entry.key_name) == ("acme", "shadow", "shadow:x")
    assert rig.entry.cost is not None
    assert done.cost(10**9) == rig.entry.cost
    failed = await errands.go(OPENAI, wanted, "shadow:x", KEY)
    assert failed.reply is None
    assert failed.cost(10**9) == 0
    garbled = await errands.go(OPENAI, wanted, "shadow:x", KEY)
    assert garbled.reply is None


def test_what_is_not_known_costs_the_most() -> None:
    assert Done(None, None).cost(7) == 0, "never begun"
    assert Done(None, make_entry(cost=None)).cost(7) == 7
    assert Done(None, make_entry(cost=3)).cost(7) == 3


def test_clients_come_before_errands() -> None:
    assert (KEY.limits.weight, KEY.limits.priority, KEY.limits.max_wait) == (0.001, -100, 60.0)


def test_what_cannot_be_read_is_no_reply() -> None:
    assert read_reply(OPENAI, b"[]", "m") is None
