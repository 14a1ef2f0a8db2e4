from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.dialects.base import Delivered
from pointsman.dialects.openai_chat.tap import HELD_BYTES, OpenAIChatTap
from pointsman.errors import UpstreamRateLimited
from tests.support.openai_chat_cases import ROLE, USAGE, USAGE_CHUNK, USAGE_WIRE, call_more, call_start, delta

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
    assert sum(map(len, tap._held)) == tap._size <= HELD_BYTES
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


@pytest.mark.parametrize("at_once", [1, 2, 100])
@pytest.mark.parametrize("strip", [False, True])
def test_separators_of_both_kinds_in_one_stream(strip: bool, at_once: int) -> None:
    ends = ["\n\n", "\r\n\r\n", "\r\n\n", "\n\r\n"]
    fed = [_event(value, end=ends[at % 4]) for at, value in enumerate(ANSWER)] + [DONE]
    shown = [_event(_without_usage(value), end=ends[at % 4]) for at, value in enumerate(ANSWER[:-1])] + [DONE]
    tap = _tap(strip=strip)
    blocks = [b"".join(fed[at : at + at_once]) for at in range(0, len(fed), at_once)]
    assert b"".join(map(tap.feed, blocks)) == b"".join(shown if strip else fed)
    assert (tap.usage, tap.ended) == (USAGE, True)


def test_a_separator_that_was_split_before_its_last_byte() -> None:
    tap = _tap(strip=True)
    stream = b"".join(_event(value, end="\r\n\r\n") for value in ANSWER) + b"data: [DONE]\r\n\r\n"
    events = stream.split(b"\r\n\r\n")
    blocks = [events[0] + b"\r\n\r", *(b"\n" + event + b"\r\n\r" for event in events[1:-1]), b"\n"]
    shown = b"".join(map(tap.feed, blocks))
    expected = [_event(_without_usage(value), end="\r\n\r\n") for value in ANSWER if value["choices"]]
    assert shown == b"".join(expected) + b"data: [DONE]\r\n\r\n"
    assert (tap.usage, tap.ended) == (USAGE, True)


def _choices_first(value: dict[str, Any]) -> dict[str, Any]:
    return {"choices": value["choices"]} | value


SPELLINGS = [(",", ":"), (", ", ": "), (",", ": "), (" , ", " : "), (",", ":  "), (",", " :")]


@pytest.mark.parametrize("separators", SPELLINGS)
@pytest.mark.parametrize("order", [dict, _choices_first])
@pytest.mark.parametrize("at_once", [1, 3, 100])
@pytest.mark.parametrize("strip", [False, True])
def test_every_spelling_of_json_is_understood(
    separators: tuple[str, str], order: Any, at_once: int, strip: bool
) -> None:
    def spelled(value: dict[str, Any]) -> bytes:
        return f"data: {json.dumps(order(value), separators=separators)}\n\n".encode()

    fed = [spelled(value) for value in ANSWER] + [DONE]
    tap = _tap(strip=strip)
    shown = b"".join(tap.feed(b"".join(fed[at : at + at_once])) for at in range(0, len(fed), at_once))
    if not strip:
        assert shown == b"".join(fed)
    else:
        bodies = [event.removeprefix(b"data: ") for event in shown.split(b"\n\n")[:-1]]
        assert bodies.pop() == b"[DONE]"
        assert [json.loads(body) for body in bodies] == [_without_usage(value) for value in ANSWER[:-1]]
    assert (tap.usage, tap.ended) == (USAGE, True)


@pytest.mark.parametrize("strip", [False, True])
def test_a_spelling_that_changes_is_learned_anew(strip: bool) -> None:
    tap = _tap(strip=strip)
    for at, value in enumerate(ANSWER):
        tap.feed(_event(value, spaced=at % 2 == 1))
    assert (tap.usage, tap.ended) == (USAGE, True)


def test_several_ends_in_one_block() -> None:
    """With ``n`` above 1 each choice has its own; the usage may stand in any of them, or before them."""
    ends = [delta({}, "stop"), delta({}, "length") | {"usage": USAGE_WIRE}, delta({}, "stop")]
    tap = _tap(strip=True)
    tap.feed(_event(ROLE))
    block = b"".join(map(_event, ends))
    assert tap.feed(block) == b"".join(
        _event(value if value["usage"] else _without_usage(value)) for value in ends
    )
    assert (tap.usage, tap.ended) == (USAGE, True)


@pytest.mark.parametrize("strip", [False, True])
@pytest.mark.parametrize("spaced", [False, True])
def test_an_error_amid_a_block_is_seen(spaced: bool, strip: bool) -> None:
    error = {"error": {"message": "slow", "code": "rate_limit_exceeded"}}
    block = b"".join(_event(value, spaced=spaced) for value in (ROLE, ANSWER[1], error))
    tap = _tap(strip=strip)
    shown = tap.feed(block)
    assert shown.endswith(_event(error, spaced=spaced))
    assert isinstance(tap.error, UpstreamRateLimited)
    assert not tap.ended


def test_a_block_whose_marks_are_all_in_texts_passes() -> None:
    events = [_event(_without_usage(delta({"content": text}))) for text in (TRAP, '"', '\\"usage":{', "\n\n")]
    tap = _tap(strip=True)
    tap.feed(_event(ROLE))
    block = b"".join(events)
    assert tap.feed(block) is block
    assert (tap.ended, tap.usage, tap.error) == (False, None, None)


def test_the_name_of_a_stream_may_come_late() -> None:
    """Azure tells of its filters first, without an id and without a model."""
    filtered = b'data: {"choices":[],"created":0,"id":"","model":"","prompt_filter_results":[]}\n\n'
    tap = _tap(strip=True)
    assert tap.feed(filtered) is filtered
    assert (tap.model, tap.upstream_id) == ("", "")
    assert tap.feed(filtered + _event(ROLE)) == filtered + _event(_without_usage(ROLE))
    assert (tap.model, tap.upstream_id) == ("m-1", "chatcmpl-1")


@given(st.lists(st.integers(1, 8), min_size=8), st.sampled_from(["\n\n", "\r\n\r\n"]), st.booleans())
def test_blocks_may_be_cut_between_any_events(sizes: list[int], end: str, spaced: bool) -> None:
    fed = [_event(value, end=end, spaced=spaced) for value in ANSWER] + [DONE]
    tap, shown = _tap(strip=True), []
    for size in sizes:
        shown.append(tap.feed(b"".join(fed[:size])))
        del fed[:size]
    expected = [_event(_without_usage(value), end=end, spaced=spaced) for value in ANSWER if value["choices"]]
    assert b"".join(shown) == b"".join([*expected, DONE])
    assert (tap.usage, tap.ended) == (USAGE, True)
    assert tap.delivered().output_tokens == sum(
        max(1, len(text) // 4) for text in ("Hello", TRAP, "lookup", '{"usage":null,"usage":{}}')
    )
