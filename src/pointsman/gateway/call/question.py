"""A request as policies ask about it. Values."""

from __future__ import annotations

import msgspec

from pointsman.config.auto_routes import AutoRoute
from pointsman.routing.features import Reading
from pointsman.routing.judgement import Judgement
from pointsman.routing.sample import Sample

from .pool import Pool


class Question(msgspec.Struct):
    """A request, as far as policies ask about it."""

    auto: AutoRoute
    pool: Pool
    sample: Sample | None
    able: tuple[bool, ...]
    costs: tuple[int | None, ...]
    prices: tuple[float, ...]
    """The same for policies: where one is not known, the order of the pool stands for all."""
    alone: tuple[float, ...]
    """As if there had been no conversation before."""
    current: int | None
    """The position that the conversation is with."""
    gradable: bool = True
    """Shadows can grade answers to it; otherwise no certificate speaks of such requests."""
    judgement: Judgement | None = None
    threshold: float | None = None
    certificate: str = ""
    router: str = ""
    reading: Reading | None = None
    """Of the sample, where it was needed to decide."""
