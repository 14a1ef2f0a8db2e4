"""How a call under way lies in its slot: a small header, and the call as a MessagePack array.

    0  u32  length of the call, 0 where the slot is free
    4  u32  CRC-32 of the call
    8       the call

The header is wiped to free a slot, and the checksum tells a call that was written wholly from one that was
not, whatever moment the process died at; and of a machine that lost power, one page and not another may be
left.
"""

from __future__ import annotations

from struct import Struct
from zlib import crc32

import msgspec

from .open_call import OpenCall

SLOT_BYTES = 512
HEADER = Struct("<II")
HEADER_BYTES = HEADER.size
FREE = bytes(HEADER_BYTES)
ROOM = SLOT_BYTES - HEADER_BYTES

_header = HEADER.pack
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OpenCall).decode
_SHORT = 24
"""Bytes that are left of a name where all do not fit; so shortened, the longest call has about 400."""


def pack(call: OpenCall) -> bytes:
    """What to write. Names too long for a slot are cut, the least needed first; never the request id."""
    body = _encode(call)
    if len(body) > ROOM:
        body = _encode(_shortened(call))
    return _header(len(body), crc32(body)) + body


def unpack(slot: bytes) -> OpenCall | None:
    """The call in this slot; None if it is free or was never written wholly."""
    length, checksum = HEADER.unpack_from(slot)
    body = slot[HEADER_BYTES : HEADER_BYTES + length]
    if not length or length > ROOM or crc32(body) != checksum:
        return None
    try:
        return _decode(body)
    except msgspec.DecodeError:
        return None


def _shortened(call: OpenCall) -> OpenCall:
    names = ("requested", "error", "sent_model", "key_name", "tenant", "model", "provider", "face", "key_id")
    for name in names:
        short = getattr(call, name).encode()[:_SHORT].decode(errors="ignore")
        call = msgspec.structs.replace(call, **{name: short})
        if len(_encode(call)) <= ROOM:
            break
    return call
