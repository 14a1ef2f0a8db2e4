from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.ledger import OpenCall
from pointsman.ledger.slots import FREE, SLOT_BYTES, pack, unpack
from tests.support.open_calls import an_open_call


def slot(content: bytes) -> bytes:
    return content.ljust(SLOT_BYTES, b"\0")


@pytest.mark.parametrize(
    "call", [an_open_call(), an_open_call(usage=Usage(input=2**40, tier="flex"), cost=2**62, stream=True)]
)
def test_a_call_comes_out_as_it_went_in(call: OpenCall) -> None:
    assert unpack(slot(pack(call))) == call


@given(st.builds(an_open_call, requested=st.text(), model=st.text(), provider=st.text(), tenant=st.text()))
def test_whatever_its_names_a_call_fits_and_keeps_what_counts(call: OpenCall) -> None:
    content = pack(call)
    assert len(content) <= SLOT_BYTES
    again = unpack(slot(content))
    assert again is not None
    assert (again.request_id, again.number, again.at_us) == (call.request_id, call.number, call.at_us)


def test_the_least_needed_names_are_cut_first() -> None:
    again = unpack(slot(pack(an_open_call(requested="x" * 600))))
    assert again == an_open_call(requested="x" * 24)
    long = dict.fromkeys(("requested", "sent_model", "model", "provider", "key_name", "tenant"), "ü" * 300)
    assert unpack(slot(pack(an_open_call(**long)))) is not None


def test_the_longest_call_fits() -> None:
    names = ("requested", "error", "sent_model", "key_name", "tenant", "model", "provider", "face", "key_id")
    buckets = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "reasoning")
    most = msgspec.convert(dict.fromkeys(buckets, 2**62) | {"tier": "priority"}, Usage)
    long = dict.fromkeys(names, "😀" * 300)
    call = an_open_call("req_" + "f" * 24, **long, usage=most, cost=2**62, status=599)
    content = pack(call)
    assert len(content) <= SLOT_BYTES
    again = unpack(slot(content))
    assert again is not None
    assert (again.usage, again.requested) == (most, "😀" * 6)


def test_a_slot_that_was_not_written_wholly_is_free() -> None:
    content = pack(an_open_call())
    for size in range(len(content)):
        assert unpack(slot(content[:size])) is None
    assert unpack(slot(FREE + content[len(FREE) :])) is None
    before = slot(pack(an_open_call("req_before", requested="x" * 200)))
    for size in range(len(FREE), len(content)):
        assert unpack(content[:size] + before[size:]) is None, "over another, longer call"


def test_what_is_no_call_is_none() -> None:
    assert unpack(bytes(SLOT_BYTES)) is None
    assert unpack(b"\xff" * SLOT_BYTES) is None
    from zlib import crc32

    from pointsman.ledger.slots import HEADER

    assert unpack(slot(HEADER.pack(3, crc32(b"abc")) + b"abc")) is None
