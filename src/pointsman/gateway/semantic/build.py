"""Puts the semantic cache together: for each route its vectors, its certificate, and an empty index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from pointsman.config.load import join
from pointsman.config.semantic import SemanticSettings
from pointsman.config.semantic_certificate import certificate_path, read_certificate
from pointsman.config.semantic_vectors import Source, local_vectors, vector_source
from pointsman.errors import ConfigurationError, ModelNotFound
from pointsman.gateway.call.planner import Planner
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.values import Route
from pointsman.gateway.errands import Errands

from .embedding import ModelVectors
from .semantic import LocalVectors, SemanticCache, SemanticRoute, Vectors


def build_semantic(
    routes: Mapping[str, SemanticSettings],
    *,
    planner: Planner,
    errands: Errands,
    clock: Clock,
    folder: Path,
    alive: Callable[[bytes], bool],
) -> SemanticCache:
    """
    Args:
        folder: of the database, where certificates lie that the settings do not place.
        alive: whether there is an answer under a key.

    Raises:
        ConfigurationError: vectors that cannot be had, or a name that nobody can ask for.
    """
    made: dict[str, SemanticRoute] = {}
    loaded: dict[Source, LocalVectors] = {}
    for name, given in routes.items():
        path = join("cache.semantic", name)
        find_route(planner, name, path, clock.today)
        certificate, trouble = read_certificate(certificate_path(name, given, folder))
        made[name] = SemanticRoute(
            name,
            _vectors(name, given, f"{path}.vectors", planner, errands, clock, loaded),
            certificate,
            trouble=trouble,
            synonyms=given.synonyms,
            max_age=given.max_age,
            max_bytes=given.max_bytes,
        )
    return SemanticCache(made, clock, alive)


def _vectors(
    name: str,
    given: SemanticSettings,
    path: str,
    planner: Planner,
    errands: Errands,
    clock: Clock,
    loaded: dict[Source, LocalVectors],
) -> Vectors:
    """
    Args:
        loaded: vectors of other routes; a table of them takes its memory once.
    """
    source = vector_source(given.vectors, path)
    if source.kind != "model":
        if source not in loaded:
            loaded[source] = LocalVectors(*local_vectors(source, path))
        return loaded[source]
    route = embedding_route(planner, source.name, path, clock.today)
    return ModelVectors(errands, route, f"embed:{name}", given.timeout)


def embedding_route(planner: Planner, model: str, path: str, today: Callable[[], date]) -> Route:
    """Raises ConfigurationError: nobody can ask for that model, or not for its vectors."""
    route = find_route(planner, model, path, today)
    if route.provider.dialect != "openai_chat":
        raise ConfigurationError(
            f"{path}: {model} is had from {route.provider.name}, which speaks {route.provider.dialect};"
            " embeddings are asked for as OpenAI has them",
            param=path,
        )
    return route


def find_route(planner: Planner, name: str, path: str, today: Callable[[], date]) -> Route:
    """Raises ConfigurationError: nobody can ask for that name."""
    try:
        return planner.plan(name, today).route
    except ModelNotFound as error:
        raise ConfigurationError(f"{path}: {error.message}", param=path) from error
