from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pointsman.dialects.openai_chat.cache_key import cache_key, with_cache_key
from pointsman.dialects.splice import read_fields


def key(partition: str = "me", **more: Any) -> str:
    body = {
        "model": "m",
        "messages": [{"role": "system", "content": "short"}, {"role": "user", "content": "a"}],
    }
    return cache_key(read_fields(msgspec.json.encode({**body, **more})), partition)


def talk(system: str, *texts: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, *({"role": "user", "content": text} for text in texts)]


def test_a_conversation_keeps_its_key() -> None:
    assert key(messages=talk("s" * 100, "one" * 800)) == key(messages=talk("s" * 100, "one" * 800, "two"))
    assert key(messages=talk("s" * 3000, "one")) == key(messages=talk("s" * 3000, "other"))
    assert key(temperature=0.5) == key()


@given(st.text(max_size=2200), st.text(max_size=40), st.integers(1900, 2200), st.sampled_from([None, 1]))
def test_however_short_it_begins(system: str, asked: str, fill: int, indent: int | None) -> None:
    """From the first request on; around the length from which nothing more counts, too."""
    for first in (talk(system, asked), talk("s" * (fill - 80), asked)):
        later = [*first, {"role": "assistant", "content": "yes"}, {"role": "user", "content": "and?"}]
        bodies = [
            json.dumps({"model": "m", "messages": messages}, indent=indent).encode()
            for messages in (first, later)
        ]
        one, two = (cache_key(read_fields(body), "me") for body in bodies)
        assert one == two


def test_what_differs_at_the_beginning_differs() -> None:
    keys = [
        key(),
        key("you"),
        key(model="n"),
        key(tools=[{}]),
        key(messages=talk("s", "one")),
        key(messages=[]),
    ]
    assert len(set(keys)) == len(keys)
    assert all(len(each) <= 64 and each.isascii() for each in keys)


def test_it_is_the_same_in_every_process() -> None:
    assert key() == "pm-1bd957b1e77dc35ec450c648a4474cf6"


def test_the_rest_of_the_body_stays() -> None:
    body = b'{ "model":"m" , "messages":[] }'
    assert (
        with_cache_key(body, read_fields(body), "k")
        == b'{ "model":"m" , "messages":[] ,"prompt_cache_key":"k"}'
    )
