"""Answers that are given again: in both dialects, whole and streamed, and never where they must not be."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from pointsman.chat import Usage
from pointsman.costs import format_usd, parse_usd
from pointsman.gateway.cache.metrics import CachePurge, CacheView
from pointsman.keys import KeyInfo
from tests.support.equal_requests import caching, cold, said
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_WHOLE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.stack import running_stack, settings
from tests.support.upstream import Scripted, Wait


def view_of(rig: Rig) -> CacheView:
    assert rig.gateway.cache is not None
    return rig.gateway.cache.view()


@pytest.mark.parametrize(
    ("path", "model", "streams", "scripted"),
    [
        (CHAT, OPENAI_MODEL, False, OPENAI_WHOLE),
        (CHAT, OPENAI_MODEL, True, OPENAI_EVENTS),
        (MESSAGES, ANTHROPIC_MODEL, False, ANTHROPIC_WHOLE),
        (MESSAGES, ANTHROPIC_MODEL, True, ANTHROPIC_EVENTS),
        (MESSAGES, OPENAI_MODEL, False, OPENAI_WHOLE),
        (CHAT, ANTHROPIC_MODEL, True, ANTHROPIC_EVENTS),
    ],
)
async def test_one_answer_serves_all_four_ways_to_ask(
    path: str, model: str, streams: bool, scripted: Any
) -> None:
    rig = Rig(Scripted(body=scripted), given=caching())
    first = await rig.post(path, cold(model, stream=streams))
    assert (first.status, first.headers["x-pointsman-cache"]) == (200, "miss")
    rig.clock.advance(7)
    for way in (CHAT, MESSAGES):
        for wants_stream in (False, True):
            again = await rig.post(way, cold(model, stream=wants_stream))
            assert (again.status, again.headers["x-pointsman-cache"]) == (200, "hit")
            assert again.headers["age"] == "7"
            assert again.headers["x-pointsman-cost-usd"] == "0"
            assert again.headers["x-pointsman-model"] == first.headers["x-pointsman-model"]
            assert again.headers["x-pointsman-provider"] == first.headers["x-pointsman-provider"]
            told = said(way, again.body, wants_stream)
            assert told.parts == said(path, first.body, streams).parts
            if not wants_stream:
                assert told.usage is not None and (told.usage.prompt, told.usage.output) == (12, 5)
    assert len(rig.transport.requests) == 1


@pytest.mark.parametrize("way", [CHAT, MESSAGES])
@pytest.mark.parametrize(
    ("model", "scripted"),
    [
        (OPENAI_MODEL, OPENAI_WHOLE),
        (OPENAI_MODEL, OPENAI_EVENTS),
        (ANTHROPIC_MODEL, ANTHROPIC_WHOLE),
        (ANTHROPIC_MODEL, ANTHROPIC_EVENTS),
    ],
)
async def test_who_asks_in_the_same_words_gets_the_same_bytes(way: str, model: str, scripted: Any) -> None:
    """Fields that nobody has heard of, pings and padding among them; passed through or translated."""
    rig = Rig(Scripted(body=scripted), given=caching())
    body = cold(model, stream=not isinstance(scripted, bytes))
    first = await rig.post(way, body)
    for _ in range(2):
        again = await rig.post(way, body)
        assert (again.headers["x-pointsman-cache"], again.body) == ("hit", first.body)
    assert again.headers["content-type"] == first.headers["content-type"]


async def test_a_stream_tells_its_usage_to_who_asks_though_the_first_did_not() -> None:
    rig = Rig(Scripted(body=OPENAI_EVENTS), given=caching())
    await rig.post(CHAT, cold(OPENAI_MODEL, stream=True))
    wanted = cold(OPENAI_MODEL, stream=True, stream_options={"include_usage": True})
    again = await rig.post(CHAT, wanted)
    assert b'"prompt_tokens":12' in again.body
    assert b"usage" not in (await rig.post(CHAT, cold(OPENAI_MODEL, stream=True))).body


# -- the books


async def test_a_hit_is_booked_as_one_and_costs_nothing() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE), given=caching())
    await rig.post(CHAT, cold(OPENAI_MODEL))
    again = await rig.post(CHAT, cold(OPENAI_MODEL))
    paid, free = rig.ledger.entries
    assert paid.cost and paid.provider == "openai" and len(paid.attempts) == 1
    assert (free.provider, free.cost, free.attempts, free.outcome) == ("cache", 0, (), "ok")
    assert free.usage == Usage() and free.model == paid.model
    told = json.loads((await rig.get(f"/v1/requests/{again.headers['x-request-id']}")).body)
    assert (told["cache"], told["cost_usd"], told["attempts"]) == ("hit", "0", [])
    assert (told["source"], told["saved_usd"]) == (paid.request_id, format_usd(paid.cost))
    first = json.loads((await rig.get(f"/v1/requests/{paid.request_id}")).body)
    assert (first["cache"], first["source"], first["saved_usd"]) == ("miss", None, None)
    view = view_of(rig)
    assert (view.hits, view.misses, view.stored) == (1, 1, 1)
    assert view.saved_usd == format_usd(paid.cost)


async def test_what_was_tagged_is_forgotten_by_its_tags() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching())
    tagged = {"x-pointsman-cache-tag": "Doc:7, team-a"}
    await rig.post(CHAT, cold(OPENAI_MODEL, "one"), headers=tagged)
    await rig.post(CHAT, cold(OPENAI_MODEL, "two"), headers={"x-pointsman-cache-tag": "doc:8"})
    assert rig.gateway.cache is not None
    assert (await rig.gateway.cache.purge(CachePurge(tag="doc:9"))).purged == 0
    assert (await rig.gateway.cache.purge(CachePurge(tag="doc:7"))).purged == 1
    results = [
        (await rig.post(CHAT, cold(OPENAI_MODEL, prompt))).headers["x-pointsman-cache"]
        for prompt in ("one", "two")
    ]
    assert results == ["miss", "hit"]


async def test_a_tag_that_is_none_is_refused_before_anything_is_paid() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE), given=caching())
    answer = await rig.post(CHAT, cold(OPENAI_MODEL), headers={"x-pointsman-cache-tag": "two words"})
    assert answer.status == 400 and b"x-pointsman-cache-tag" in answer.body
    assert not rig.transport.requests


async def test_requests_are_counted_by_key_and_route() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching())
    for sampled in (0, 0, 1):
        await rig.post(CHAT, ask(OPENAI_MODEL, temperature=sampled))
    (line,) = view_of(rig).lines
    assert (line.key, line.route, line.hits, line.misses, line.bypassed) == ("", OPENAI_MODEL, 1, 1, 1)
    assert line.saved_usd == view_of(rig).saved_usd != "0"


async def test_the_invoice_is_the_ledger() -> None:
    async with running_stack(given=caching()) as stack:
        answers = [
            await stack.post(way, cold(OPENAI_MODEL, f"Prompt {n % 3}", max_tokens=9000, stream=streams))
            for n in range(9)
            for way in (CHAT, MESSAGES)
            for streams in (False, True)
        ]
        assert [status for status, _, _ in answers] == [200] * 36
        await stack.ledger.flush()
        entries = stack.ledger.entries
        assert sum(entry.provider == "cache" for entry in entries) == 33
        invoice = await stack.invoice()
        assert sum(len(entry.attempts) for entry in entries) == 3 == len(invoice["calls"])
        booked = sum(entry.cost or 0 for entry in entries)
        assert booked == sum(parse_usd(line["usd"]) for line in invoice["calls"])


# -- what is not given again


class Tenants:
    """Lets in KEY@TENANT, with a policy as in KEY@TENANT@POLICY."""

    def authenticate(self, token: str) -> KeyInfo:
        name, tenant, *policy = token.split("@")
        return KeyInfo(id=name, name=name, tenant=tenant, cache=",".join(policy))


async def test_tenants_never_share_and_keys_of_one_tenant_do() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching(), door=Tenants())
    told = [
        (await rig.post(CHAT, cold(OPENAI_MODEL), {"authorization": f"Bearer {key}"})).headers[
            "x-pointsman-cache"
        ]
        for key in ("a@one", "b@one", "a@other", "a@", "b@", "b@")
    ]
    assert told == ["miss", "hit", "miss", "miss", "miss", "hit"]


@pytest.mark.parametrize(
    ("tokens", "body", "told"),
    [
        (
            ("a@one", "b@one@own", "b@one@own", "c@one@own", "d@one"),
            cold(OPENAI_MODEL),
            "miss miss hit miss hit",
        ),
        (("a@one", "b@one@off", "b@one@of a newer kind"), cold(OPENAI_MODEL), "miss bypass bypass"),
        (("a@one@sampled", "b@one@sampled", "c@one"), ask(OPENAI_MODEL), "miss hit bypass"),
    ],
)
async def test_the_policy_of_a_key_holds_for_it_alone(
    tokens: tuple[str, ...], body: dict[str, Any], told: str
) -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching(), door=Tenants())
    answers = [await rig.post(CHAT, body, {"authorization": f"Bearer {token}"}) for token in tokens]
    assert [answer.headers["x-pointsman-cache"] for answer in answers] == told.split()


async def test_a_key_may_have_its_answers_for_a_shorter_time() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching(), door=Tenants())
    for advance, told in ((0.0, "miss"), (59.0, "hit"), (2.0, "miss")):
        rig.clock.advance(advance)
        answer = await rig.post(CHAT, cold(OPENAI_MODEL), {"authorization": "Bearer a@one@ttl=60"})
        assert answer.headers["x-pointsman-cache"] == told


@pytest.mark.parametrize(
    ("body", "headers", "told", "calls"),
    [
        (ask(OPENAI_MODEL), {}, "bypass", 2),
        (ask(OPENAI_MODEL), {"x-pointsman-cache": "sampled"}, "hit", 1),
        (cold(OPENAI_MODEL, store=True), {}, "bypass", 2),
        (cold(OPENAI_MODEL, n=2), {}, "bypass", 2),
        (cold(OPENAI_MODEL), {"cache-control": "no-cache"}, "miss", 2),
        (cold(OPENAI_MODEL), {"cache-control": "no-store"}, "miss", 2),
        (cold(OPENAI_MODEL), {"cache-control": "no-store, no-cache"}, "bypass", 2),
        (cold(OPENAI_MODEL), {"cache-control": "max-age=5"}, "hit", 1),
    ],
)
async def test_what_the_caller_says_of_it_holds(
    body: dict[str, Any], headers: dict[str, str], told: str, calls: int
) -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching())
    for _ in range(2):
        last = await rig.post(CHAT, body, headers)
    assert last.headers["x-pointsman-cache"] == told
    assert len(rig.transport.requests) == calls


async def test_too_old_is_asked_anew() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching(ttl=60))
    for seconds, headers, told in (
        (0, {}, "miss"),
        (10, {"cache-control": "max-age=5"}, "miss"),
        (59, {}, "hit"),
        (1, {}, "miss"),
    ):
        rig.clock.advance(seconds)
        answer = await rig.post(CHAT, cold(OPENAI_MODEL), headers)
        assert answer.headers["x-pointsman-cache"] == told, seconds


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_only_if_cached_asks_nobody(path: str) -> None:
    rig = Rig(given=caching())
    answer = await rig.post(path, cold(OPENAI_MODEL), {"cache-control": "only-if-cached"})
    assert answer.status == 504 and b"not_stored" in answer.body
    assert json.loads(answer.body)["error"]["message"].startswith("No stored answer will do")
    assert not rig.transport.requests
    assert (rig.entry.outcome, rig.entry.cost) == ("error", 0)


@pytest.mark.parametrize(
    ("scripted", "streams", "why"),
    [
        (Scripted(status=500, body=b"{}"), False, None),
        (Scripted(body=OPENAI_WHOLE.replace(b'"stop"', b'"length"')), False, "cut"),
        (Scripted(body=OPENAI_WHOLE.replace(b'"stop"', b'"content_filter"')), False, "refused"),
        (Scripted(body=OPENAI_EVENTS[:-2]), True, "not_whole"),
    ],
)
async def test_what_failed_was_cut_or_refused_is_not_kept(
    scripted: Scripted, streams: bool, why: str | None
) -> None:
    rig = Rig(otherwise=scripted, given=caching())
    await rig.post(CHAT, cold(OPENAI_MODEL, stream=streams))
    again = await rig.post(CHAT, cold(OPENAI_MODEL, stream=streams))
    assert again.headers.get("x-pointsman-cache", "miss") == "miss"
    view = view_of(rig)
    assert (view.hits, view.stored) == (0, 0)
    assert view.not_stored == ({} if why is None else {why: 2})


async def test_a_stream_that_its_client_left_is_not_kept() -> None:
    waits = Scripted(body=[*ANTHROPIC_EVENTS[:3], Wait.UNTIL_LEFT])
    rig = Rig(waits, otherwise=Scripted(body=ANTHROPIC_EVENTS), given=caching())
    body = cold(ANTHROPIC_MODEL, stream=True)
    left = rig.call(MESSAGES, body)
    under_way = asyncio.ensure_future(left.run())
    await asyncio.wait_for(left.first_chunk.wait(), 10)
    left.leave()
    await under_way
    assert rig.entry.outcome == "cut"
    assert (await rig.post(MESSAGES, body)).headers["x-pointsman-cache"] == "miss"


async def test_where_it_is_off_nothing_is_said_of_it() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE))
    for _ in range(2):
        answer = await rig.post(CHAT, cold(OPENAI_MODEL), {"cache-control": "only-if-cached"})
        assert answer.status == 200 and "x-pointsman-cache" not in answer.headers
    assert rig.gateway.cache is None


async def test_what_is_purged_is_asked_anew() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching())
    await rig.post(CHAT, cold(OPENAI_MODEL))
    assert rig.gateway.cache is not None
    assert (await rig.gateway.cache.purge(CachePurge(model="another"))).purged == 0
    assert (await rig.gateway.cache.purge(CachePurge())).purged == 1
    assert (await rig.post(CHAT, cold(OPENAI_MODEL))).headers["x-pointsman-cache"] == "miss"


async def test_a_hit_needs_no_room_in_limits() -> None:
    limits = {OPENAI_MODEL: {"rpm": 1}}
    rig = Rig(Scripted(body=OPENAI_WHOLE), given=settings(cache={"enabled": True}, limits=limits))
    for told in ("miss", "hit", "hit"):
        assert (await rig.post(CHAT, cold(OPENAI_MODEL))).headers["x-pointsman-cache"] == told


async def test_what_a_translation_has_lost_is_not_given_to_who_would_have_had_it() -> None:
    rig = Rig(otherwise=Scripted(body=ANTHROPIC_WHOLE), given=caching())
    for way in (CHAT, MESSAGES):
        stops: dict[str, Any] = {"stop": ["x"]} if way == CHAT else {"stop_sequences": ["x"]}
        answer = await rig.post(way, cold(ANTHROPIC_MODEL, **stops))
        assert (answer.status, answer.headers["x-pointsman-cache"]) == (200, "miss")
    again = await rig.post(CHAT, cold(ANTHROPIC_MODEL, stop=["x"]))
    assert again.headers["x-pointsman-cache"] == "hit"
    assert view_of(rig).not_stored == {}


@pytest.mark.parametrize(("model", "told"), [(OPENAI_MODEL, "hit"), (ANTHROPIC_MODEL, "miss")])
async def test_a_version_of_the_api_parts_only_where_the_provider_hears_of_it(model: str, told: str) -> None:
    whole = OPENAI_WHOLE if model == OPENAI_MODEL else ANTHROPIC_WHOLE
    rig = Rig(otherwise=Scripted(body=whole), given=caching())
    await rig.post(MESSAGES, cold(model), {"anthropic-version": "2023-06-01"})
    again = await rig.post(MESSAGES, cold(model), {"anthropic-version": "2026-10-21"})
    assert again.headers["x-pointsman-cache"] == told


async def test_a_stream_that_cannot_be_read_reaches_its_client_and_is_not_kept() -> None:
    odd = [b'data: {"choices": "none"}\n\n', *OPENAI_EVENTS]
    rig = Rig(otherwise=Scripted(body=odd), given=caching())
    answer = await rig.post(CHAT, cold(OPENAI_MODEL, stream=True))
    assert answer.complete and b"[DONE]" in answer.body
    assert (await rig.post(CHAT, cold(OPENAI_MODEL, stream=True))).headers["x-pointsman-cache"] == "miss"
    assert view_of(rig).stored == 0
