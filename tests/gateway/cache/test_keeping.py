"""What is kept of answers that go by, and what is not."""

from __future__ import annotations

import pytest

from pointsman.gateway.cache.metrics import CacheView
from tests.support.equal_requests import caching, cold
from tests.support.gateway import CHAT, Rig
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.stack import settings
from tests.support.upstream import Scripted

OTHER = "gpt-5.4-nano"
COALESCE = pytest.mark.parametrize("coalesce", [False, True])


def view_of(rig: Rig) -> CacheView:
    assert rig.gateway.cache is not None
    return rig.gateway.cache.view()


@COALESCE
@pytest.mark.parametrize("streams", [False, True])
async def test_an_answer_is_kept_as_it_goes_by(coalesce: bool, streams: bool) -> None:
    rig = Rig(Scripted(body=OPENAI_EVENTS if streams else OPENAI_WHOLE), given=caching(coalesce=coalesce))
    assert (rig.gateway.cache is not None and rig.gateway.cache.flights is not None) is coalesce
    body = cold(OPENAI_MODEL, stream=streams)
    first, second = await rig.post(CHAT, body), await rig.post(CHAT, body)
    assert (first.headers["x-pointsman-cache"], second.headers["x-pointsman-cache"]) == ("miss", "hit")
    assert view_of(rig).stored == 1


@COALESCE
async def test_what_is_too_large_is_not_held_to_be_kept(coalesce: bool) -> None:
    many = [*OPENAI_EVENTS[:2], *[OPENAI_EVENTS[1]] * 2_000, *OPENAI_EVENTS[2:]]
    assert sum(map(len, many)) > 110_000
    rig = Rig(Scripted(body=many), given=caching(max_bytes=1 << 20, coalesce=coalesce))
    answer = await rig.post(CHAT, cold(OPENAI_MODEL, stream=True))
    assert answer.complete and b"[DONE]" in answer.body
    assert view_of(rig).not_stored == {"too_large": 1}


@COALESCE
@pytest.mark.parametrize(
    ("size", "told"), [(100_000, "hit"), (104_200, "miss"), (104_850, "miss"), (104_860, "miss")]
)
async def test_at_the_bound_of_one_answer_it_is_kept_or_asked_for_again(
    coalesce: bool, size: int, told: str
) -> None:
    body = OPENAI_WHOLE.replace(b"Because.", b"x" * (size - len(OPENAI_WHOLE) + 8))
    assert len(body) == size
    rig = Rig(otherwise=Scripted(body=body), given=caching(max_bytes=1 << 20, coalesce=coalesce))
    for _ in range(2):
        answer = await rig.post(CHAT, cold(OPENAI_MODEL))
    assert (answer.body, answer.headers["x-pointsman-cache"]) == (body, told)


@COALESCE
async def test_an_error_is_not_even_looked_at(coalesce: bool) -> None:
    rig = Rig(Scripted(status=400, body=b"{}"), given=caching(coalesce=coalesce))
    assert (await rig.post(CHAT, cold(OPENAI_MODEL))).status == 400
    assert (view_of(rig).stored, view_of(rig).not_stored) == (0, {})


async def test_of_equals_of_a_route_any_ones_answer_is_kept_and_for_that_route_alone() -> None:
    routes = {
        "both": {"models": [OPENAI_MODEL, OTHER], "weights": [0, 1]},
        "first": {"models": [OPENAI_MODEL], "fallbacks": [OTHER]},
    }
    given = settings(cache={"enabled": True}, routes=routes)
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=given)
    told = []
    for model in ("both", "both", OTHER, OPENAI_MODEL, "first", "both"):
        answer = await rig.post(CHAT, cold(model))
        told.append((answer.headers["x-pointsman-cache"], answer.headers["x-pointsman-model"]))
    assert told[:2] == [("miss", OTHER), ("hit", OTHER)]
    assert told[2:5] == [("miss", OTHER), ("miss", OPENAI_MODEL), ("hit", OPENAI_MODEL)]
    assert told[5] == ("hit", OTHER)
    assert view_of(rig).not_stored == {}
