"""The store of answers beside LRU and what is possible, and what a hit costs: python -m bench.cache --help"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.cache.hits import hits
from bench.cache.measure import costs, play, scan, scan_of_unlike
from bench.cache.policies import clairvoyant, recency, the_most_popular
from bench.cache.traces import moved, with_scans, zipf
from bench.process import in_a_process_of_its_own

_CATALOGUE = 100_000
_SIZE = 1_000
"""Bytes of an answer."""
_MEGABYTES = (1.4, 7.0, 14.0)
"""Room for about 1, 5 and 10 % of the answers."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.cache", description=__doc__)
    parser.add_argument("--requests", type=int, default=600_000, help="of each trace (600,000)")
    parser.add_argument(
        "--scan", type=int, default=10_000_000, help="requests of the scan for memory (10 million)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(arguments)
    found = {
        "memory": in_a_process_of_its_own(scan, asked.scan, 64_000_000, _SIZE)._asdict(),
        "memory_of_unlike": in_a_process_of_its_own(scan_of_unlike, asked.scan // 10, 64_000_000)._asdict(),
        "hit_rates": hit_rates(asked.requests),
        "costs_ns": costs(64_000_000, _SIZE)._asdict(),
        "hits": [hit._asdict() for hit in asyncio.run(hits())],
    }
    if asked.json:
        print(json.dumps(found, indent=2))
    else:
        _show(found)
    return 0


def hit_rates(requests: int) -> list[dict[str, Any]]:
    """Percent of the second half of each trace."""
    popular = {exponent: zipf(_CATALOGUE, exponent, requests, seed=1) for exponent in (0.7, 0.9, 1.1)}
    traces: list[tuple[str, list[int], tuple[float, ...]]] = [
        (f"Zipf {exponent}", trace, _MEGABYTES) for exponent, trace in popular.items()
    ]
    middle = popular[0.9]
    scanned = with_scans(middle, every=10_000, length=5_000, first=_CATALOGUE)
    traces += [
        ("Zipf 0.9 with scans of 5,000", scanned, _MEGABYTES[1:2]),
        ("Zipf 0.9, others popular by half", moved(middle, _CATALOGUE), _MEGABYTES[1:2]),
    ]
    return [_line(name, trace, megabytes) for name, trace, sizes in traces for megabytes in sizes]


def _line(name: str, trace: list[int], megabytes: float) -> dict[str, Any]:
    ours = play(trace, int(megabytes * 1e6), _SIZE)
    asked_again = [question < _CATALOGUE or "popular" in name for question in trace]
    return {
        "trace": name,
        "places": ours.places,
        "pointsman": _rate(ours.hits, asked_again),
        "lru": _rate(recency(trace, ours.places), asked_again),
        "most_popular": _rate(the_most_popular(trace, ours.places, _CATALOGUE), asked_again),
        "clairvoyant": _rate(clairvoyant(trace, ours.places), asked_again),
    }


def _rate(hits: list[bool], counts: list[bool]) -> float:
    """Of the second half, without the requests of scans, which nothing can answer."""
    half = len(hits) // 2
    counted = [hit for hit, counted in zip(hits[half:], counts[half:], strict=True) if counted]
    return round(100 * sum(counted) / len(counted), 2)


def _show(found: dict[str, Any]) -> None:
    console = Console()
    table = Table("trace", "places", "Pointsman", "LRU", "most popular", "below it", "clairvoyant")
    for line in found["hit_rates"]:
        table.add_row(
            line["trace"],
            f"{line['places']:,}",
            f"{line['pointsman']:.1f} %",
            f"{line['lru']:.1f} %",
            f"{line['most_popular']:.1f} %",
            f"{line['most_popular'] - line['pointsman']:.1f}",
            f"{line['clairvoyant']:.1f} %",
        )
    console.print(table)
    for memory, of in ((found["memory"], "equal"), (found["memory_of_unlike"], "unlike")):
        for name in ("said", "resident", "at_the_end"):
            part = memory[name] / memory["bound"]
            console.print(f"scan of {memory['requests']:,}, sizes {of}: {name} {part:.1%} of the bound")
    costs_ns = found["costs_ns"]
    plain = costs_ns["lookup_of_a_dict"]
    for name, value in costs_ns.items():
        console.print(f"{name}: {value:,.0f} ns, {value / plain:.0f} times a look-up in a dict")
    table = Table("a hit in the journey", "µs of CPU at best", "median", "bytes told", "bytes kept")
    for hit in found["hits"]:
        table.add_row(
            hit["name"],
            f"{hit['best_us']:.0f}",
            f"{hit['median_us']:.0f}",
            f"{hit['told']:,}",
            f"{hit['kept']:,}",
        )
    console.print(table)
