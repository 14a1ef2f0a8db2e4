"""How much to think, and how many tokens that and the answer may take.

Claude models come in two kinds here. Older ones take a thinking budget and know no effort; from 4.7 on they
refuse a budget, as they refuse sampling parameters, and think adaptively, with an effort (4.6 takes both).
"""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import Reasoning, Request, Thinking, ToolCall
from pointsman.dialects.base import Target
from pointsman.errors import InvalidRequest

DEFAULT_MAX_TOKENS = 32_768
"""``max_tokens`` for callers who gave none and expect an answer that is not cut. The model's own maximum
where that is less; not more than this, so that one runaway answer has an end."""
UNKNOWN_MAX_TOKENS = 8_192
"""The same where the model's maximum is not known: what every Claude model since 3.5 allows."""
MIN_BUDGET = 1_024
_BUDGETS = {"low": 2_048, "medium": 8_192, "high": 16_384, "xhigh": 24_576, "max": 32_768}
"""Thinking tokens for models that know no effort."""


class Thought(msgspec.Struct, frozen=True):
    max_tokens: int
    thinking: dict[str, Any] | None = None
    effort: str | None = None

    @property
    def on(self) -> bool:
        return self.thinking is not None and self.thinking["type"] != "disabled"


def encode_thinking(request: Request, target: Target, dropped: list[str]) -> Thought:
    """``max_tokens``, ``thinking`` and ``output_config.effort``.

    Raises:
        InvalidRequest: a thinking budget was asked for, and the allowed output is too small for any.
    """
    reasoning = request.reasoning
    if reasoning is None or reasoning == Reasoning():
        return Thought(_max_tokens(request, target, 0))
    effort = reasoning.effort
    if effort == "minimal":
        effort = "low"
        dropped.append("reasoning_effort=minimal")
    if reasoning.mode == "off" or reasoning.budget == 0 or (effort == "none" and reasoning.mode is None):
        effort = None if effort == "none" or _knows_no_effort(target) else effort
        return Thought(_max_tokens(request, target, 0), {"type": "disabled"}, effort)
    effort = None if effort == "none" else effort
    if request.tool_choice is not None and request.tool_choice.mode in ("required", "tool"):
        return _without(request, target, effort, dropped)
    if _knows_no_effort(target):
        return _manual(request, target, reasoning, effort, dropped)
    budget = reasoning.budget
    if (
        budget is not None
        and budget > 0
        and reasoning.mode != "adaptive"
        and target.accepts_sampling is not False
    ):
        return _with_budget(request, target, budget, effort, dropped)
    if budget is not None:
        dropped.append("reasoning.budget")
    return Thought(_max_tokens(request, target, 0), {"type": "adaptive"}, effort)


def _knows_no_effort(target: Target) -> bool:
    if target.accepts_effort is None:
        return target.accepts_sampling is True
    return not target.accepts_effort


def _without(request: Request, target: Target, effort: str | None, dropped: list[str]) -> Thought:
    """Anthropic refuses to think before a tool call that is forced."""
    dropped.append("reasoning")
    return Thought(_max_tokens(request, target, 0), None, None if _knows_no_effort(target) else effort)


def _manual(
    request: Request, target: Target, reasoning: Reasoning, effort: str | None, dropped: list[str]
) -> Thought:
    if reasoning.budget is not None and reasoning.budget > 0:
        return _with_budget(request, target, reasoning.budget, None, dropped)
    too_small = request.max_output is not None and request.max_output <= MIN_BUDGET
    if too_small or _in_tool_loop_without_thinking(request):
        return _without(request, target, None, dropped)
    return _with_budget(request, target, _BUDGETS.get(effort or "medium", _BUDGETS["medium"]), None, [])


def _with_budget(
    request: Request, target: Target, budget: int, effort: str | None, dropped: list[str]
) -> Thought:
    if budget < MIN_BUDGET:
        budget = MIN_BUDGET
        dropped.append(f"reasoning.budget<{MIN_BUDGET}")
    max_tokens = _max_tokens(request, target, budget)
    if budget >= max_tokens:
        if max_tokens <= MIN_BUDGET:
            raise InvalidRequest(
                f"max_tokens: must be greater than {MIN_BUDGET}, the smallest budget, when thinking is on.",
                param="max_tokens",
            )
        budget = max_tokens - 1
        dropped.append("reasoning.budget>max_tokens")
    return Thought(max_tokens, {"type": "enabled", "budget_tokens": budget}, effort)


def _max_tokens(request: Request, target: Target, budget: int) -> int:
    """The caller's maximum, which covers thinking too; or our default with the budget on top of it."""
    if request.max_output is not None:
        return request.max_output
    if target.max_output is None:
        return UNKNOWN_MAX_TOKENS + budget
    return min(target.max_output, DEFAULT_MAX_TOKENS + budget)


def _in_tool_loop_without_thinking(request: Request) -> bool:
    """With a budget, Anthropic wants the turn that called the tools to begin with its thinking. Histories of
    other dialects have lost that, and so must go on without."""
    for message in reversed(request.messages):
        if message.role == "assistant":
            called = any(isinstance(part, ToolCall) for part in message.parts)
            thought = any(isinstance(part, Thinking) and part.signature for part in message.parts)
            return called and not thought
    return False
