"""Splicing is judged by two readings of the bytes: the decoded object, and what stands around the edits."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pointsman.dialects.splice import read_fields, splice
from pointsman.errors import InvalidRequest

CASES = [
    # body, edits, expected
    (b'{"model":"a"}', {"model": b'"b"'}, b'{"model":"b"}'),
    (b'{"model":"a","x":1}', {"model": b'"bbb"'}, b'{"model":"bbb","x":1}'),
    (b'{"x":1,"model":"a"}', {"model": b'"b"', "y": b"2"}, b'{"x":1,"model":"b","y":2}'),
    (b' {\n "x" : 1 ,\t"model" :"a" }\r\n', {"model": b'"b"'}, b' {\n "x" : 1 ,\t"model" :"b" }\r\n'),
    (b'{"x": 1, "model": "a"}\n', {"x": b"2", "model": b'"b"'}, b'{"x": 2, "model": "b"}\n'),
    (b"{}", {"model": b'"b"'}, b'{"model":"b"}'),
    (b" { } ", {"model": b'"b"'}, b' { "model":"b"} '),
    (b'{"x":{"model":"a"},"model":"a"}', {"model": b'"b"'}, b'{"x":{"model":"a"},"model":"b"}'),
    (
        b'{"x":"\\"model\\":\\"a\\"","model":"a"}',
        {"model": b'"b"'},
        b'{"x":"\\"model\\":\\"a\\"","model":"b"}',
    ),
    (b'{"mod\\u0065l":"a"}', {"model": b'"b"'}, b'{"mod\\u0065l":"b"}'),
    (b'{"a\\\\":1,"model":"a"}', {"model": b'"b"'}, b'{"a\\\\":1,"model":"b"}'),
    (b'{"\\"":1,"model":"a"}', {"model": b'"b"'}, b'{"\\"":1,"model":"b"}'),
    ('{"é":"ü","model":"a"}'.encode(), {"model": b'"b"'}, '{"é":"ü","model":"b"}'.encode()),
    (b'{"model":"a","model":"c"}', {"model": b'"b"'}, b'{"model":"b"}'),
    (b'{"model":"a","mod\\u0065l":"c","x":1}', {"model": b'"b"'}, b'{"model":"b","x":1}'),
    (b'{"x":1,"x":[2],"model":"a"}', {"model": b'"b"'}, b'{"x":[2],"model":"b"}'),
    # A shorter last duplicate beside white space: lengths alone would not tell.
    (b'{"x":11, "x":1,"model":"a"}', {"model": b'"b"'}, b'{"x":1,"model":"b"}'),
]


@pytest.mark.parametrize(("body", "edits", "expected"), CASES)
def test_edits_exactly_the_values(body: bytes, edits: dict[str, bytes], expected: bytes) -> None:
    assert splice(body, read_fields(body), edits) == expected


def test_no_edit_returns_the_same_object() -> None:
    body = b'{"model":"a"}'
    assert splice(body, read_fields(body), {}) is body


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not valid JSON"),
        (b"[1]", "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b'{"a":1,}', "not valid JSON"),
        (b'{"a":1}{', "not valid JSON"),
        (b'{"a":"\xff"}', "0xff at offset 6"),
        (b'{"\xff":1}', "0xff at offset 2"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    ],
)
def test_a_bad_body_is_refused_with_its_reason(body: bytes, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says) as caught:
        read_fields(body)
    assert caught.value.status == 400


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["model", "stream", '"model":"x"', "\\", '\\"', "{", "}", ",", ":", " "]
)
_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)
_separators = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:\r\n"), (",", ": ")])


def _dump(value: Any, separators: tuple[str, str], ascii_only: bool) -> str:
    return json.dumps(value, separators=separators, ensure_ascii=ascii_only)


@given(
    pairs=st.lists(st.tuples(_text, _json), max_size=6),
    edits=st.dictionaries(_text, _json, max_size=3),
    separators=_separators,
    ascii_only=st.booleans(),
    pad=st.sampled_from(["", " ", "\n"]),
)
@example(pairs=[("a", 1), ("a", 22)], edits={"a": 3}, separators=(",", ":"), ascii_only=True, pad="")
@example(pairs=[], edits={"model": "x"}, separators=(",", ":"), ascii_only=True, pad=" ")
def test_any_object_any_edits(
    pairs: list[tuple[str, Any]],
    edits: dict[str, Any],
    separators: tuple[str, str],
    ascii_only: bool,
    pad: str,
) -> None:
    comma, colon = separators
    keys = [_dump(key, separators, ascii_only) for key, _ in pairs]
    values = [_dump(value, separators, ascii_only) for _, value in pairs]
    body = f"{pad}{{{comma.join(k + colon + v for k, v in zip(keys, values, strict=True))}}}{pad}".encode()
    wire_edits = {key: msgspec.json.encode(value) for key, value in edits.items()}

    result = splice(body, read_fields(body), wire_edits)

    assert json.loads(result) == {**dict(pairs), **edits}
    if len({key for key, _ in pairs}) < len(pairs):
        return  # duplicate keys: written anew, the reading above is all that is promised
    changed = [
        wire_edits[key].decode() if key in edits else value
        for (key, _), value in zip(pairs, values, strict=True)
    ]
    inner = comma.join(k + colon + v for k, v in zip(keys, changed, strict=True))
    present = {key for key, _ in pairs}
    added = [(msgspec.json.encode(k) + b":" + v).decode() for k, v in wire_edits.items() if k not in present]
    joined = ",".join(([inner] if pairs else []) + added)
    assert result == f"{pad}{{{joined}}}{pad}".encode()
