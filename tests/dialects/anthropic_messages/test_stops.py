from __future__ import annotations

from typing import get_args

import pytest
from anthropic.types import StopReason

from pointsman.chat import Stop
from pointsman.dialects.anthropic_messages.stops import decode_stop, encode_stop


@pytest.mark.parametrize("reason", get_args(StopReason))
def test_every_reason_of_the_sdk_crosses_both_ways(reason: str) -> None:
    stop = decode_stop(reason)
    assert stop is not Stop.OTHER
    assert encode_stop(stop, refused=False) == reason


def test_an_unknown_reason_is_told_as_an_end() -> None:
    assert decode_stop(None) is decode_stop("hiccup") is Stop.OTHER
    assert encode_stop(Stop.OTHER, refused=False) == "end_turn"


def test_only_a_plain_end_becomes_a_refusal() -> None:
    assert encode_stop(Stop.END, refused=True) == "refusal"
    assert encode_stop(Stop.LENGTH, refused=True) == "max_tokens"
