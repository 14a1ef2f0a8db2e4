"""Requests to a cache: which of many questions comes next."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


def zipf(catalogue: int, exponent: float, requests: int, seed: int) -> list[int]:
    """Question k (from 0) comes with a chance in proportion to ``(k + 1) ** -exponent``, each on its own."""
    weights = np.arange(1, catalogue + 1, dtype=float) ** -exponent
    chances = np.cumsum(weights) / weights.sum()
    drawn = np.random.default_rng(seed).random(requests)
    return [int(question) for question in np.minimum(np.searchsorted(chances, drawn), catalogue - 1)]


def with_scans(trace: list[int], every: int, length: int, first: int) -> list[int]:
    """The same, and after each ``every`` requests ``length`` that never come again, with numbers of their own
    from ``first`` on."""
    mixed: list[int] = []
    for at in range(0, len(trace), every):
        mixed += trace[at : at + every]
        mixed += range(first, first + length)
        first += length
    return mixed


def moved(trace: list[int], by: int) -> list[int]:
    """What was popular is not any more: the second half asks other questions."""
    half = len(trace) // 2
    return trace[:half] + [question + by for question in trace[half:]]


def digests(count: int) -> list[bytes]:
    """Keys of questions."""
    return [digest(n) for n in range(count)]


def digest(n: int) -> bytes:
    return blake2b(n.to_bytes(8, "little"), digest_size=32).digest()
