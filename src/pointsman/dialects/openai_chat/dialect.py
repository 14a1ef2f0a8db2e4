"""OpenAI chat completions, behind the protocol that every dialect fulfils."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman.chat import Request, Response, Usage
from pointsman.dialects.base import CountTokens, Encoded, Peek, Target
from pointsman.errors import PointsmanError

from .decode_request import decode_request
from .decode_response import decode_response, read_usage
from .encode_request import encode_request
from .encode_response import encode_response
from .errors import decode_error, encode_error, encode_stream_error
from .peek import peek as read_peek
from .peek import rewrite
from .stream_decode import OpenAIChatStreamDecoder
from .stream_encode import OpenAIChatStreamEncoder
from .tap import OpenAIChatTap


class OpenAIChat:
    """Holds no state; see :class:`pointsman.dialects.base.Dialect` for what each method promises."""

    name = "openai_chat"
    path = "/chat/completions"

    def peek(self, body: bytes) -> Peek:
        return read_peek(body)

    def rewrite(
        self, body: bytes, peek: Peek, *, model: str, defaults: Mapping[str, Any], force_usage: bool
    ) -> bytes:
        return rewrite(body, peek, model=model, defaults=defaults, force_usage=force_usage)

    def decode_request(self, body: bytes) -> Request:
        return decode_request(body)

    def encode_request(self, request: Request, target: Target) -> Encoded:
        return encode_request(request, target)

    def decode_response(self, body: bytes) -> Response:
        return decode_response(body)

    def encode_response(self, response: Response) -> bytes:
        return encode_response(response)

    def read_usage(self, body: bytes) -> tuple[Usage | None, str, str]:
        return read_usage(body)

    def tap(self, *, strip_usage: bool, count_tokens: CountTokens) -> OpenAIChatTap:
        return OpenAIChatTap(strip_usage=strip_usage, count_tokens=count_tokens)

    def stream_decoder(self) -> OpenAIChatStreamDecoder:
        return OpenAIChatStreamDecoder()

    def stream_encoder(self, request: Request) -> OpenAIChatStreamEncoder:
        return OpenAIChatStreamEncoder(request)

    def decode_error(self, status: int, headers: Mapping[str, str], body: bytes) -> PointsmanError:
        return decode_error(status, headers, body)

    def encode_error(self, error: PointsmanError, request_id: str) -> bytes:
        return encode_error(error)

    def encode_stream_error(self, error: PointsmanError, request_id: str) -> bytes:
        return encode_stream_error(error)


OPENAI_CHAT = OpenAIChat()
