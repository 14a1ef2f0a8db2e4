from __future__ import annotations

import msgspec

from pointsman.gateway.semantic.metrics import Match, SemanticMetrics


def test_counts_begin_at_nothing() -> None:
    counted = SemanticMetrics()
    counted.refused["numbers"] += 1
    assert (counted.hits, counted.refused["numbers"], counted.misses["gone"]) == (0, 1, 0)


def test_a_match_can_be_told() -> None:
    match = Match("req_1", 0.9, 0.8, "sem_1", "lexical-2", ("numbers",))
    assert msgspec.to_builtins(match)["source"] == "req_1"
