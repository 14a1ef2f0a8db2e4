"""The semantic cache on labelled pairs beside plain cosine, and its costs: python -m bench.semantic --help"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from time import thread_time
from typing import Any, NamedTuple

import numpy as np

from bench.semantic.judged import Judged
from pointsman.caching.semantic.guards import GUARDS, Traits, refusals, traits
from pointsman.caching.semantic.index import Index, Known
from pointsman.caching.semantic.lexical import cosine
from pointsman.caching.semantic.pairs import Pair, read_pairs
from pointsman.config.semantic_vectors import local_vectors, vector_source

HERE = Path(__file__).parent
_THRESHOLDS = (0.6, 0.7, 0.8, 0.9, 0.95)
_ENTRIES = (1_000, 10_000, 100_000)


class Row(NamedTuple):
    """Share of the pairs that mean the same that are hits, and wrong hits, each by what stands guard."""

    threshold: float
    plain: tuple[float, int]
    loose: tuple[float, int]
    strict: tuple[float, int]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.semantic", description=__doc__)
    parser.add_argument("--vectors", action="append", help='default: "wordllama" and "lexical"')
    parser.add_argument("--pairs", type=Path, action="append", help="JSON lines; default: both files here")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--picture", type=Path, help="draw both curves of the held-out pairs: an SVG")
    asked = parser.parse_args(arguments)
    found: dict[str, Any] = {}
    curves: dict[str, list[Judged]] = {}
    for source in asked.vectors or ("wordllama", "lexical"):
        _, vector = local_vectors(vector_source(source, "--vectors"), "--vectors")
        for path in asked.pairs or (HERE / "pairs.jsonl", HERE / "held_out.jsonl"):
            judged = curves[source] = judge(read_pairs(path.read_bytes(), path.name), vector)
            found[f"{path.name}, {source}"] = {
                "same": sum(one.pair.same for one in judged),
                "different": sum(not one.pair.same for one in judged),
                "auc": round(auc(judged), 3),
                "auc_guarded": round(auc(judged, guarded=True), 3),
                "thresholds": [row._asdict() for row in rows(judged)],
                "refused": by_guard(judged),
            }
        found[f"costs_us, {source}"] = costs(vector)
    if asked.picture:
        from bench.semantic.picture import draw

        asked.picture.write_text(draw(curves), encoding="utf-8")
    if asked.json:
        print(json.dumps(found, indent=2))
    else:
        _show(found)
    return 0


def auc(judged: Sequence[Judged], *, guarded: bool = False) -> float:
    """Chance that a pair that means the same is closer than one that does not; refused is farthest."""
    values = [(-1.0 if guarded and one.strict else one.similarity, one.pair.same) for one in judged]
    same = [value for value, is_same in values if is_same]
    other = [value for value, is_same in values if not is_same]
    won = sum((a > b) + (a == b) / 2 for a in same for b in other)
    return won / max(1, len(same) * len(other))


def judge(pairs: Sequence[Pair], vector: Callable[[str], list[float]]) -> list[Judged]:
    judged = []
    for pair in pairs:
        left, right = traits(pair.a), traits(pair.b)
        similarity = cosine(vector(pair.a), vector(pair.b))
        judged.append(Judged(pair, similarity, refusals(left, right), refusals(left, right, synonyms=True)))
    return judged


def rows(judged: Sequence[Judged]) -> list[Row]:
    return [
        Row(
            threshold,
            _hits(judged, threshold, lambda _: ()),
            _hits(judged, threshold, lambda one: one.loose),
            _hits(judged, threshold, lambda one: one.strict),
        )
        for threshold in _THRESHOLDS
    ]


def by_guard(judged: Sequence[Judged]) -> dict[str, tuple[int, int]]:
    """Pairs that each guard refuses: of those that differ, and of those that mean the same."""
    return {
        guard: (
            sum(guard in one.strict and not one.pair.same for one in judged),
            sum(guard in one.strict and one.pair.same for one in judged),
        )
        for guard in GUARDS
    }


def costs(vector: Callable[[str], list[float]]) -> dict[str, float]:
    """Microseconds of one core: of a vector, of what the guards read, of a comparison, of a search."""
    text = "How do I reset the password of my account when I have no access to my old e-mail address?"
    seen = traits(text)
    found = {
        "vector": _time(lambda: vector(text), 200),
        "traits": _time(lambda: traits(text), 200),
        "guards": _time(lambda: refusals(seen, seen), 200),
    }
    for count in _ENTRIES:
        index, given = _filled(count, seen, len(vector(text))), vector(text)
        found[f"search of {count:,}"] = _time(partial(index.near, b"c", given, 0.8), 20)
        found[f"longest stretch of {count:,}"] = _longest(partial(index.parts, b"c", given, 0.8))
        found[f"bytes of {count:,}"] = index.bytes
    return found


def _hits(
    judged: Sequence[Judged], threshold: float, refused: Callable[[Judged], tuple[str, ...]]
) -> tuple[float, int]:
    hits = [one for one in judged if one.similarity >= threshold and not refused(one)]
    same = sum(one.pair.same for one in judged)
    return sum(one.pair.same for one in hits) / max(1, same), sum(not one.pair.same for one in hits)


def _filled(count: int, seen: Traits, dimensions: int) -> Index:
    index = Index(1 << 32)
    noise = np.random.default_rng(7).standard_normal((count, dimensions), np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    for number, row in enumerate(noise):
        index.add(b"c", row, Known(number.to_bytes(32), seen))
    return index


def _longest(parts: Callable[[], Iterator[object]]) -> float:
    """Microseconds of CPU of the longest part, the least of five searches."""
    best = float("inf")
    for _ in range(5):
        longest, start = 0.0, thread_time()
        for _ in parts():
            longest, start = max(longest, thread_time() - start), thread_time()
        best = min(best, longest)
    return round(best * 1e6, 1)


def _time(work: Callable[[], object], times: int) -> float:
    best = float("inf")
    for _ in range(3):
        start = thread_time()
        for _ in range(times):
            work()
        best = min(best, (thread_time() - start) / times)
    return round(best * 1e6, 1)


def _show(found: dict[str, Any]) -> None:
    for name, each in found.items():
        if name.startswith("costs_us"):
            print(f"{name}: " + ", ".join(f"{what} {cost:,}" for what, cost in each.items()) + "\n")
            continue
        print(f"{name}: {each['same']} pairs that mean the same, {each['different']} that do not")
        print(f"area under the ROC curve: {each['auc']} plain, {each['auc_guarded']} with guards")
        print("                 plain cosine    with guards, synonyms    with guards")
        print("threshold      found   wrong        found   wrong       found   wrong")
        for row in each["thresholds"]:
            cells = "".join(
                f"{share:>12.0%} {wrong:>7}" for share, wrong in (row["plain"], row["loose"], row["strict"])
            )
            print(f"{row['threshold']:>9}{cells}")
        print("refused by guard, of those that differ | of those that mean the same:")
        told = ", ".join(f"{guard} {bad}|{good}" for guard, (bad, good) in each["refused"].items())
        print(f"  {told}\n")
