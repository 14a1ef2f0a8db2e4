"""The settings of the semantic cache: what is asked in other words, answered again. Off unless a route is
named."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from pointsman.config.kinds import Text
from pointsman.errors import ConfigurationError


class SemanticSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[cache.semantic.NAME]` is for requests that ask for the model, alias or route NAME."""

    vectors: Annotated[
        Text,
        Meta(
            description='What says how close two questions are: `"wordllama"` goes by the word vectors that '
            'the extra `vectors` brings, `"lexical"` by letters alone, `"file:PATH"` by word vectors (text) '
            'or a Model2Vec folder, `"model:NAME"` asks an embedding model.'
        ),
    ] = "wordllama"
    synonyms: Annotated[
        bool,
        Meta(
            description="Let one word stand in the place of another where the vectors say they are close: "
            "more hits, and more that are wrong."
        ),
    ] = False
    certificate: Annotated[
        Text | None,
        Meta(
            description="File of the certificate that `pointsman cache certify` writes. Without a valid one "
            "nothing is given. By default `semantic-NAME.json` beside the database."
        ),
    ] = None
    max_age: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="Seconds after which an answer is not given to another question any more."),
    ] = None
    max_bytes: Annotated[
        Annotated[int, Meta(ge=1 << 16)],
        Meta(description="Memory that its vectors may take, beside that of the answers."),
    ] = 32 << 20
    timeout: Annotated[
        Annotated[float, Meta(gt=0, le=60)],
        Meta(description="Seconds for an embedding model; then the request is sent as if nothing were near."),
    ] = 1.0


def missing_extra(path: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: a semantic cache needs the extra vectors: pip install 'pointsman[vectors]'",
        param=path,
    )
