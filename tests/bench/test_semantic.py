from __future__ import annotations

from bench.semantic.judged import Judged
from bench.semantic.main import HERE, auc, by_guard, judge, rows
from bench.semantic.picture import curve, draw
from pointsman.caching.semantic.pairs import Pair, read_pairs
from pointsman.config.semantic_vectors import Source, local_vectors


def test_the_guards_take_out_what_plain_cosine_gets_wrong() -> None:
    """The figures of docs/semantic-cache.md, on pairs that the words of the guards were not chosen by."""
    pairs = read_pairs((HERE / "held_out.jsonl").read_bytes(), "held_out.jsonl")
    judged = judge(pairs, local_vectors(Source("wordllama"), "x")[1])
    at = {row.threshold: row for row in rows(judged)}
    assert at[0.7].plain[1] >= 50 and at[0.7].strict[1] <= 1 and at[0.7].strict[0] >= 0.4
    assert all(row.plain[0] >= row.loose[0] >= row.strict[0] for row in at.values())
    assert by_guard(judged)["words"][0] > 30
    assert auc(judged) < 0.6 < auc(judged, guarded=True)
    picture = draw({"wordllama": judged})
    assert picture.startswith("<svg") and picture.count("with guards") == 1


def test_a_curve_goes_from_the_closest_to_the_farthest() -> None:
    same, other = Pair("a", "b", True), Pair("a", "c", False)
    judged = [Judged(same, 0.9, (), ()), Judged(other, 0.8, ("words",), ()), Judged(same, 0.7, (), ())]
    assert curve(judged, guarded=False) == [(0.5, 0, 1), (0.5, 1, 0.5), (1, 1, 2 / 3)]
    assert curve(judged, guarded=True) == [(0.5, 0, 1), (1, 0, 1)]
    assert (auc(judged), auc(judged, guarded=True)) == (0.5, 1)
