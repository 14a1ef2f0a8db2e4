"""Who shares an answer, and who must not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pointsman.caching.equal.defaults import without_defaults
from pointsman.caching.equal.key import Asked, Keys, Partition, answer_headers
from pointsman.caching.kept.stored import Form
from pointsman.chat import Request
from pointsman.dialects import get_dialect
from pointsman.dialects.base import Target
from pointsman.dialects.wholly import read_wholly
from tests.support.asked import US, key_of, said
from tests.support.hub_strategies import requests as anthropic_requests
from tests.support.two_dialects import FACES, body_of, requests, respelled

_TARGET = Target("m")


@settings(max_examples=50)
@given(requests())
def test_both_dialects_share_what_they_both_say(request: Request) -> None:
    assert key_of(body_of(request, FACES[0]), FACES[0]) == key_of(body_of(request, FACES[1]), FACES[1])


@settings(max_examples=40)
@given(anthropic_requests())
def test_another_spelling_of_the_same_body_shares(request: Request) -> None:
    request = msgspec.structs.replace(request, reasoning=None)
    body = get_dialect(FACES[1]).encode_request(request, _TARGET).body
    assert key_of(respelled(body), FACES[1]) == key_of(body, FACES[1])


@settings(max_examples=20)
@given(anthropic_requests(), anthropic_requests(), st.sampled_from(FACES))
def test_tenants_never_share(request: Request, other: Request, dialect: str) -> None:
    bodies = [get_dialect(FACES[1]).encode_request(each, _TARGET).body for each in (request, other)]
    keys = [key_of(body, dialect, Partition(tenant)) for body, tenant in zip(bodies, "ab", strict=True)]
    assert keys[0] != keys[1]
    assert key_of(bodies[0], dialect, Partition("a", "k1")) not in (
        keys[0],
        key_of(bodies[0], dialect, Partition("a", "k2")),
        key_of(bodies[0], dialect, Partition("ak1", "")),
    )


@settings(max_examples=40)
@given(requests(), requests(), st.sampled_from(FACES), st.sampled_from(FACES))
def test_requests_that_differ_never_share(one: Request, other: Request, of: str, with_: str) -> None:
    assume(_plain(one) != _plain(other))
    assert key_of(body_of(one, of), of) != key_of(body_of(other, with_), with_)


@settings(max_examples=30)  # of a request, to draw which takes longer than to try all that is in it
@given(anthropic_requests())
def test_no_value_anywhere_in_a_body_can_change_unnoticed(request: Request) -> None:
    """Each value is changed, and an unknown field is added to each object, however deep."""
    _all_matter(json.loads(get_dialect(FACES[1]).encode_request(request, _TARGET).body), FACES[1])


@settings(max_examples=30)
@given(requests())
def test_no_value_of_openai_either(request: Request) -> None:
    _all_matter(json.loads(body_of(request, FACES[0])), FACES[0])


@pytest.mark.parametrize(
    ("dialect", "idle"),
    [
        ("openai_chat", {"stream": True, "stream_options": {"include_usage": True}}),
        ("openai_chat", {"user": "u", "safety_identifier": "s", "metadata": {"trace": "1"}}),
        ("openai_chat", {"service_tier": "flex", "prompt_cache_key": "k", "n": 1}),
        ("openai_chat", {"max_tokens": None, "max_completion_tokens": 9}),
        ("openai_chat", {"response_format": {"type": "text"}}),
        ("openai_chat", {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]}),
        ("anthropic_messages", {"stream": True, "metadata": {"user_id": "u"}, "service_tier": "auto"}),
        ("anthropic_messages", {"cache_control": {"type": "ephemeral"}}),
        (
            "anthropic_messages",
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "text",
                                "text": "Hello",
                                "cache_control": {"type": "ephemeral", "ttl": "1h"},
                            }
                        ],
                    }
                ]
            },
        ),
    ],
)
def test_what_does_not_change_the_answer_does_not_change_the_key(dialect: str, idle: dict[str, Any]) -> None:
    assert key_of(said(dialect, **idle), dialect) == key_of(said(FACES[0]), FACES[0])


@pytest.mark.parametrize(
    ("dialect", "matters"),
    [
        ("openai_chat", {"seed": 1}),
        ("openai_chat", {"n": 2}),
        ("openai_chat", {"logprobs": True}),
        ("openai_chat", {"store": True}),
        ("openai_chat", {"never_heard_of": 0}),
        ("openai_chat", {"system": "Be brief."}),
        ("openai_chat", {"max_completion_tokens": 9}),
        ("openai_chat", {"temperature": 0}),
        ("openai_chat", {"messages": [{"role": "user", "content": "Hello", "name": "Ada"}]}),
        ("openai_chat", {"messages": [{"role": "user", "content": "Hello", "weight": 1}]}),
        ("openai_chat", {"messages": [{"role": "user", "content": "Hello "}]}),
        ("anthropic_messages", {"seed": 1}),
        ("anthropic_messages", {"mcp_servers": []}),
        ("anthropic_messages", {"thinking": {"type": "adaptive", "display": "omitted"}}),
        ("anthropic_messages", {"output_config": {"task_budget": 1}}),
        ("anthropic_messages", {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
    ],
)
def test_what_may_change_the_answer_changes_the_key(dialect: str, matters: dict[str, Any]) -> None:
    assert key_of(said(dialect, **matters), dialect) != key_of(said(FACES[0]), FACES[0])


def test_the_same_unknown_field_means_something_else_in_each_dialect() -> None:
    assert key_of(said(FACES[0], seed=1), FACES[0]) != key_of(said(FACES[1], seed=1), FACES[1])


def test_which_of_the_tools_is_deferred_is_noticed() -> None:
    tools = [{"name": name, "input_schema": {"type": "object"}} for name in "ab"]
    bodies = [
        said(
            FACES[1],
            tools=[tool | ({"defer_loading": True} if n == at else {}) for n, tool in enumerate(tools)],
        )
        for at in range(2)
    ]
    assert key_of(bodies[0], FACES[1]) != key_of(bodies[1], FACES[1])


def test_all_that_is_around_the_body_is_a_part_of_the_key() -> None:
    others: list[Mapping[str, Any]] = [
        {},
        {"model": "n"},
        {"defaults": {"temperature": 0}},
        {"defaults": {"temperature": 1}},
        {"headers": ("anthropic-beta: x",)},
        {"query": "beta=true"},
        {"form": Form("anthropic_messages")},
        {"form": Form("anthropic_messages", True)},
    ]
    keys = [key_of(said(FACES[1]), FACES[1], **other) for other in others]
    assert len(set(keys)) == len(others)


def test_null_is_not_absence_where_a_preset_fills_in() -> None:
    both = said(FACES[0], temperature=None), said(FACES[0])
    assert key_of(both[0], FACES[0]) == key_of(both[1], FACES[0])
    given = {"temperature": 0}
    assert key_of(both[0], FACES[0], defaults=given) != key_of(both[1], FACES[0], defaults=given)


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff", b'{"a":' * 100_000, b'{"n":1e999}', b'{"a":1}'])
def test_whatever_is_sent_has_a_key_of_its_own(body: bytes) -> None:
    keys = {key_of(body, face) for face in FACES} | {key_of(body + b" x", face) for face in FACES}
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("headers", "body", "told"),
    [
        ({}, b"{}", ()),
        ({b"anthropic-version": b"2023-06-01", b"user-agent": b"x"}, b'{"top_k": 1}', ()),
        ({b"anthropic-version": b"2026-10-21"}, b'{"messages": []}', ()),
        ({b"anthropic-version": b"2026-10-21"}, b'{"top_k": 1}', ("anthropic-version: 2026-10-21",)),
        ({b"anthropic-version": b"2027-01-01"}, b"{}", ("anthropic-version: 2027-01-01",)),
        ({b"anthropic-beta": b"b, a,b"}, b"{}", ("anthropic-beta: a,b",)),
        ({b"openai-beta": b"v2"}, b"{}", ("openai-beta: v2",)),
        ({b"anthropic-version": b""}, b"{}", ()),
    ],
)
def test_headers_that_change_the_answer(
    headers: dict[bytes, bytes], body: bytes, told: tuple[str, ...]
) -> None:
    assert answer_headers(headers, body) == told
    assert answer_headers(headers, body, openai=False, anthropic=False) == ()


def test_what_a_preset_fills_in_may_be_refused_too() -> None:
    stricter = {b"anthropic-version": b"2026-10-21"}
    assert answer_headers(stricter, b"{}", {"max_output": 9}) == ()
    for name in ("temperature", "top_p"):
        assert answer_headers(stricter, b"{}", {name: 0}) == ("anthropic-version: 2026-10-21",)


def test_each_providers_headers_count_where_it_may_answer() -> None:
    both = {b"anthropic-beta": b"a", b"openai-beta": b"o"}
    assert answer_headers(both, openai=False) == ("anthropic-beta: a",)
    assert answer_headers(both, anthropic=False) == ("openai-beta: o",)


def test_a_body_that_was_seen_is_not_read_again_and_the_memory_of_it_is_bounded() -> None:
    reads: list[bytes] = []

    def read(body: bytes) -> Request | None:
        reads.append(body)
        return read_wholly(get_dialect(FACES[0]), body)

    keys = Keys(most=2)
    bodies = [said(FACES[0], seed=n) for n in range(3)]
    asked = [Asked(FACES[0], body, "m") for body in bodies]
    first = keys.key(US, asked[0], read)
    assert keys.key(US, asked[0], read) == first == key_of(bodies[0], FACES[0])
    assert keys.key(Partition("them"), asked[0], read) != first
    assert len(reads) == 2
    for each in asked[1:]:
        keys.key(US, each, read)
    assert keys.key(US, asked[0], read) == first
    assert len(reads) == 5


def _plain(request: Request) -> Request:
    """As far as it is asked for: what is the default is none."""
    return without_defaults(request, ())


def _all_matter(body: Any, dialect: str) -> None:
    key = key_of(json.dumps(body).encode(), dialect)
    for path in _places(body):
        changed, gone = _changed(body, path)
        assert _idle(path) or key_of(json.dumps(changed).encode(), dialect) != key, gone


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict):
        yield (*path, "an unknown field")
        for name, inner in value.items():
            yield from _places(inner, (*path, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _places(inner, (*path, at))
    else:
        yield path


def _changed(body: Any, path: tuple[Any, ...]) -> tuple[Any, str]:
    """A copy with another value there."""
    body = json.loads(json.dumps(body))
    inside = body
    for step in path[:-1]:
        inside = inside[step]
    last = path[-1]
    before = inside.get(last) if isinstance(inside, dict) else inside[last]
    if before is None or isinstance(before, bool):
        inside[last] = 7 if before is None else not before
    else:
        inside[last] = before + 1 if isinstance(before, int | float) else before + "x"
    return body, f"{path}: {before!r}"


_IDLE = {"model", "stream", "stream_options", "metadata", "service_tier", "user", "cache_control"}


def _idle(path: tuple[Any, ...]) -> bool:
    return bool(_IDLE & set(path)) or path[-1] == "ttl"
