"""One question through an official SDK, whole or streamed, and what the program behind the SDK sees of it."""

from __future__ import annotations

from typing import Any

import anthropic
import msgspec
import openai

TOOL = {
    "name": "get_weather",
    "description": "Tells the weather in a city.",
    "schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}


class Seen(msgspec.Struct):
    """An answer, or as much of it as came, and the error at its end."""

    text: str = ""
    calls: list[tuple[str, Any]] = []
    finish: str | None = ""
    tokens: tuple[int, int] | None = None
    error: str = ""
    status: int | None = None
    message: str = ""
    turn: Any = None
    """The assistant's turn, as the client sends it back."""


def ask_openai(url: str, model: str, messages: list[Any], *, stream: bool) -> Seen:
    seen = Seen()
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, timeout=30)
    tool: Any = {
        "type": "function",
        "function": {
            "name": TOOL["name"],
            "description": TOOL["description"],
            "parameters": TOOL["schema"],
        },
    }
    given: Any = {"model": model, "messages": messages, "tools": [tool]}
    try:
        if stream:
            _openai_stream(client, given, seen)
        else:
            _openai_answer(client.chat.completions.create(**given), seen)
    except openai.APIError as error:
        _failed(seen, error)
    finally:
        client.close()
    return seen


def _openai_answer(answer: Any, seen: Seen) -> None:
    choice = answer.choices[0]
    seen.text = choice.message.content or ""
    seen.finish = choice.finish_reason
    seen.calls = [
        (call.function.name, msgspec.json.decode(call.function.arguments))
        for call in choice.message.tool_calls or ()
    ]
    seen.tokens = (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    seen.turn = choice.message.model_dump(exclude_none=True)


def _openai_stream(client: openai.OpenAI, given: Any, seen: Seen) -> None:
    options: Any = {"include_usage": True}
    with client.chat.completions.stream(**given, stream_options=options) as stream:
        for event in stream:
            if event.type == "content.delta":
                seen.text += event.delta
        try:
            _openai_answer(stream.get_final_completion(), seen)
        except openai.LengthFinishReasonError as cut:  # the SDK's word for an answer that reached its limit
            _openai_answer(cut.completion, seen)


def ask_anthropic(url: str, model: str, messages: list[Any], *, stream: bool) -> Seen:
    seen = Seen()
    client = anthropic.Anthropic(base_url=url, api_key="any", max_retries=0, timeout=30)
    tool = {"name": TOOL["name"], "description": TOOL["description"], "input_schema": TOOL["schema"]}
    given: Any = {"model": model, "max_tokens": 1000, "messages": messages, "tools": [tool]}
    try:
        if stream:
            with client.messages.stream(**given) as events:
                for text in events.text_stream:
                    seen.text += text
                _anthropic_answer(events.get_final_message(), seen)
        else:
            _anthropic_answer(client.messages.create(**given), seen)
    except anthropic.APIError as error:
        _failed(seen, error)
    finally:
        client.close()
    return seen


def _anthropic_answer(answer: Any, seen: Seen) -> None:
    seen.text = "".join(block.text for block in answer.content if block.type == "text")
    seen.calls = [(block.name, block.input) for block in answer.content if block.type == "tool_use"]
    seen.finish = answer.stop_reason
    seen.tokens = (answer.usage.input_tokens, answer.usage.output_tokens)
    seen.turn = {"role": "assistant", "content": [block.model_dump() for block in answer.content]}


def _failed(seen: Seen, error: Any) -> None:
    seen.error = type(error).__name__
    seen.status = getattr(error, "status_code", None)
    seen.message = str(error)


def results(face: str, seen: Seen, found: str) -> list[Any]:
    """The turns that answer each tool call of ``seen`` with ``found``."""
    if face == "openai":
        ids = [call["id"] for call in seen.turn["tool_calls"]]
        return [seen.turn, *[{"role": "tool", "tool_call_id": each, "content": found} for each in ids]]
    ids = [block["id"] for block in seen.turn["content"] if block["type"] == "tool_use"]
    blocks = [{"type": "tool_result", "tool_use_id": each, "content": found} for each in ids]
    return [seen.turn, {"role": "user", "content": blocks}]
