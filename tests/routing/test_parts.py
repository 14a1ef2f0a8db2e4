from __future__ import annotations

import msgspec

from pointsman.routing.parts import Parts
from tests.support.parts import parts


def test_parts_survive_being_written() -> None:
    made = parts()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Parts) == made
