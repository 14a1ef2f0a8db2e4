from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pointsman.admin import admin_app
from pointsman.cli.cache.comparing import PAIRS_AT_ONCE, compare_here, compare_there
from pointsman.errors import ConfigurationError
from tests.support.gateway import Rig
from tests.support.provider_bytes import OPENAI_MODEL
from tests.support.semantic import a_certificate, semantic_settings
from tests.support.servers import serve

PAIRS = [(f"How do I reset item {n}?", f"How can I reset item {n}?") for n in range(PAIRS_AT_ONCE + 5)]


async def test_here_and_there_say_the_same(tmp_path: Path) -> None:
    given = semantic_settings(tmp_path, OPENAI_MODEL, certificate=a_certificate(OPENAI_MODEL))
    cache = Rig(given=given).gateway.cache
    assert cache is not None
    metrics = Rig(given=given).gateway.metrics
    async with serve(admin_app(metrics, lambda: None, purge=cache.purge, compare=cache.compare)) as base:
        there = await asyncio.to_thread(compare_there, PAIRS, OPENAI_MODEL, base)
    assert there == compare_here(PAIRS, "lexical", None, 0.6)


def test_a_provider_is_not_asked_from_here() -> None:
    with pytest.raises((ConfigurationError, OSError)):
        compare_here(PAIRS[:1], "file:/nowhere", None, None)
