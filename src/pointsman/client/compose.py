"""From the arguments of a call to the request's body. The client speaks the OpenAI dialect to the journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pointsman.errors import InvalidRequest

Messages = str | Sequence[Mapping[str, Any]]

_RENAMED = {"max_tokens": "max_completion_tokens"}
_OURS = {"stream": "call stream() instead of chat()", "stream_options": "usage always comes with a stream"}


def compose(
    model: str, messages: Messages, *, system: str | None, stream: bool, options: Mapping[str, Any]
) -> bytes:
    """The JSON body. A plain string is one user message; options that are None are left out.

    Raises:
        InvalidRequest: an argument cannot be said in JSON, or is not the caller's to set.
    """
    turns: list[Mapping[str, Any]] = []
    if system is not None:
        turns.append({"role": "system", "content": system})
    turns += [{"role": "user", "content": messages}] if isinstance(messages, str) else list(messages)
    body: dict[str, Any] = {"model": model, "messages": turns}
    for name, value in options.items():
        if name in _OURS:
            raise InvalidRequest(f"'{name}' is not an option of a call: {_OURS[name]}.", param=name)
        if value is not None:
            body[_RENAMED.get(name, name)] = value
    if stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"The request cannot be written as JSON: {error}.") from None


def compose_feedback(
    request_id: str,
    *,
    score: float | None,
    thumbs: str | None,
    outcome: str | float | None,
    comment: str | None,
) -> bytes:
    """The JSON body of feedback; what is None is left out.

    Raises:
        InvalidRequest: an argument cannot be said in JSON.
    """
    given = {"score": score, "thumbs": thumbs, "outcome": outcome, "comment": comment}
    body = {"request_id": request_id} | {name: value for name, value in given.items() if value is not None}
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"The feedback cannot be written as JSON: {error}.") from None
