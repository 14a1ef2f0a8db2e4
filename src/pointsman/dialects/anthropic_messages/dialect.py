"""The Anthropic messages dialect: one face over the files of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman.chat import Request, Response, Usage
from pointsman.dialects import base
from pointsman.errors import PointsmanError

from . import decode_request as _decode_request
from . import decode_response as _decode_response
from . import errors as _errors
from . import peek as _peek
from .encode_request import encode_request
from .encode_response import encode_response
from .resume import resume
from .stream_decode import StreamDecoder
from .stream_encode import StreamEncoder
from .tap import StreamTap


class AnthropicMessages:
    """Implements ``pointsman.dialects.base.Dialect``, and the request side of count_tokens."""

    @property
    def name(self) -> str:
        return "anthropic_messages"

    @property
    def path(self) -> str:
        return "/v1/messages"

    @property
    def count_path(self) -> str:
        """Where a provider counts the tokens of a request."""
        return "/v1/messages/count_tokens"

    peek = staticmethod(_peek.peek)  # bound, not wrapped: every request pays for a call

    def peek_count(self, body: bytes) -> base.Peek:
        return _peek.peek_count(body)

    def rewrite(
        self, body: bytes, peek: base.Peek, *, model: str, defaults: Mapping[str, Any], force_usage: bool
    ) -> bytes:
        """``force_usage`` means nothing here: Anthropic always tells the usage."""
        return _peek.rewrite(body, peek, model=model, defaults=defaults)

    def resume(self, body: bytes, peek: base.Peek, said: str, max_output: int | None) -> bytes | None:
        return resume(body, peek, said, max_output)

    def decode_request(self, body: bytes) -> Request:
        return _decode_request.decode_request(body)

    def decode_count_request(self, body: bytes) -> Request:
        return _decode_request.decode_count_request(body)

    def encode_request(self, request: Request, target: base.Target) -> base.Encoded:
        return encode_request(request, target)

    def decode_response(self, body: bytes) -> Response:
        return _decode_response.decode_response(body)

    def encode_response(self, response: Response) -> bytes:
        return encode_response(response)

    def read_usage(self, body: bytes) -> tuple[Usage | None, str, str]:
        return _decode_response.read_usage(body)

    def tap(self, *, strip_usage: bool, count_tokens: base.CountTokens) -> StreamTap:
        """``strip_usage`` means nothing here: every client expects the usage."""
        return StreamTap(count_tokens)

    def stream_decoder(self) -> StreamDecoder:
        return StreamDecoder()

    def stream_encoder(self, request: Request) -> StreamEncoder:
        return StreamEncoder()

    def decode_error(self, status: int, headers: Mapping[str, str], body: bytes) -> PointsmanError:
        return _errors.decode_error(status, headers, body)

    def encode_error(self, error: PointsmanError, request_id: str) -> bytes:
        return _errors.encode_error(error, request_id)

    def encode_stream_error(self, error: PointsmanError, request_id: str) -> bytes:
        return _errors.encode_stream_error(error, request_id)


ANTHROPIC_MESSAGES = AnthropicMessages()
_CONFORMS: base.Dialect = ANTHROPIC_MESSAGES
