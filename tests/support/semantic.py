"""A semantic cache under test: a certificate at any threshold, labelled pairs, and settings for both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pointsman.caching.semantic.certificate import SemanticCertificate, encode_certificate, seal
from pointsman.caching.semantic.guards import VERSION
from pointsman.caching.semantic.lexical import IDENTITY
from pointsman.caching.semantic.pairs import Pair, read_pairs
from pointsman.config import Settings
from tests.support.stack import settings

PAIRS = Path(__file__).parents[2] / "bench" / "semantic" / "pairs.jsonl"


def labelled_pairs() -> list[Pair]:
    return read_pairs(PAIRS.read_bytes(), PAIRS.name)


def a_certificate(
    route: str = "gpt-5.4-mini", *, threshold: float = 0.6, vectors: str = IDENTITY, **more: Any
) -> SemanticCertificate:
    """In force on any day of a test."""
    made = datetime(2020, 1, 1, tzinfo=UTC)
    given: dict[str, Any] = {
        "route": route,
        "vectors": vectors,
        "guards": VERSION,
        "threshold": threshold,
        "max_wrong": 0.01,
        "confidence": 0.95,
        "pairs": 900,
        "hits": 600,
        "wrong": 0,
        "found": 600,
        "same": 700,
        "p": 0.001,
        "tried": 10,
        "data": "0" * 20,
        "made_at": made,
        "expires_at": made + timedelta(days=36_500),
    }
    return seal(SemanticCertificate(**given | more))


def semantic_settings(
    folder: Path,
    route: str = "gpt-5.4-mini",
    *,
    certificate: SemanticCertificate | None = None,
    cache: dict[str, Any] | None = None,
    tables: dict[str, Any] | None = None,
    **given: Any,
) -> Settings:
    """A cache with one semantic route, by vectors of letters; the certificate lies in ``folder``."""
    file = folder / "certificate.json"
    if certificate is not None:
        file.write_bytes(encode_certificate(certificate))
    semantic = {route: {"vectors": "lexical", "certificate": str(file)} | given}
    return settings(cache={"enabled": True, "semantic": semantic} | (cache or {}), **(tables or {}))
