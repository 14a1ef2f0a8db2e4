"""What is lost on the way through another dialect, and who may still be given the answer."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.gateway.cache.translated import translated_key
from tests.support.equal_requests import caching, cold
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.provider_bytes import ANTHROPIC_MODEL, ANTHROPIC_WHOLE, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.upstream import Scripted

CLAUDE, GPT = (ANTHROPIC_MODEL, ANTHROPIC_WHOLE), (OPENAI_MODEL, OPENAI_WHOLE)
LOW = {"output_config": {"effort": "low"}}


async def told(rig: Rig, path: str, model: str, fields: dict[str, Any], *, stream: bool = False) -> str:
    answer = await rig.post(path, cold(model, stream=stream, **fields))
    assert answer.status == 200, answer.body
    return str(answer.headers["x-pointsman-cache"])


@pytest.mark.parametrize(
    ("provider", "foreign", "fields", "native", "same"),
    [
        (CLAUDE, CHAT, {"top_p": 0.5}, MESSAGES, {"top_p": 0.5}),
        (CLAUDE, CHAT, {"stop": ["x"]}, MESSAGES, {"stop_sequences": ["x"]}),
        (CLAUDE, CHAT, {"reasoning_effort": "low"}, MESSAGES, LOW),
        (GPT, MESSAGES, {"stop_sequences": ["x"]}, CHAT, {"stop": ["x"]}),
    ],
)
async def test_an_answer_that_lost_something_is_given_to_those_alone_who_would_lose_the_same(
    provider: tuple[str, bytes], foreign: str, fields: dict[str, Any], native: str, same: dict[str, Any]
) -> None:
    model, whole = provider
    rig = Rig(otherwise=Scripted(body=whole), given=caching())
    assert await told(rig, foreign, model, fields) == "miss"
    for stream in (False, True):
        assert await told(rig, foreign, model, fields, stream=stream) == "hit"
    assert await told(rig, native, model, same) == "miss"
    assert await told(rig, native, model, same) == "hit"
    assert len(rig.transport.requests) == 2


async def test_effort_makes_claude_think_in_one_dialect_and_not_in_the_other() -> None:
    rig = Rig(otherwise=Scripted(body=ANTHROPIC_WHOLE), given=caching())
    assert await told(rig, MESSAGES, ANTHROPIC_MODEL, LOW) == "miss"
    assert await told(rig, CHAT, ANTHROPIC_MODEL, {"reasoning_effort": "low"}) == "miss"
    assert await told(rig, CHAT, ANTHROPIC_MODEL, {"reasoning_effort": None}) == "miss"
    assert await told(rig, MESSAGES, ANTHROPIC_MODEL, {}) == "hit"


async def test_who_would_lose_something_may_be_given_what_lost_nothing() -> None:
    rig = Rig(otherwise=Scripted(body=ANTHROPIC_WHOLE), given=caching())
    assert await told(rig, MESSAGES, ANTHROPIC_MODEL, {"top_p": 0.5}) == "miss"
    assert await told(rig, CHAT, ANTHROPIC_MODEL, {"top_p": 0.5}) == "hit"


@pytest.mark.parametrize("extra", [{"user": "u"}, {"metadata": {"a": "b"}}, {"seed": None}])
async def test_what_is_left_out_and_changes_no_answer_is_no_loss(extra: dict[str, Any]) -> None:
    rig = Rig(otherwise=Scripted(body=ANTHROPIC_WHOLE), given=caching())
    assert await told(rig, CHAT, ANTHROPIC_MODEL, extra) == "miss"
    assert await told(rig, MESSAGES, ANTHROPIC_MODEL, {}) == "hit"


def test_keys_of_two_dialects_differ() -> None:
    keys = {translated_key(key, name) for key in (b"k" * 32, b"l" * 32) for name in ("a", "b")}
    assert len(keys) == 4 and all(len(key) == 32 for key in keys)
