from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.kept.stored import Form, Stored, Told, folded, pack, unpack
from pointsman.chat import Usage

STREAM = Form("openai_chat", True, tells_usage=False)
OTHERS = [
    Form("openai_chat"),
    Form("openai_chat", True),
    Form("openai_chat", True, tells_usage=False, padded=False),
    Form("anthropic_messages", True, tells_usage=False),
]


def stored(said: bytes, form: Form = STREAM) -> Stored:
    told = Told(form, folded(form, said))
    return Stored((told,), b"k" * 32, "m", "openai", 7_000_000, 12, "r", ("a", "b"), Usage(3, 4), ("user",))


@given(st.binary(max_size=60), st.sampled_from([STREAM, *OTHERS]))
def test_what_is_kept_comes_back_as_it_was(said: bytes, form: Form) -> None:
    kept = stored(said, form)
    back = unpack(pack(kept))
    assert back == kept
    assert back.first == (form, said)
    assert back.said(form) == said


@pytest.mark.parametrize("other", OTHERS)
def test_each_form_is_another(other: Form) -> None:
    kept = stored(b"data: 1\n\n")
    assert kept.said(other) is None
    both = unpack(pack(kept.also(other, b"2")))
    assert both is not None
    assert (both.said(STREAM), both.said(other)) == (b"data: 1\n\n", b"2")
    assert both.first == kept.first


@pytest.mark.parametrize("spoil", [b"", b"\x09rest", b"\x01", b"\x02other", b"\x02\xc1", b"\x02\x90"])
def test_bytes_that_are_none_of_ours_are_nothing(spoil: bytes) -> None:
    assert unpack(spoil) is None


def test_what_an_earlier_version_kept_is_nothing() -> None:
    assert unpack(b"\x01" + pack(stored(b"said"))[1:]) is None


def test_an_answer_that_says_nothing_in_any_form_is_nothing() -> None:
    assert unpack(pack(Stored((), b"k", "m", "openai", 0))) is None


@given(st.integers(0, 200))
def test_half_an_answer_is_nothing(left: int) -> None:
    packed = pack(stored(b"Gate 2. " * 400))
    assert unpack(packed[: min(left, len(packed) - 1)]) is None


@pytest.mark.parametrize(("now_us", "age"), [(7_000_000, 0), (8_999_999, 1), (9_000_000, 2), (0, 0)])
def test_its_age_in_whole_seconds(now_us: int, age: int) -> None:
    assert stored(b"").age(now_us) == age
