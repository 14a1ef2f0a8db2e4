"""What ``pointsman doctor`` says of ``[cache.semantic.NAME]``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pointsman.caching.semantic.certificate import why_not
from pointsman.config.load import join
from pointsman.config.semantic import SemanticSettings
from pointsman.config.semantic_certificate import certificate_path, read_certificate
from pointsman.config.semantic_vectors import local_vectors, vector_source
from pointsman.errors import ConfigurationError

from .findings import Finding


def semantic(
    routes: Mapping[str, SemanticSettings], *, enabled: bool, folder: Path, now: datetime
) -> list[Finding]:
    """
    Args:
        enabled: the answer cache is, where the answers would lie.
        folder: of the database.
    """
    return [_route(name, given, enabled, folder, now) for name, given in routes.items()]


def _route(name: str, given: SemanticSettings, enabled: bool, folder: Path, now: datetime) -> Finding:
    path = join("cache.semantic", name)
    if not enabled:
        return Finding("wrong", path, "answers lie in the answer cache, which is off", "set cache.enabled")
    certificate, why = read_certificate(certificate_path(name, given, folder))
    try:
        source = vector_source(given.vectors, f"{path}.vectors")
        identity = "" if source.kind == "model" else local_vectors(source, f"{path}.vectors")[0]
    except ConfigurationError as error:
        return Finding("wrong", path, error.message)
    if certificate is not None:
        why = why_not(
            certificate,
            route=name,
            vectors=identity or certificate.vectors,
            synonyms=given.synonyms,
            now=now,
        )
    if certificate is None or why:
        mend = f"pointsman cache certify PAIRS.jsonl --route {name}"
        return Finding("doubtful", path, f"gives nothing: {why}", mend)
    told = f"from {certificate.threshold:g} on, certified until {certificate.expires_at:%Y-%m-%d}"
    return Finding("good", path, f"answers similar questions {told}")
