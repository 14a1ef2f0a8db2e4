"""The acts of the demo, and what a user can choose of them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Act(StrEnum):
    prompts = "prompts"
    burst = "burst"
    routing = "routing"
    caching = "caching"


class Options(NamedTuple):
    acts: tuple[Act, ...]
    concurrency: int
    limit: int | None
    """Most prompts, most requests of the burst, of each part of the routing, and questions of the day."""
    simulated: bool
    speed: float
    seed: int
    faults: str
    as_json: bool
