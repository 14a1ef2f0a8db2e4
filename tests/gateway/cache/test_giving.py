"""An answer that is there in one form, for who wants another."""

from __future__ import annotations

from pointsman.caching.seams import Folded
from pointsman.caching.stored import Form, Stored, Told, pack, unpack
from pointsman.gateway.cache.answer_cache import AnswerCache
from tests.support.equal_requests import caching, cold
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_MODEL, ANTHROPIC_WHOLE
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
