"""How a semantic cache may stand."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.gateway.semantic.metrics import SemanticView


def a_semantic_view(**more: Any) -> SemanticView:
    view = SemanticView(
        vectors="lexical-2",
        on=True,
        why_off="",
        certificate="sem_1",
        threshold=0.8,
        hits=5,
        misses={"nothing_near": 12, "refused": 3},
        refused={"numbers": 2, "names": 1},
        unfit={"short": 4},
        questions=15,
        bytes=9000,
        max_bytes=1 << 20,
        evicted=0,
    )
    return msgspec.structs.replace(view, **more)
