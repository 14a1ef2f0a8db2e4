"""Answers that are sent at once, in the dialect of the client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from pointsman.dialects.base import Dialect
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import PointsmanError

from .headers import common_headers, retry_headers
from .limits import Family
from .script import Headers
from .values import Reply

DIALECTS: Mapping[Family, Dialect] = {"openai": OPENAI_CHAT, "anthropic": ANTHROPIC_MESSAGES}


def error_reply(family: Family, error: PointsmanError, request_id: str, extra: Headers) -> Reply:
    headers = common_headers(family, request_id, stream=False) + extra
    headers += retry_headers(family, error.retry_after)
    body = DIALECTS[family].encode_error(error, request_id)
    return Reply(error.status, [*headers, (b"content-length", b"%d" % len(body))], body)


def json_reply(family: Family, value: Any) -> Reply:
    body = msgspec.json.encode(value)
    headers = common_headers(family, "req_plain", stream=False)
    return Reply(200, [*headers, (b"content-length", b"%d" % len(body))], body)


def model_and_stream(body: bytes) -> tuple[str, bool]:
    """What the invoice says of a request that was refused: as far as it can be read."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", False
    model = fields.get("model")
    return (model if isinstance(model, str) else ""), fields.get("stream") is True
