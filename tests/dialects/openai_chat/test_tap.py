from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.openai_chat_cases import ROLE, USAGE, USAGE_CHUNK, USAGE_WIRE, call_more, call_start, delta

from pointsman.chat import Usage
from pointsman.dialects.base import Delivered
from pointsman.dialects.openai_chat.tap import OpenAIChatTap
from pointsman.errors import UpstreamRateLimited

DONE = b"data: [DONE]\n\n"
TRAP = (
    'see "usage":null and ,"usage":null, "usage":{"prompt_tokens":9} "finish_reason":"stop" "error":1 [DONE]'
)


def _tap(*, strip: bool = False) -> OpenAIChatTap:
    return OpenAIChatTap(strip_usage=strip, count_tokens=lambda text: len(text) // 4)


def _event(value: dict[str, Any], *, end: str = "\n\n", spaced: bool = False, lead: str = "data: ") -> bytes:
    return f"{lead}{json.dumps(value, separators=(', ', ': ') if spaced else (',', ':'))}{end}".encode()


def _without_usage(value: dict[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in value if name != "usage"}


ANSWER = [
    ROLE,
    delta({"content": "Hello"}),
    delta({"content": TRAP}),
    call_start(0, "c", "lookup"),
    call_more(0, '{"usage":null,"usage":{}}'),
    delta({}, "stop"),
    USAGE_CHUNK,
]


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n"])
@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize("lead", ["data: ", "data:", ": keep-alive\ndata: "])
@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_usage_that_we_asked_for_is_hidden_to_the_byte(
    end: str, spaced: bool, lead: str, at_once: int
) -> None:
    fed = [_event(value, end=end, spaced=spaced, lead=lead) for value in ANSWER] + [DONE]
    expected = [
        _event(_without_usage(value), end=end, spaced=spaced, lead=lead)
        for value in ANSWER
        if value["choices"]
    ]
    tap = _tap(strip=True)
    blocks = [b"".join(fed[at : at + at_once]) for at in range(0, len(fed), at_once)]
    assert b"".join(tap.feed(block) for block in blocks) == b"".join([*expected, DONE])
    assert (tap.usage, tap.model, tap.upstream_id) == (USAGE, "m-1", "chatcmpl-1")
    assert tap.ended
    assert tap.error is None


def test_usage_that_the_client_asked_for_passes_as_the_same_object() -> None:
    tap = _tap()
    for block in [*(_event(value) for value in ANSWER), DONE]:
        assert tap.feed(block) is block
    assert (tap.usage, tap.ended) == (USAGE, True)


def test_all_in_one_block_passes_as_the_same_object() -> None:
    block = b"".join(_event(value) for value in ANSWER) + DONE
    tap = _tap()
    assert tap.feed(block) is block
    assert (tap.usage, tap.ended) == (USAGE, True)


def test_a_chunk_with_choices_and_usage_keeps_its_choices() -> None:
    last = _event(delta({"content": "!"}, "stop") | {"usage": USAGE_WIRE})
    tap = _tap(strip=True)
    assert tap.feed(_event(ROLE)) == _event(_without_usage(ROLE))
    assert tap.feed(last) is last
    assert (tap.usage, tap.ended) == (USAGE, True)


def test_null_usage_as_the_first_member() -> None:
    tap = _tap(strip=True)
    assert (
        tap.feed(b'data: {"usage": null, "id":"i","choices":[]}\n\n') == b'data: { "id":"i","choices":[]}\n\n'
    )


def test_a_head_that_changes_hides_nothing() -> None:
    tap = _tap()
    tap.feed(_event(ROLE))
    tap.feed(_event(delta({"content": "a"}) | {"created": 5}))
    tap.feed(_event(delta({}, "stop") | {"created": 6}))
    tap.feed(_event(USAGE_CHUNK | {"created": 7}))
    assert (tap.usage, tap.ended) == (USAGE, True)


@pytest.mark.parametrize("text", [TRAP, '"finish_reason":"stop"', '","finish_reason":"', '"usage":{'])
def test_text_of_the_answer_is_never_taken_for_the_frame(text: str) -> None:
    tap = _tap(strip=True)
    tap.feed(_event(ROLE))
    shown = tap.feed(_event(delta({"content": text})))
    assert shown == _event(_without_usage(delta({"content": text})))
    assert (tap.ended, tap.usage, tap.error) == (False, None, None)


@given(st.text(), st.booleans())
def test_any_text_passes_unharmed(text: str, ascii_only: bool) -> None:
    text = text.encode("utf-8", "replace").decode()
    value = delta({"content": text})
    wire = f"data: {json.dumps(value, separators=(',', ':'), ensure_ascii=ascii_only)}\n\n".encode()
    tap = _tap(strip=True)
    tap.feed(_event(ROLE))
    shown = tap.feed(wire)
    assert json.loads(shown[len(b"data: ") :]) == _without_usage(value)
    assert not tap.ended
    assert tap.usage is None


def test_done_without_a_finish_is_no_end() -> None:
    tap = _tap()
    tap.feed(_event(ROLE))
    assert tap.feed(DONE) is DONE
    assert not tap.ended


def test_an_error_is_seen_and_passes() -> None:
    tap = _tap(strip=True)
    event = _event({"error": {"message": "slow", "code": "rate_limit_exceeded"}})
    assert tap.feed(event) is event
    assert isinstance(tap.error, UpstreamRateLimited)


def test_a_null_error_is_none() -> None:
    tap = _tap()
    tap.feed(_event(ROLE))
    tap.feed(_event(delta({"content": "a"}) | {"error": None}))
    assert tap.error is None


@pytest.mark.parametrize(
    "block", [b": ping\n\n", b"\n\n", b"", b"data: {broken\n\n", b"data: 5\n\n", b'data: {"usage":{"x\n\n']
)
def test_what_is_not_ours_to_judge_passes(block: bytes) -> None:
    for strip in (True, False):
        tap = _tap(strip=strip)
        assert tap.feed(block) is block
        assert tap.delivered() == Delivered(0, None)


def test_what_was_delivered_is_counted_by_delta() -> None:
    tap = _tap()
    tap.feed(_event(ROLE))
    tap.feed(_event(delta({"content": "x" * 40})) + _event(delta({"content": "a"})))
    tap.feed(_event(delta({"reasoning_content": "x" * 8, "content": None})))
    tap.feed(_event(delta({"refusal": "no"})))
    tap.feed(_event(call_start(0, "c", "lookup_weather")))
    tap.feed(_event(call_more(0, '{"city":"Oslo"}')))
    assert tap.delivered() == Delivered(10 + 1 + 2 + 1 + 3 + 3, None)
    assert tap.delivered() == Delivered(20, None)


def test_memory_is_bounded_and_nothing_is_forgotten() -> None:
    tap = _tap(strip=True)
    event = _event(delta({"content": "x" * 400}))
    for _ in range(1_000):
        tap.feed(event)
    assert sum(map(len, tap._held)) <= 65_536
    tap.feed(_event(delta({}, "length") | {"usage": {"prompt_tokens": 1, "completion_tokens": 2}}))
    assert tap.delivered() == Delivered(100_000, Usage(input=1, output=2))


def test_a_common_event_is_not_parsed() -> None:
    """What makes it cheap: an event without a mark is only searched, so even nonsense passes unread."""
    tap = _tap()
    tap.feed(_event(ROLE))
    head = re.match(rb".*?(?=\"choices\")", _event(ROLE))
    assert head is not None
    nonsense = head[0] + b"nonsense\n\n"
    assert tap.feed(nonsense) is nonsense
