"""What a model answers to a request: text, JSON or tool calls, as the pieces (tokens) that it is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from pointsman import chat

from .dice import Dice
from .instances import instance
from .prose import compose

SplitTokens = Callable[[str], list[str]]

_PLAIN_WORDS = 90.0
"""Median length of an answer in words; small models are a little terser."""
_LONGEST = 600
_SMALL = ("haiku", "mini", "nano", "flash", "luna")


class Segment(msgspec.Struct, frozen=True):
    """One part of an answer. ``tool``: the name of the tool that it calls, with ``pieces`` as arguments."""

    pieces: tuple[str, ...]
    tool: str = ""
    thinking: bool = False

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Answer(msgspec.Struct, frozen=True):
    """A whole answer. Every piece is one token."""

    segments: tuple[Segment, ...]
    stop: chat.Stop
    stop_sequence: str | None = None
    hidden: int = 0
    """Tokens of reasoning that are billed and never shown."""

    @property
    def tokens(self) -> int:
        return self.hidden + sum(len(segment.pieces) for segment in self.segments)

    @property
    def reasoning(self) -> int:
        return self.hidden + sum(len(segment.pieces) for segment in self.segments if segment.thinking)


def answer(
    request: chat.Request,
    dice: Dice,
    split: SplitTokens,
    *,
    shows_thinking: bool,
    recorded: str | None = None,
) -> Answer:
    """Answer ``request``.

    Args:
        dice: of the request's content, so that equal requests get equal answers.
        split: text into tokens.
        shows_thinking: the wire has a place for the model's reasoning; otherwise it is hidden, and billed.
        recorded: what the model once really answered; given back as it is.
    """
    prompt = last_user_text(request)
    reasoning = _reasoning_tokens(request, dice)
    segments: list[Segment] = []
    if reasoning and shows_thinking:
        segments.append(Segment(tuple(split(compose(prompt, dice, reasoning // 2))), thinking=True))
    calls = [] if recorded is not None else tool_calls(request, prompt, dice)
    stop = chat.Stop.TOOL_CALLS if calls else chat.Stop.END
    found: str | None = None
    if calls:
        segments += [Segment(tuple(split(arguments)), tool=name) for name, arguments in calls]
    else:
        text, found = _until(_text(request, prompt, dice) if recorded is None else recorded, request.stop)
        stop = chat.Stop.STOP_SEQUENCE if found is not None else stop
        segments.append(Segment(tuple(split(text))))
    hidden = 0 if shows_thinking else reasoning
    return truncated(Answer(tuple(segments), stop, found, hidden), request.max_output)


def last_user_text(request: chat.Request) -> str:
    """The text of the last user turn, stripped."""
    for message in reversed(request.messages):
        if message.role == "user":
            texts = [part.text for part in message.parts if isinstance(part, chat.Text)]
            if texts:
                return "\n".join(texts).strip()
    return ""


def tool_calls(request: chat.Request, prompt: str, dice: Dice) -> list[tuple[str, str]]:
    """Names and arguments of the tools that the model calls: those it must, or those the prompt speaks of."""
    choice = request.tool_choice.mode if request.tool_choice else "auto"
    if not request.tools or choice == "none":
        return []
    if request.tool_choice and choice == "tool":
        chosen = [tool for tool in request.tools if tool.name == request.tool_choice.name]
    else:
        last = request.messages[-1] if request.messages else None
        has_result = last is not None and any(isinstance(part, chat.ToolResult) for part in last.parts)
        chosen = [] if has_result else [tool for tool in request.tools if _speaks_of(prompt, tool)]
        if choice == "required" and not chosen:
            chosen = [request.tools[0]]
    most = 1 if request.parallel_tools is False or choice == "tool" else 2
    return [(tool.name, _json(_object(instance(tool.parameters, prompt, dice)))) for tool in chosen[:most]]


def _speaks_of(prompt: str, tool: chat.Tool) -> bool:
    said = {word.lower().rstrip("s") for word in re.findall(r"[^\W_]{3,}", prompt)}
    words = re.findall(r"[A-Z]?[a-z]{3,}", tool.name)
    return bool(
        said & {word.lower().rstrip("s") for word in words if word.lower() not in ("get", "the", "set")}
    )


def _text(request: chat.Request, prompt: str, dice: Dice) -> str:
    wanted = request.response_format
    if wanted is not None and wanted.kind == "json_schema" and wanted.schema is not None:
        return _json(instance(wanted.schema, prompt, dice))
    words = min(_LONGEST, int(dice.log_normal("words", _median_words(request.model), 0.6)))
    if wanted is not None and wanted.kind != "text":
        return _json(
            {"answer": compose(prompt, dice, min(words, 40)), "confidence": dice.integer("sure", 60, 99)}
        )
    result = _last_result(request)
    if result:
        return f"Here is what I found: {result}"
    if re.search(r"\bas json\b|\bjson (object|format)\b|\bin json\b", prompt, re.I):
        shown = _json(
            {"reasoning": compose(prompt, dice, min(words, 40)), "answer": str(dice.integer("n", 1, 99))}
        )
        return f"```json\n{shown}\n```"
    return compose(prompt, dice, max(words, 12))


def _median_words(model: str) -> float:
    return _PLAIN_WORDS * (0.7 if any(mark in model for mark in _SMALL) else 1.0)


def _last_result(request: chat.Request) -> str:
    if not request.messages:
        return ""
    results = [part for part in request.messages[-1].parts if isinstance(part, chat.ToolResult)]
    texts = [part.text for result in results for part in result.parts if isinstance(part, chat.Text)]
    return " ".join(texts)[:400]


def _reasoning_tokens(request: chat.Request, dice: Dice) -> int:
    """Only where the caller asks for it, so that nothing is billed that nobody expects."""
    wish = request.reasoning
    if wish is None or wish.mode == "off" or wish.effort == "none":
        return 0
    if wish.mode is None and wish.effort is None and wish.budget is None:
        return 0
    most = min(wish.budget or 400, 400)
    if request.max_output is not None:
        most = min(most, request.max_output // 2)
    return min(most, int(dice.log_normal("reasoning", 60.0, 0.5)))


def _until(text: str, stops: Sequence[str]) -> tuple[str, str | None]:
    """The text before the first stop sequence, and which one it was."""
    hits = [(at, stop) for stop in stops if stop and (at := text.find(stop)) >= 0]
    if not hits:
        return text, None
    at, stop = min(hits)
    return text[:at], stop


def truncated(whole: Answer, max_output: int | None) -> Answer:
    """No more than the first ``max_output`` tokens."""
    if max_output is None or whole.tokens <= max_output:
        return whole
    room = max(0, max_output - whole.hidden)
    kept: list[Segment] = []
    for segment in whole.segments:
        if room <= 0:
            break
        kept.append(msgspec.structs.replace(segment, pieces=segment.pieces[:room]))
        room -= len(segment.pieces)
    return Answer(tuple(kept), chat.Stop.LENGTH, None, min(whole.hidden, max_output))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
