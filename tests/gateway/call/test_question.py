"""What policies do with a question is in ``test_choosing.py`` and ``test_learned.py``."""

from __future__ import annotations

import msgspec

from pointsman.gateway.call.question import Question


def test_nothing_is_known_of_a_router_until_one_was_asked() -> None:
    fields = msgspec.structs.fields(Question)
    assert {each.name: each.default for each in fields if not each.required}.items() >= {
        ("judgement", None),
        ("threshold", None),
        ("certificate", ""),
        ("router", ""),
        ("reading", None),
    }
