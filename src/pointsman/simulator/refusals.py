"""What a provider refuses before it generates anything, besides what is over its limits."""

from __future__ import annotations

from collections.abc import Mapping

from pointsman import chat
from pointsman.catalog import check_request
from pointsman.catalog.model import Model
from pointsman.errors import (
    AuthenticationFailed,
    InternalError,
    InvalidRequest,
    PointsmanError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)

from .faults import Rule
from .limits import Family, Refusal

_STRICT_VERSION = "2026-10-21"
"""From this version of Anthropic's API on, temperature, top_p and top_k are errors."""


def check_key(headers: Mapping[str, str]) -> None:
    """Any key is taken, but there must be one. Raises AuthenticationFailed."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if headers.get("x-api-key", "").strip() or (scheme.lower() == "bearer" and token.strip()):
        return
    raise AuthenticationFailed("No API key was sent: set Authorization: Bearer or x-api-key, to any value.")


def check_version(headers: Mapping[str, str], family: Family) -> None:
    """Raises InvalidRequest where Anthropic's version header is missing."""
    if family == "anthropic" and not headers.get("anthropic-version"):
        raise InvalidRequest("anthropic-version: header is required.", param="anthropic-version")


def check_ability(request: chat.Request, model: Model, family: Family, version: str, prompt: int) -> None:
    """Raises InvalidRequest, UnsupportedByModel or ContextWindowExceeded."""
    if request.unmapped.get("n", 1) not in (1, None):
        raise InvalidRequest("The simulator makes one answer to a request: n must be 1.", param="n")
    if family == "anthropic":
        _check_sampling(request, model, version)
    parts = [part for message in request.messages for part in message.parts]
    check_request(
        model,
        prompt_tokens=prompt,
        max_output=request.max_output,
        has_image=any(isinstance(part, chat.Image) for part in parts),
        has_document=any(isinstance(part, chat.Document) and part.source.kind != "text" for part in parts),
        has_tools=bool(request.tools),
        forced_tool=request.tool_choice is not None and request.tool_choice.mode in ("required", "tool"),
        has_schema=request.response_format is not None and request.response_format.kind == "json_schema",
        has_prefill=bool(request.messages) and request.messages[-1].role == "assistant",
    )


def _check_sampling(request: chat.Request, model: Model, version: str) -> None:
    sent = {"temperature": request.temperature, "top_p": request.top_p, "top_k": request.top_k}
    given = [name for name, value in sent.items() if value is not None]
    if not given:
        return
    if version >= _STRICT_VERSION:
        message = f"{given[0]}: no longer accepted by version {version} of the API; leave it out."
        raise InvalidRequest(message, param=given[0])
    if model.capabilities.sampling_params is False:
        message = f"{given[0]}: {model.id} takes no sampling parameters; leave it out."
        raise InvalidRequest(message, param=given[0])


def limit_error(refusal: Refusal, model: str, *, tells: bool = True) -> PointsmanError:
    """The 429 of a request that is over a limit.

    Args:
        tells: how long to wait, where that is known.
    """
    what = refusal.cause.replace("_", " ")
    if refusal.too_large:
        return UpstreamRateLimited(
            f"Request too large for {model}: the limit is {refusal.limit} {what} a minute."
        )
    if refusal.cause == "concurrency":
        return UpstreamRateLimited(f"Rate limit reached for {model}: {refusal.limit} calls at a time.")
    message = f"Rate limit reached for {model}: {refusal.limit} {what} a minute."
    if refusal.wait_us is None or not tells:
        return UpstreamRateLimited(message)
    seconds = refusal.wait_us / 1_000_000
    return UpstreamRateLimited(f"{message} Please try again in {seconds:.3f}s.", retry_after=seconds)


def fault_error(rule: Rule, family: Family, *, tells: bool = True) -> PointsmanError | None:
    """The error of a fault that strikes before anything is generated; None for all other faults.

    Args:
        tells: a 429 says how long to wait.
    """
    match rule.kind:
        case "429":
            return UpstreamRateLimited(
                "Simulated: too many requests.", retry_after=rule.retry_after if tells else None
            )
        case "500":
            return InternalError("Simulated: an internal error.", code="server_error")
        case "504":
            return UpstreamTimeout("Simulated: the request took too long.")
        case "502" | "503" | "529":
            status = 503 if rule.kind == "529" and family == "openai" else int(rule.kind)
            message = "Simulated: overloaded, try again later."
            code = "server_is_overloaded" if status != 502 else "bad_gateway"
            return UpstreamUnavailable(message, status=status, code=code)
        case _:
            return None
