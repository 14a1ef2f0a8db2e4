from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.caching.kept.seams import Folded, fold, unfold
from tests.support.provider_bytes import ANTHROPIC_EVENTS, OPENAI_EVENTS

words = st.lists(st.text(max_size=6), max_size=40)


def openai(words: list[str], padding: str = "aZ3kT9pQ") -> bytes:
    head = '{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":%s},'
    tail = '"finish_reason":null}],"obfuscation":%s}'
    return b"".join(
        f"data: {head % json.dumps(word)}{tail % json.dumps(padding[: at % 7])}\n\n".encode()
        for at, word in enumerate(words)
    )


def anthropic(words: list[str], kind: str = "text") -> bytes:
    return b"".join(
        (
            "event: content_block_delta\n"
            f'data: {{"type":"content_block_delta","delta":{{"{kind}":{json.dumps(word)}}}'
            f"{' ' * (at % 5)}}}\n\n"
        ).encode()
        for at, word in enumerate(words)
    )


@settings(max_examples=40)
@given(words)
def test_a_stream_comes_back_to_the_byte(said: list[str]) -> None:
    for whole in (openai(said), anthropic(said), anthropic(said) + anthropic(said, "thinking")):
        assert unfold(fold(whole)) == whole


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from([b"\n\n", b'"', b"ab", b"abcdefghij", b"\x01", b"\x02", b"\r\n", b"x"]), max_size=60
    ).map(b"".join)
    | st.binary(max_size=80)
)
def test_whatever_else_there_is_does_too(whole: bytes) -> None:
    assert unfold(fold(whole)) == whole
    assert unfold(fold(whole * 20)) == whole * 20


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (openai(["word"] * 300), 0.1),
        (openai([f" w{at * 7919 % 997}" for at in range(300)]), 0.13),
        (anthropic([f" w{at * 7919 % 997}" for at in range(300)]), 0.13),
        (anthropic(['say "no"'] * 100) + anthropic(["hm\n"] * 100, "thinking"), 0.2),
    ],
)
def test_what_events_repeat_takes_no_room(whole: bytes, part: float) -> None:
    assert fold(whole).size < part * len(whole)


@pytest.mark.parametrize("whole", [b"", b"{}", b"".join(OPENAI_EVENTS[:2]), openai(["a"] * 99) + b"\x03"])
def test_where_nothing_is_to_be_won_it_stays_as_it_is(whole: bytes) -> None:
    assert fold(whole) == Folded(whole)


@pytest.mark.parametrize("events", [OPENAI_EVENTS, ANTHROPIC_EVENTS])
def test_odd_events_are_kept_as_they_are(events: tuple[bytes, ...]) -> None:
    assert unfold(fold(b"".join(events))) == b"".join(events)
