from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.dialects.anthropic_messages.marks import (
    Ttl,
    Turn,
    has_own,
    mark_end,
    mark_message,
    mark_tools,
    read_turns,
)
from pointsman.dialects.marking import end_of

FIVE = b'"cache_control":{"type":"ephemeral"}'
HOUR = b'"cache_control":{"type":"ephemeral","ttl":"1h"}'


@pytest.mark.parametrize(
    ("value", "marked"),
    [
        (b'"plain \\" text"', b'[{"type":"text","text":"plain \\" text",%b}]' % FIVE),
        (b'[{"type":"text","text":"a"}]', b'[{"type":"text","text":"a",%b}]' % FIVE),
        (b'[ {"a":1} , {"b" : 2 } ]', b'[ {"a":1} , {"b" : 2,%b} ]' % FIVE),
        (b'[{"type":"image","x":{"y":[]}}\n]', b'[{"type":"image","x":{"y":[]},%b}\n]' % FIVE),
        (b"[{}]", b"[{%b}]" % FIVE),
        (b'""', None),
        (b"[]", None),
        (b"null", None),
        (b'["text"]', None),
        (b'[{"type":"text","text":""}]', None),
        (b'[{"type":"thinking","thinking":"a"}]', None),
        (b'[{"type":"redacted_thinking","data":"a"}]', None),
    ],
)
def test_a_breakpoint_at_the_end(value: bytes, marked: bytes | None) -> None:
    assert mark_end(value, "5m") == marked
    assert mark_end(value, "1h") == (None if marked is None else marked.replace(FIVE, HOUR))


@pytest.mark.parametrize(
    ("tools", "marked"),
    [
        (b'[{"name":"a"} ,{"name":"b"}]', b'[{"name":"a"} ,{"name":"b",%b}]' % FIVE),
        (
            b'[{"name":"a"} , {"name":"b","defer_loading" : true},{"name":"a","defer_loading":true} ]',
            b'[{"name":"a",%b} , {"name":"b","defer_loading" : true},{"name":"a","defer_loading":true} ]'
            % FIVE,
        ),
        (
            b'[{"name":"b","defer_loading":true},{"name":"a","defer_loading":false}]',
            b'[{"name":"b","defer_loading":true},{"name":"a","defer_loading":false,%b}]' % FIVE,
        ),
        (
            b'[{"name":"a","description":"\\"defer_loading\\": true","x":{"defer_loading":{}}}]',
            b'[{"name":"a","description":"\\"defer_loading\\": true","x":{"defer_loading":{}},%b}]' % FIVE,
        ),
        (b'[{"name":"b","defer_loading":true}]', None),
        (b"[]", None),
    ],
)
def test_a_tool_that_is_deferred_bears_none(tools: bytes, marked: bytes | None) -> None:
    assert mark_tools(tools, "5m") == marked


def test_a_message_keeps_its_other_bytes() -> None:
    assert mark_message(b'{ "role":"user", "content" : "a" ,"x":1}', "1h") == (
        b'{ "role":"user", "content" : [{"type":"text","text":"a",%b}] ,"x":1}' % HOUR
    )
    assert mark_message(b'{"role":"user"}', "5m") is None


def test_what_follows_an_earlier_array() -> None:
    one = b'[{"role":"user","content":"a"} ]'
    said = b'{"role":"assistant","content":[{"type":"text"},{"type":"tool_use"}]}'
    two = b'[{"role":"user","content":"a"} , %b]' % said
    assert two.startswith(one[: end_of(one)])
    assert read_turns(two[end_of(one) :]) == [Turn("assistant", 2, "tool_use", len(said))]
    assert read_turns(one) == [Turn("user", 1, "text", 29)]
    assert read_turns(one[end_of(one) :]) == []
    assert read_turns(b'[{"role":"user","content":[]}]') == [Turn("user", 0, "", 28)]
    for bad in (b"[1]", b'[{"content":"a"}]', b'[{"role":"user","content":1}]', b", nonsense]"):
        assert read_turns(bad) is None


def test_the_callers_own_are_told_from_talk_about_them() -> None:
    assert has_own(b'[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]')
    assert not has_own(msgspec.json.encode([{"type": "text", "text": 'set "cache_control" in the block'}]))


TEXT = st.text(min_size=1).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))
BLOCKS = st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}), min_size=1, max_size=4)
SPACE = st.sampled_from([b"", b" ", b"\n\t", b"\r\n  "])


@given(TEXT | BLOCKS, st.sampled_from(["5m", "1h"]), SPACE)
def test_only_the_last_block_changes(content: Any, ttl: Ttl, space: bytes) -> None:
    raw = msgspec.json.encode(content)
    if raw[:1] == b"[":
        raw = b"[" + space + raw[1:-1] + space + b"]"
    marked = mark_end(raw, ttl)
    assert marked is not None
    blocks = msgspec.json.decode(marked)
    control = blocks[-1].pop("cache_control")
    assert control == ({"type": "ephemeral"} if ttl == "5m" else {"type": "ephemeral", "ttl": "1h"})
    assert blocks == (content if isinstance(content, list) else [{"type": "text", "text": content}])
