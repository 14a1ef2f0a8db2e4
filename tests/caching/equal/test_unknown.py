"""Fields that nobody here has heard of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pointsman.caching.equal.canonical import canonical_json
from pointsman.caching.equal.unknown import acts_outside, acts_within, has_one_form
from pointsman.caching.kept.stored import Form
from pointsman.chat import Request
from tests.support.asked import key_of, said
from tests.support.two_dialects import FACES

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(st.none() | inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), st.none() | inner, max_size=3)
    ),
    max_leaves=6,
)
WHOLE, STREAM = Form("openai_chat"), Form("openai_chat", True)


def _around(value: Any, at: str) -> dict[str, Any]:
    """It stands at the top, in a message, or in a part of one."""
    if at == "top":
        return {"foo": value}
    part = {"type": "text", "text": "Hello"} | ({"foo": value} if at == "part" else {})
    message = {"role": "user", "content": [part]} | ({"foo": value} if at == "message" else {})
    return {"messages": [message]}


def _turned(value: Any) -> Any:
    """Keys the other way round."""
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(list(value))}
    return [_turned(inner) for inner in value] if isinstance(value, list) else value


@settings(max_examples=150)
@given(VALUES, VALUES, st.sampled_from(FACES), st.sampled_from(["top", "message", "part"]))
def test_no_two_that_differ_in_one_share_and_the_order_of_keys_is_none(
    one: Any, other: Any, dialect: str, at: str
) -> None:
    key = key_of(said(dialect, **_around(one, at)), dialect)
    turned = json.dumps(_turned(json.loads(said(dialect, **_around(one, at)))), indent=1).encode()
    assert key_of(turned, dialect) == key
    assert key_of(said(dialect), dialect) != key
    assume(canonical_json(one) != canonical_json(other))
    assert key_of(said(dialect, **_around(other, at)), dialect) != key


@pytest.mark.parametrize("at", ["top", "message", "part"])
def test_the_other_dialect_and_another_form_share_nothing_of_it(at: str) -> None:
    bodies = [said(face, **_around(1, at)) for face in FACES]
    assert key_of(bodies[0], FACES[0]) != key_of(bodies[1], FACES[1])
    keys = [key_of(bodies[0], FACES[0], wanted=form) for form in (WHOLE, STREAM)]
    assert keys[0] != keys[1]


def test_what_is_known_is_told_in_any_form() -> None:
    body = said(FACES[0], seed=1, user="u", metadata={"a": "b"})
    assert key_of(body, FACES[0], wanted=WHOLE) == key_of(body, FACES[0], wanted=STREAM)


def test_what_the_hub_does_not_hold_has_one_form() -> None:
    assert has_one_form(FACES[0], None)
    for unmapped, told in (({}, False), ({"seed": 1}, False), ({"metadata.a": 1}, False), ({"foo": 1}, True)):
        assert has_one_form(FACES[1], Request("m", (), unmapped=unmapped)) is told


@pytest.mark.parametrize(
    ("unmapped", "acts"),
    [
        ({"foo": 1, "seed": 2, "prediction": {"type": "content", "content": "a"}}, False),
        ({"context_management": {"edits": [{"type": "clear_tool_uses", "exclude_tools": ["web"]}]}}, False),
        ({"n": 1, "store": False, "background": False, "enable_search": None}, False),
        ({"n": 2}, True),
        ({"best_of": 2}, True),
        ({"store": True}, True),
        ({"enable_search": True}, True),
        ({"web_search_options": {}}, True),
        ({"previous_response_id": "r"}, True),
        ({"conversation": {"id": "c"}}, True),
        ({"background": True}, True),
        ({"container": "c"}, True),
        ({"mcp_servers": []}, True),
        ({"modalities": ["text", "audio"]}, True),
        ({"extra_body": {"google": [{"tools": [{"google_maps": {}}]}]}}, True),
        ({"extra": {"useWebSearch": True}}, True),
    ],
)
def test_what_depends_on_more_than_the_request_acts_outside(unmapped: dict[str, Any], acts: bool) -> None:
    assert acts_outside(unmapped, FACES[0]) is acts


@pytest.mark.parametrize(
    ("body", "acts"),
    [
        ({"messages": [{"role": "user", "weight": 1}], "foo": {"web": 1}}, False),
        ({"tools": [{"name": "f", "input_schema": {"properties": {"search": {}}}, "foo": 1}]}, False),
        ({"messages": [{"content": [{"type": "tool_use", "input": {"search": "a"}}]}]}, False),
        ({"messages": [{"role": "assistant", "audio": None}]}, False),
        ({"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, True),
        ({"tool_choice": {"type": "auto", "web_search": {}}}, True),
    ],
)
def test_so_may_what_stands_deeper(body: dict[str, Any], acts: bool) -> None:
    assert acts_within(body, ["foo"]) is acts
