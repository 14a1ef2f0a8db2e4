from __future__ import annotations

from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.semantic.lexical import DIMENSIONS, cosine, lexical, unit


@given(st.text(max_size=100))
def test_a_vector_has_length_one_or_none(text: str) -> None:
    vector = lexical(text)
    length = sqrt(sum(value * value for value in vector))
    assert len(vector) == DIMENSIONS
    assert isclose(length, 1, abs_tol=1e-9) or length == 0


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [
        ("How do I reset my password?", "How can I reset the password", "Why is the sky blue?"),
        ("resetting passwords", "reset password", "send invoices"),
        ("如何重置密码", "我如何重置我的密码", "天空为什么是蓝色的"),
    ],
)
def test_what_is_spelled_alike_is_close(one: str, near: str, far: str) -> None:
    assert cosine(lexical(one), lexical(near)) > 0.6 > 0.3 > cosine(lexical(one), lexical(far))


def test_it_is_the_same_on_every_machine() -> None:
    vector = lexical("password")
    assert [at for at, value in enumerate(vector) if value][:3] == [36, 182, 191]
    assert unit([3.0, 4.0]) == [0.6, 0.8] and unit([0.0]) == [0.0]
