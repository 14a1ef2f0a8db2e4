from __future__ import annotations

from bench.semantic.main import HERE, by_guard, judge, rows
from pointsman.caching.semantic.lexical import lexical
from pointsman.caching.semantic.pairs import read_pairs


def test_the_guards_take_out_what_plain_cosine_gets_wrong() -> None:
    """The figures of docs/semantic-cache.md, on pairs that the words of the guards were not chosen by."""
    judged = judge(read_pairs((HERE / "held_out.jsonl").read_bytes(), "held_out.jsonl"), lexical)
    at = {row.threshold: row for row in rows(judged)}
    assert at[0.8].plain[1] >= 10 and at[0.8].loose[1] <= 5 and at[0.8].strict[1] <= 1
    assert at[0.8].strict[0] >= 0.6
    assert all(row.plain[0] >= row.loose[0] >= row.strict[0] for row in at.values())
    assert by_guard(judged)["words"][0] > 50
