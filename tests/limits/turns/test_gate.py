from __future__ import annotations

import pytest

from pointsman.limits import Scope, make_limit
from pointsman.limits.turns.gate import Gate
from pointsman.limits.values.limit import ScopeKind


def test_a_gate_is_wider_the_more_it_can_hold_up() -> None:
    kinds: list[ScopeKind] = ["key", "deployment", "model", "provider"]
    widths = [Gate(make_limit(Scope(kind, "x"), "rpm", 1)).width for kind in kinds]
    assert widths == sorted(set(widths))


@pytest.mark.parametrize("kind", ["key", "provider"])
def test_nobody_claims_a_new_one(kind: ScopeKind) -> None:
    gate: Gate[object] = Gate(make_limit(Scope(kind, "x"), "rpm", 1))
    assert (gate.owner, gate.until_us, gate.behind) == (None, None, {})
