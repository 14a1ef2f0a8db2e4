from __future__ import annotations

import math

import pytest

from pointsman.errors import InvalidRequest
from pointsman.keys import LIMIT_NAMES, NO_LIMITS, KeyLimits, check_limits


@pytest.mark.parametrize(
    "limits",
    [
        NO_LIMITS,
        KeyLimits(1, 1, 1, 1, 1, 0.0, 0.001, -1000),
        KeyLimits(10**12, 10**12, 10**12, 10**12, 10**12, 3600.0, 1000.0, 1000),
    ],
)
def test_what_can_be_meant_is_taken(limits: KeyLimits) -> None:
    check_limits(limits)


@pytest.mark.parametrize(
    ("limits", "param"),
    [
        (KeyLimits(rpm=0), "rpm"),
        (KeyLimits(input_tpm=-5), "input_tpm"),
        (KeyLimits(output_tpm=10**13), "output_tpm"),
        (KeyLimits(tpm=0), "tpm"),
        (KeyLimits(concurrency=0), "concurrency"),
        (KeyLimits(max_wait=-0.1), "max_wait"),
        (KeyLimits(max_wait=math.inf), "max_wait"),
        (KeyLimits(max_wait=math.nan), "max_wait"),
        (KeyLimits(weight=0), "weight"),
        (KeyLimits(weight=math.nan), "weight"),
        (KeyLimits(priority=1001), "priority"),
    ],
)
def test_what_cannot_be_meant_is_named(limits: KeyLimits, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_limits(limits)
    assert caught.value.param == param
    assert param in LIMIT_NAMES
