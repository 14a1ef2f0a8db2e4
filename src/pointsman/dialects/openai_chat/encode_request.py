"""A request out of the hub, for a provider that speaks OpenAI chat completions.

What has no name on this wire is refused where it changes what is asked for, and is else named in
``dropped``. Usage is always asked for in a stream: the gateway must know what a call cost.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from pointsman.chat import Reasoning, Request, ResponseFormat, Tool, ToolChoice
from pointsman.dialects.base import Encoded, Target
from pointsman.errors import InvalidRequest, UntranslatableRequest

from .encode_messages import encode_messages

_encode = msgspec.json.Encoder().encode

_MAX_STOPS = 4
_MAX_USER = 64
_OWN = frozenset(
    {
        *("audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "metadata"),
        *("modalities", "moderation", "n", "prediction", "presence_penalty", "prompt_cache_key"),
        *("prompt_cache_options", "prompt_cache_retention", "seed", "store", "top_logprobs", "verbosity"),
        "web_search_options",
    }
)
"""Fields of this wire that the hub has no word for: they came from this dialect and go out again."""
_HARMLESS = frozenset(
    {
        *("betas", "billing_policy", "cache_control", "context_management", "diagnostics", "speed"),
        *("thinking.display", "thinking.type", "user_profile_id", "workspace_id"),
        *("output_config.task_budget", "tools.allowed_callers", "tools.defer_loading"),
        *("tools.eager_input_streaming", "tools.input_examples"),
    }
)
"""Anthropic's fields that tune how an answer is made or billed there, and not what is asked for."""
_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})
_EMPTY_SCHEMA = {"type": "object"}


def encode_request(request: Request, target: Target) -> Encoded:
    """Raises UntranslatableRequest where dropping a field would change what was asked for."""
    dropped: set[str] = set()
    body: dict[str, Any] = {
        "model": target.model,
        "messages": encode_messages(request, target, dropped),
    }
    if request.max_output is not None:
        name = "max_tokens" if target.legacy_max_tokens else "max_completion_tokens"
        body[name] = request.max_output
    _sampling(request, target, body, dropped)
    _tools(request, target, body, dropped)
    if request.response_format is not None:
        body["response_format"] = _response_format(request.response_format)
    if request.reasoning is not None:
        _reasoning(request.reasoning, target, body, dropped)
    if request.user:
        body["user"] = _user(request.user, dropped)
    if request.tier:
        _tier(request.tier, body, dropped)
    _unmapped(request, body, dropped)
    if request.stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    try:
        return Encoded(_encode(body), tuple(sorted(dropped)))
    except RecursionError:
        raise InvalidRequest("The request is nested too deeply.") from None


def _sampling(request: Request, target: Target, body: dict[str, Any], dropped: set[str]) -> None:
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is None:
            continue
        if target.accepts_sampling is False:
            dropped.add(name)
        else:
            body[name] = value
    if request.top_k is not None:
        dropped.add("top_k")
    if len(request.stop) > _MAX_STOPS:
        raise UntranslatableRequest(
            f"The provider takes at most {_MAX_STOPS} stop sequences, not {len(request.stop)}.", param="stop"
        )
    if request.stop:
        body["stop"] = list(request.stop)


def _tools(request: Request, target: Target, body: dict[str, Any], dropped: set[str]) -> None:
    choice = request.tool_choice
    if choice is not None and choice.mode in ("required", "tool") and target.accepts_forced_tools is False:
        raise UntranslatableRequest(
            f"The model '{target.model}' cannot be forced to call a tool.", param="tool_choice"
        )
    if not request.tools:  # OpenAI refuses a choice without tools, and there is none to make
        if choice is not None and choice.mode in ("required", "tool"):
            raise UntranslatableRequest("A tool must be called, but there are no tools.", param="tool_choice")
        return
    body["tools"] = [_tool(tool, dropped) for tool in request.tools]
    if choice is not None:
        body["tool_choice"] = _tool_choice(choice)
    if request.parallel_tools is not None:
        body["parallel_tool_calls"] = request.parallel_tools


def _tool(tool: Tool, dropped: set[str]) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if (
        tool.parameters != _EMPTY_SCHEMA
    ):  # OpenAI refuses an object without properties; none means no arguments
        function["parameters"] = tool.parameters
    if tool.strict is not None:
        function["strict"] = tool.strict
    if tool.cache is not None:
        dropped.add("cache_control")
    return {"type": "function", "function": function}


def _tool_choice(choice: ToolChoice) -> str | dict[str, Any]:
    if choice.mode == "tool":
        return {"type": "function", "function": {"name": choice.name}}
    return choice.mode


def _response_format(wanted: ResponseFormat) -> dict[str, Any]:
    if wanted.kind != "json_schema":
        return {"type": wanted.kind}
    schema: dict[str, Any] = {"name": wanted.name or "answer"}  # required here, unknown to Anthropic
    if wanted.description:
        schema["description"] = wanted.description
    if wanted.schema is not None:
        schema["schema"] = wanted.schema
    if wanted.strict is not None:
        schema["strict"] = wanted.strict
    return {"type": "json_schema", "json_schema": schema}


def _reasoning(reasoning: Reasoning, target: Target, body: dict[str, Any], dropped: set[str]) -> None:
    """A level stays one, a budget becomes one; "on" and "adaptive" are what reasoning models do anyway."""
    effort = reasoning.effort
    if effort is None and reasoning.mode == "off":
        effort = "none"
    if effort is None and reasoning.budget is not None:
        effort = _effort(reasoning.budget)
        dropped.add("thinking.budget_tokens")
    if effort is None:
        return
    if target.accepts_effort is False:
        if effort != "none":  # a model that never reasons does as it was told
            dropped.add("reasoning_effort")
        return
    body["reasoning_effort"] = effort


def _effort(budget: int) -> str:
    """The level whose usual budget is nearest, by the steps that clients themselves use (4k, 10k, 32k)."""
    if budget <= 4_096:
        return "low"
    return "medium" if budget <= 16_384 else "high"


def _user(user: str, dropped: set[str]) -> str:
    """OpenAI refuses more than 64 characters (Claude Code sends 200): a digest still tells users apart."""
    if len(user) <= _MAX_USER:
        return user
    dropped.add("user")
    return hashlib.sha256(user.encode()).hexdigest()


def _tier(tier: str, body: dict[str, Any], dropped: set[str]) -> None:
    if tier == "standard_only":  # Anthropic's way to say: not the dearer tier
        tier = "default"
    if tier in _TIERS:
        body["service_tier"] = tier
    else:
        dropped.add("service_tier")


def _unmapped(request: Request, body: dict[str, Any], dropped: set[str]) -> None:
    for name, value in request.unmapped.items():
        if name in _OWN:
            body[name] = value
        elif name in _HARMLESS:
            dropped.add(name)
        else:
            raise UntranslatableRequest(
                f"The field '{name}' has no counterpart at the provider of '{request.model}': leave it out, "
                "or choose a model of a provider that speaks your dialect.",
                param=name,
            )
