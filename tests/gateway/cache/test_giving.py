"""An answer that is there in one form, for who wants another."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.caching.kept.replay import events_of
from pointsman.caching.kept.seams import Folded
from pointsman.caching.kept.stored import Form, Stored, Told, pack, unpack
from pointsman.chat import Request, Response
from pointsman.dialects import get_dialect
from pointsman.gateway.cache.answer_cache import AnswerCache
from tests.support.answers import ANSWERS
from tests.support.equal_requests import caching, cold
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_MODEL, ANTHROPIC_WHOLE, OPENAI_MODEL
from tests.support.upstream import Scripted


def cache_of(rig: Rig) -> AnswerCache:
    assert rig.gateway.cache is not None
    return rig.gateway.cache


def the_one(cache: AnswerCache) -> tuple[bytes, Stored]:
    parts = (cache.store._window, cache.store._probation, cache.store._protected)
    ((key, kept),) = [each for part in parts for each in part.items()]
    stored = unpack(kept.body)
    assert stored is not None
    return key, stored


async def test_a_form_that_was_worked_out_is_kept_beside_the_first() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS), given=caching())
    cache = cache_of(rig)
    await rig.post(MESSAGES, cold(ANTHROPIC_MODEL, stream=True))
    before = cache.view().bytes
    bodies = [(await rig.post(CHAT, cold(ANTHROPIC_MODEL))).body for _ in range(3)]
    assert bodies[0] == bodies[1] == bodies[2]
    _, stored = the_one(cache)
    assert [told.form for told in stored.told] == [Form("anthropic_messages", True), Form("openai_chat")]
    assert cache.view().bytes > before + len(bodies[0]) // 2
    assert cache.view().entries == 1


async def test_one_that_cannot_be_told_so_is_asked_for_anew() -> None:
    rig = Rig(otherwise=Scripted(body=ANTHROPIC_WHOLE), given=caching(coalesce=False))
    cache = cache_of(rig)
    await rig.post(MESSAGES, cold(ANTHROPIC_MODEL))
    key, stored = the_one(cache)
    of_tomorrow = Stored((Told(Form("of_tomorrow"), Folded(b"?")),), key, stored.model, "p", stored.stored_us)
    cache.store.amend(key, pack(of_tomorrow))
    again = await rig.post(MESSAGES, cold(ANTHROPIC_MODEL))
    assert (again.status, again.headers["x-pointsman-cache"]) == (200, "miss")
    assert (await rig.post(MESSAGES, cold(ANTHROPIC_MODEL))).headers["x-pointsman-cache"] == "hit"
    assert (cache.view().hits, cache.view().misses, len(rig.transport.requests)) == (1, 2, 2)


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    at = sorted({0, len(whole), *(place % (len(whole) + 1) for place in places)})
    return [whole[begin:end] for begin, end in pairwise(at)]


@settings(max_examples=8, deadline=None)
@given(ANSWERS, st.lists(st.integers(0, 5_000), max_size=6), st.booleans(), st.booleans(), st.booleans())
def test_whatever_was_told_is_told_again_to_the_byte_or_is_asked_for_anew(
    answer: Response, places: list[int], of_openai: bool, to_openai: bool, usage: bool
) -> None:
    """However the provider's bytes were cut, passed through or translated."""
    made = get_dialect("openai_chat" if of_openai else "anthropic_messages")
    encode = made.stream_encoder(Request("m", (), stream=True, stream_usage=True)).encode
    pieces = cut(b"".join(map(encode, events_of(answer))), places)
    model, path = OPENAI_MODEL if of_openai else ANTHROPIC_MODEL, CHAT if to_openai else MESSAGES
    options: dict[str, Any] = {"stream_options": {"include_usage": usage}} if to_openai else {}
    body = cold(model, stream=True, **options)

    async def work() -> None:
        rig = Rig(otherwise=Scripted(body=pieces), given=caching())
        first = await rig.post(path, body)
        again = await rig.post(path, body)
        stored = cache_of(rig).view().stored
        assert len(rig.transport.requests) == 2 - stored
        if stored:
            assert (again.headers["x-pointsman-cache"], again.body) == ("hit", first.body)

    asyncio.run(work())
