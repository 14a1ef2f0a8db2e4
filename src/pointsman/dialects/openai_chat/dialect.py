"""OpenAI chat completions, behind the protocol that every dialect fulfils."""

from __future__ import annotations

from collections.abc import Mapping

from pointsman.chat import Request, Response
from pointsman.dialects.base import CountTokens, Encoded, Target
from pointsman.errors import PointsmanError

from .decode_request import decode_request
from .decode_response import decode_response, read_usage
from .encode_request import encode_request
from .encode_response import encode_response
from .errors import decode_error, encode_error, encode_stream_error
from .peek import peek as read_peek
from .peek import rewrite
from .resume import resume
from .stream_decode import OpenAIChatStreamDecoder
from .stream_encode import OpenAIChatStreamEncoder
from .tap import OpenAIChatTap


class OpenAIChat:
    """Holds no state; see :class:`pointsman.dialects.base.Dialect` for what each method promises."""

    name = "openai_chat"
    path = "/chat/completions"

    peek = staticmethod(read_peek)  # bound, not wrapped: every request pays for a call
    rewrite = staticmethod(rewrite)
    resume = staticmethod(resume)

    def decode_request(self, body: bytes) -> Request:
        return decode_request(body)

    def encode_request(self, request: Request, target: Target) -> Encoded:
        return encode_request(request, target)

    def decode_response(self, body: bytes) -> Response:
        return decode_response(body)

    def encode_response(self, response: Response) -> bytes:
        return encode_response(response)

    read_usage = staticmethod(read_usage)

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
