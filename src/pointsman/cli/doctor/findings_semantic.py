"""What ``pointsman doctor`` says of ``[cache.semantic.NAME]``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pointsman.caching.semantic.certificate import why_not
from pointsman.config.load import join
from pointsman.config.semantic import SemanticSettings, missing_extra
from pointsman.config.semantic_certificate import certificate_path, read_certificate
from pointsman.config.semantic_vectors import local_vectors, vector_source
from pointsman.errors import ConfigurationError
from pointsman.gateway.call.planner import Planner

from .findings import Finding


def semantic(
    routes: Mapping[str, SemanticSettings],
    planner: Planner,
    *,
    enabled: bool,
    folder: Path,
    now: datetime,
) -> list[Finding]:
    """
    Args:
        planner: knows the names that callers can ask for.
        enabled: the answer cache is, where the answers would lie.
        folder: of the database.
    """
    return [_route(name, given, planner, enabled, folder, now) for name, given in routes.items()]


def _route(
    name: str, given: SemanticSettings, planner: Planner, enabled: bool, folder: Path, now: datetime
) -> Finding:
    path = join("cache.semantic", name)
    if not enabled:
        return Finding("wrong", path, "answers lie in the answer cache, which is off", "set cache.enabled")
    try:
        vectors = _identity(name, given, path, planner, now)
    except ConfigurationError as error:
        return Finding("wrong", path, error.message.removeprefix(f"{path}: "))
    certificate, why = read_certificate(certificate_path(name, given, folder))
    if certificate is not None:
        why = why_not(certificate, route=name, vectors=vectors, synonyms=given.synonyms, now=now)
    if certificate is None or why:
        mend = f"pointsman cache certify PAIRS.jsonl --route {name}"
        return Finding("doubtful", path, f"gives nothing: {why}", mend)
    told = f"from {certificate.threshold:g} on, certified until {certificate.expires_at:%Y-%m-%d}"
    return Finding("good", path, f"answers similar questions {told}")


def _identity(name: str, given: SemanticSettings, path: str, planner: Planner, now: datetime) -> str:
    """Of its vectors. Raises ConfigurationError for what serve would refuse."""
    try:  # the index, and with it the cache, need the extra whatever the vectors are
        from pointsman.gateway.semantic.build import embedding_route, find_route
        from pointsman.gateway.semantic.embedding import model_identity
    except ModuleNotFoundError as error:
        raise missing_extra(path) from error
    find_route(planner, name, path, now.date)
    source = vector_source(given.vectors, f"{path}.vectors")
    if source.kind == "model":
        return model_identity(embedding_route(planner, source.name, f"{path}.vectors", now.date))
    return local_vectors(source, f"{path}.vectors")[0]
