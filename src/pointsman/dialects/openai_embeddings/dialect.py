"""Embeddings as a dialect, so that a call for vectors goes the journey of every other: it counts against
limits, is kept while it is under way, and is booked.

No client speaks it: it has no streams, and nothing crosses into it. Errors are those of chat completions.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import msgspec

from pointsman.chat import Message, Request, Text, Usage
from pointsman.dialects.base import Peek
from pointsman.dialects.openai_chat import OpenAIChat
from pointsman.dialects.splice import read_fields
from pointsman.errors import InvalidRequest, UpstreamMalformed


class _Asked(msgspec.Struct):
    model: str
    input: str | list[str]


class _Vector(msgspec.Struct):
    embedding: list[float] | str
    index: int = 0


class _Used(msgspec.Struct):
    prompt_tokens: int
    total_tokens: int | None = None


class _Answered(msgspec.Struct):
    data: list[_Vector] = []
    model: str = ""
    usage: _Used | None = None
    id: str = ""


_asked = msgspec.json.Decoder(_Asked)
_answered = msgspec.json.Decoder(_Answered)


class OpenAIEmbeddings(OpenAIChat):
    name = "openai_embeddings"
    path = "/embeddings"

    @staticmethod
    def peek(body: bytes) -> Peek:
        """Raises InvalidRequest."""
        return Peek(_read(body).model, False, 0, False, read_fields(body))

    def decode_request(self, body: bytes) -> Request:
        """What is to be counted of it. Raises InvalidRequest."""
        asked = _read(body)
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        return Request(asked.model, (Message("user", tuple(map(Text, texts))),))

    @staticmethod
    def read_usage(body: bytes) -> tuple[Usage | None, str, str]:
        """Raises UpstreamMalformed."""
        answered = _decode(body)
        used = answered.usage
        return None if used is None else Usage(input=used.prompt_tokens), answered.model, answered.id


OPENAI_EMBEDDINGS = OpenAIEmbeddings()


def read_vectors(body: bytes, count: int) -> list[list[float]]:
    """The vectors of an answer, in the order of the texts. Some providers send base64 unasked.

    Raises UpstreamMalformed where there are not ``count``, or they have no numbers.
    """
    found = sorted(_decode(body).data, key=lambda vector: vector.index)
    vectors = [_floats(vector.embedding) for vector in found]
    if len(vectors) != count or not all(vectors) or len({len(vector) for vector in vectors}) != 1:
        raise UpstreamMalformed(f"The provider did not send {count} vectors of one length.")
    return vectors


def _read(body: bytes) -> _Asked:
    try:
        return _asked.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"The body is no request for embeddings: {error}.") from error


def _decode(body: bytes) -> _Answered:
    try:
        return _answered.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UpstreamMalformed(f"The provider's answer has no embeddings: {error}.") from error


def _floats(embedding: Any) -> list[float]:
    if isinstance(embedding, list):
        return embedding
    try:
        return list(map(float, memoryview(b64decode(embedding, validate=True)).cast("f")))
    except (ValueError, TypeError) as error:
        raise UpstreamMalformed(f"An embedding of the provider cannot be read: {error}.") from error
