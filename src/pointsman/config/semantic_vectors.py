"""What `vectors` of a semantic cache means: those of the extra, letters alone, a file, or a model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from pointsman.caching.semantic.lexical import IDENTITY, lexical
from pointsman.config.semantic import missing_extra
from pointsman.config.wordllama import read_wordllama
from pointsman.errors import ConfigurationError, InvalidRequest

Kind = Literal["wordllama", "lexical", "file", "model"]
Vector = Callable[[str], list[float]]


class Source(msgspec.Struct, frozen=True):
    kind: Kind
    name: str = ""
    """Path of the file, or name of the model."""


def vector_source(vectors: str, path: str) -> Source:
    """
    Args:
        path: of the setting, for the error.

    Raises:
        ConfigurationError: it is none of the four.
    """
    if vectors == "wordllama":
        return Source("wordllama")
    if vectors == "lexical":
        return Source("lexical")
    kind, colon, name = vectors.partition(":")
    if colon and name and kind == "file":
        return Source("file", name)
    if colon and name and kind == "model":
        return Source("model", name)
    raise ConfigurationError(
        f'{path}: expected "wordllama", "lexical", "file:PATH" or "model:NAME"', param=path
    )


def local_vectors(source: Source, path: str) -> tuple[str, Vector]:
    """Identity and maker of vectors that need no provider.

    Raises:
        ConfigurationError: a file cannot be read, or is of no kind that is known; or the extra is missing.
    """
    if source.kind == "lexical":
        return IDENTITY, lexical
    try:
        # these need the extra
        from pointsman.caching.semantic.static import Model2Vec, WordLlama, WordVectors  # noqa: PLC0415

        if source.kind == "wordllama":
            llama = WordLlama(*read_wordllama())
            return llama.identity, llama.vector
    except ModuleNotFoundError as error:
        raise missing_extra(path) from error
    except (OSError, InvalidRequest) as error:
        raise ConfigurationError(
            f"{path}: the package wordllama cannot be used: {error}", param=path
        ) from error
    place = Path(source.name).expanduser()
    try:
        if place.is_dir():
            model = Model2Vec(
                (place / "model.safetensors").read_bytes(), (place / "tokenizer.json").read_bytes()
            )
            return model.identity, model.vector
        words = WordVectors(place.read_bytes())
    except (OSError, InvalidRequest) as error:
        raise ConfigurationError(f"{path}: {place} cannot be used: {error}", param=path) from error
    return words.identity, words.vector
