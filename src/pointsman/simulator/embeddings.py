"""Simulated embedding models: vectors that are the same on every machine, and a bill for their tokens.

The vectors are those of ``caching/semantic/lexical.py``, turned by a sign for each place that depends on the
model, so that those of two models cannot be compared, and texts that are spelled alike are still close.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from hashlib import blake2b
from struct import pack
from typing import Any

import msgspec

from pointsman.caching.semantic.lexical import lexical
from pointsman.catalog.model import Capabilities, Model, PriceList, Rates
from pointsman.errors import InvalidRequest, ModelNotFound
from pointsman.tokens import count_text

MOST_TEXTS = 2048
_WINDOW = 8192
_PRICES = {"text-embedding-3-small": 20_000, "text-embedding-3-large": 130_000}
"""10⁻¹² USD for a token."""


class EmbeddingRequest(msgspec.Struct):
    model: str
    input: str | list[str]
    encoding_format: str = "float"

    @property
    def texts(self) -> list[str]:
        return [self.input] if isinstance(self.input, str) else self.input


_decode = msgspec.json.Decoder(EmbeddingRequest).decode


def read_request(body: bytes) -> EmbeddingRequest:
    """Raises InvalidRequest."""
    try:
        asked = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"This is no request for embeddings: {error}.") from error
    if not asked.texts or len(asked.texts) > MOST_TEXTS or not all(asked.texts):
        raise InvalidRequest(
            f"input: from 1 to {MOST_TEXTS:,} texts, none of them empty, can be embedded at once.",
            param="input",
        )
    return asked


def embedding_model(name: str, provider: str) -> Model:
    """Raises ModelNotFound."""
    rate = _PRICES.get(name) if provider == "openai" else None
    if rate is None:
        raise ModelNotFound(f"The embedding model {name!r} does not exist at {provider}.", param="model")
    prices = (PriceList(date(2024, 1, 25), Rates(input=rate, output=0)),)
    return Model(name, provider, (), "active", _WINDOW, None, 0, Capabilities(), prices)


def prompt_tokens(asked: EmbeddingRequest) -> int:
    """Raises InvalidRequest: a text is longer than the model's window."""
    counts = [max(1, count_text(text)) for text in asked.texts]
    if max(counts) > _WINDOW:
        raise InvalidRequest(f"input: a text is longer than {_WINDOW:,} tokens.", param="input")
    return sum(counts)


def embeddings(asked: EmbeddingRequest, tokens: int) -> dict[str, Any]:
    """What is answered."""
    signs = _signs(asked.model)
    data = [
        {"object": "embedding", "index": at, "embedding": _written(text, signs, asked.encoding_format)}
        for at, text in enumerate(asked.texts)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": asked.model, "usage": usage}


def _written(text: str, signs: list[int], encoding: str) -> list[float] | str:
    vector = [value * sign for value, sign in zip(lexical(text), signs, strict=True)]
    if encoding == "base64":
        return b64encode(pack(f"<{len(vector)}f", *vector)).decode()
    return vector


def _signs(model: str) -> list[int]:
    digest = blake2b(model.encode(), digest_size=64).digest()
    return [1 if byte >> bit & 1 else -1 for byte in digest for bit in range(8)]
