from __future__ import annotations

from typing import Any

import pytest

from pointsman.dialects.anthropic_messages.unmapped import encode_unmapped
from pointsman.errors import UntranslatableRequest


def test_hints_are_named_neutral_values_vanish_and_anthropics_own_pass() -> None:
    dropped: list[str] = []
    kept = encode_unmapped(
        {
            "seed": 7,
            "frequency_penalty": 0.5,
            "prompt_cache_key": "k",
            "prediction": {"type": "content", "content": "x"},
            "store": None,
            "n": 1,
            "logprobs": False,
            "top_logprobs": 0,
            "modalities": ["text"],
            "speed": "fast",
        },
        dropped,
    )
    assert kept == {"speed": "fast"}
    assert dropped == ["seed", "frequency_penalty", "prompt_cache_key", "prediction"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("logprobs", True),
        ("top_logprobs", 5),
        ("modalities", ["text", "audio"]),
        ("audio", {"voice": "alloy"}),
        ("web_search_options", {}),
        ("functions", [{"name": "f"}]),
        ("function_call", {"name": "f"}),
    ],
)
def test_what_would_change_the_answer_is_refused(name: str, value: Any) -> None:
    with pytest.raises(UntranslatableRequest) as caught:
        encode_unmapped({name: value}, [])
    assert caught.value.param == name
