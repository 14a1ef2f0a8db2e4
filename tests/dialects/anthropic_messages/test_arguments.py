from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.dialects.anthropic_messages.arguments import arguments_to_input, input_to_arguments, wire_id


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", b"{}"),
        (" \n", b"{}"),
        ("{}", b"{}"),
        ('{ "a" : 1e2 }', b'{ "a" : 1e2 }'),
        ('{"a":', b'{"_invalid_json":"{\\"a\\":"}'),
        ("[1]", b'{"_invalid_json":"[1]"}'),
        ("null", b'{"_invalid_json":"null"}'),
        ('"{}"', b'{"_invalid_json":"\\"{}\\""}'),
        ("\ud800", b'{"_invalid_json":"?"}'),
    ],
)
def test_arguments_become_an_object_that_loses_nothing(text: str, sent: bytes) -> None:
    assert bytes(arguments_to_input(text)) == sent


@given(st.text())
def test_any_text_becomes_an_object(text: str) -> None:
    assert isinstance(msgspec.json.decode(arguments_to_input(text)), dict)


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"", "{}"), (b"null", "{}"), (b'{"a": 1}', '{"a": 1}'), (b"[1]", None), (b'"x"', None)],
)
def test_an_input_keeps_its_bytes(raw: bytes, text: str | None) -> None:
    assert input_to_arguments(msgspec.Raw(raw)) == text


@pytest.mark.parametrize(
    ("call_id", "sent"), [("toolu_01-Ab", "toolu_01-Ab"), ("f.g:0", "f_g_0"), ("é", "_"), ("", "toolu_0")]
)
def test_ids_keep_to_anthropics_alphabet(call_id: str, sent: str) -> None:
    assert wire_id(call_id) == sent
