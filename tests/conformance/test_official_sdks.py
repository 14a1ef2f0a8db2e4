"""The official SDKs, newest and previous major version, over both upstream dialects, through real sockets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pointsman.ledger import Entry
from tests.support.official_sdks import MODELS, Major, Sdk, Upstream, guarded_stack, run_script
from tests.support.stack import Stack

ATTEMPTS = 3
"""What the gateway makes of a request that keeps failing; the SDKs must not multiply it by theirs."""
MAJORS: dict[tuple[Sdk, Major], str] = {
    ("openai", "newest"): "3.",
    ("openai", "previous"): "2.",
    ("anthropic", "newest"): "2.",
    ("anthropic", "previous"): "0.",
}

Check = Callable[[Any, Upstream, Any], bool]

_CALL = ["get_weather", {"city": "Paris"}]
_FOUND = "22 degrees and sunny"


def _error(kind: str | tuple[str, ...], status: int, said: str) -> Check:
    kinds = (kind,) if isinstance(kind, str) else kind
    return lambda seen, *_: (
        seen["kind"] in kinds
        and seen["status"] == status
        and said in seen["message"]
        and seen["request_id"].startswith("req_")
    )


def _billed(seen: Any, invoice: Any) -> bool:
    """The numbers that the SDK saw are those of one call on the provider's invoice."""
    pair = (seen["in"], seen["out"])
    return any((call["input"], call["output"]) == pair for call in invoice["calls"])


def _whole(seen: Any, upstream: Upstream, invoice: Any) -> bool:
    headers = seen["headers"]
    return (
        bool(seen["text"])
        and seen["role"] == "assistant"
        and seen["request_id"].startswith("req_")
        and bool(seen["id"])
        and seen["model"] == MODELS[upstream]["model"]
        and headers["x-pointsman-model"] == MODELS[upstream]["model"]
        and headers["x-pointsman-provider"] == upstream
        and headers["x-pointsman-attempts"] == "1"
        and float(headers["x-pointsman-cost-usd"]) > 0
        and _billed(seen["usage"], invoice)
    )


def _overloaded(seen: Any, upstream: Upstream, _: Any) -> bool:
    """OpenAI has no 529; each SDK has its own class for what the upstream said."""
    status = 529 if upstream == "anthropic" else 503
    kinds = ("OverloadedError", "ServiceUnavailableError", "InternalServerError")
    return _error(kinds, status, "overloaded")(seen, upstream, None)


def _broken(seen: Any, *_: Any) -> bool:
    return (
        seen["kind"] in ("APIError", "APIStatusError") and "broke" in seen["message"] and bool(seen["text"])
    )


COMMON: dict[str, Check] = {
    "chat": _whole,
    "forced_tool": lambda seen, *_: seen["names"] == ["get_weather"],
    "image": lambda seen, *_: bool(seen["text"]),
    "wrong_key": _error("AuthenticationError", 401, "checksum"),
    "unknown_model": _error("NotFoundError", 404, "no-such-model"),
    "too_much_output": _error("BadRequestError", 400, "answers with at most"),
    "bad_type": _error("BadRequestError", 400, "messages"),
    "too_large": _error(
        ("APIStatusError", "ContentTooLargeError", "RequestTooLargeError"), 413, "larger than the 1 MB"
    ),
    "rate_limited": _error("RateLimitError", 429, "too many requests"),
    "overloaded": _overloaded,
    "overloaded_stream": _overloaded,
    "broken_stream": _broken,
}
OPENAI: dict[str, Check] = COMMON | {
    "chat": lambda seen, upstream, invoice: (
        _whole(seen, upstream, invoice)
        and seen["finish"] == "stop"
        and seen["object"] == "chat.completion"
        and seen["created"] > 1_600_000_000
        and seen["usage"]["total"] == seen["usage"]["in"] + seen["usage"]["out"]
    ),
    "cut_short": lambda seen, *_: (seen["finish"], seen["usage"]["out"]) == ("length", 7),
    "stop_sequence": lambda seen, *_: (seen["finish"], seen["stopped"]) == ("stop", True),
    "stream": lambda seen, _, invoice: (
        bool(seen["text"])
        and seen["finish"] == ["stop"]
        and len(seen["usage"]) == 1
        and _billed(seen["usage"][0], invoice)
        and not seen["last_has_choices"]
        and (seen["ids"], seen["objects"]) == (1, ["chat.completion.chunk"])
        and seen["count"] > 10
    ),
    "stream_without_usage": lambda seen, *_: seen == {"usage": [], "empty": 0},
    "tools": lambda seen, *_: (
        seen["finish"] == "tool_calls"
        and seen["calls"] == [_CALL]
        and _FOUND in seen["answer"]
        and seen["answer_finish"] == "stop"
    ),
    "tools_streamed": lambda seen, *_: (
        seen["finish"] == "tool_calls"
        and seen["call"] == _CALL
        and "tool_calls.function.arguments.done" in seen["kinds"]
    ),
    "schema": lambda seen, *_: seen == {"whole": "Trip", "streamed": "Trip"},
    "models": lambda seen, upstream, _: (
        seen["listed"] and seen["one"] == [MODELS[upstream]["model"], "model", upstream]
    ),
}
ANTHROPIC: dict[str, Check] = COMMON | {
    "chat": lambda seen, upstream, invoice: (
        _whole(seen, upstream, invoice) and (seen["finish"], seen["type"]) == ("end_turn", "message")
    ),
    "cut_short": lambda seen, *_: (seen["finish"], seen["usage"]["out"]) == ("max_tokens", 7),
    # OpenAI's wire does not say that it was a stop sequence.
    "stop_sequence": lambda seen, upstream, _: (
        seen["stopped"]
        and (seen["finish"], seen["sequence"])
        == (("stop_sequence", "the") if upstream == "anthropic" else ("end_turn", None))
    ),
    "stream": lambda seen, _, invoice: (
        bool(seen["text"])
        and seen["text"] == seen["final"]
        and seen["finish"] == "end_turn"
        and _billed(seen["usage"], invoice)
        and seen["order"]
        == [
            *("message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop"),
        ]
    ),
    "tools": lambda seen, *_: (
        seen["finish"] == "tool_use"
        and seen["calls"] == [_CALL]
        and _FOUND in seen["answer"]
        and seen["answer_finish"] == "end_turn"
    ),
    "tools_streamed": lambda seen, *_: (
        (seen["finish"], seen["call"]) == ("tool_use", _CALL) and "input_json" in seen["kinds"]
    ),
    "schema": lambda seen, *_: seen["keys"] == ["city", "days"],
    # Reasoning with its signature has no place on OpenAI's wire: there is none, and nothing breaks.
    "thinking": lambda seen, upstream, _: (
        (seen["blocks"], seen["signed"])
        == ((["thinking", "tool_use"], [True]) if upstream == "anthropic" else (["tool_use"], []))
        and (seen["streamed"], seen["streamed_signed"]) == (seen["blocks"], seen["signed"])
        and _FOUND in seen["answer"]
    ),
    "count_tokens": lambda seen, *_: seen["counted"] == seen["used"] > 0,
    "models": lambda seen, upstream, _: (
        seen["listed"] and seen["unique"] and seen["one"] == [MODELS[upstream]["model"], "model"]
    ),
}


@pytest.mark.parametrize(("sdk", "major"), MAJORS)
async def test_all_that_an_sdk_does(sdk: Sdk, major: Major) -> None:
    async with guarded_stack("openai") as openai, guarded_stack("anthropic") as anthropic:
        stacks: dict[Upstream, Stack] = {"openai": openai, "anthropic": anthropic}
        for (upstream, stack), seen in zip(stacks.items(), await run_script(sdk, major, stacks), strict=True):
            check(sdk, major, upstream, seen, await stack.invoice(), stack.ledger.entries)


def check(
    sdk: Sdk, major: Major, upstream: Upstream, seen: dict[str, Any], invoice: Any, entries: Sequence[Entry]
) -> None:
    assert seen.pop("version").startswith(MAJORS[sdk, major])
    checks = OPENAI if sdk == "openai" else ANTHROPIC
    assert seen.keys() == checks.keys()
    wrong = {
        name: what
        for name, what in seen.items()
        if "crashed" in what or not checks[name](what, upstream, invoice)
    }
    assert wrong == {}, upstream
    calls = Counter(call["model"] for call in invoice["calls"])
    models = MODELS[upstream]
    assert calls[models["rate_limited"]] == ATTEMPTS
    assert calls[models["overloaded"]] == 2 * ATTEMPTS  # whole and streamed
    # After a first byte nothing is sent again, by nobody; until then the gateway may.
    (broken,) = [entry for entry in entries if entry.model == models["broken"]]
    assert [attempt.outcome for attempt in broken.attempts][-1] == "broken"
    assert calls[models["broken"]] == len(broken.attempts) <= ATTEMPTS
