"""What a program with Anthropic's SDK does, as a script: it runs with any major version of the SDK.

    python anthropic_client.py '{"url": "http://127.0.0.1:8080", "key": "k", "model": "m", …}'

prints one JSON object: what each scenario saw. It imports nothing of this project, so that it also runs where
only the SDK is installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import anthropic

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WEATHER: Any = {
    "name": "get_weather",
    "description": "Tells the weather in a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
TRIP = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
ASK: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
SYSTEM = "You are a signalman. Be brief."
TALK: Any = [
    {"role": "user", "content": "Which train goes first?"},
    {"role": "assistant", "content": "The express."},
    {"role": "user", "content": "And why does it go first?"},
]


class Client:
    """The SDK's client, and the names of the models to ask."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.url, self.key = given["url"], given["key"]
        self.model = given["model"]
        self.models: dict[str, str] = given["models"]
        self.sdk = anthropic.Anthropic(base_url=self.url, api_key=self.key)

    def body(self, **more: Any) -> dict[str, Any]:
        return {"model": self.model, "max_tokens": 2000, "system": SYSTEM, "messages": TALK} | more

    def create(self, **more: Any) -> Any:
        return self.sdk.messages.create(**self.body(**more))


def usage(of: Any) -> dict[str, Any]:
    return {"in": of.input_tokens, "out": of.output_tokens}


def text(answer: Any) -> str:
    return "".join(block.text for block in answer.content if block.type == "text")


def chat(c: Client) -> Any:
    raw = c.sdk.messages.with_raw_response.create(**c.body())
    answer = raw.parse()
    return {
        "text": text(answer),
        "role": answer.role,
        "type": answer.type,
        "finish": answer.stop_reason,
        "usage": usage(answer.usage),
        "id": answer.id,
        "model": answer.model,
        "request_id": answer._request_id,
        "headers": {name: value for name, value in raw.headers.items() if name.startswith("x-pointsman")},
    }


def cut_short(c: Client) -> Any:
    answer = c.create(max_tokens=7)
    return {"finish": answer.stop_reason, "usage": usage(answer.usage)}


def stop_sequence(c: Client) -> Any:
    answer = c.create(stop_sequences=["the"])
    return {
        "finish": answer.stop_reason,
        "sequence": answer.stop_sequence,
        "stopped": "the" not in text(answer),
    }


def stream(c: Client) -> Any:
    with c.sdk.messages.stream(**c.body()) as events:
        seen = "".join(events.text_stream)
        final = events.get_final_message()
    raw = list(c.create(stream=True))
    return {
        "text": seen,
        "final": text(final),
        "finish": final.stop_reason,
        "usage": usage(final.usage),
        "order": [event.type for event in raw if event.type not in ("content_block_delta", "ping")],
        "id": final.id,
    }


def tools(c: Client) -> Any:
    asked = c.create(messages=ASK, tools=[WEATHER])
    calls = [block for block in asked.content if block.type == "tool_use"]
    result = [
        {
            "type": "tool_result",
            "tool_use_id": calls[0].id,
            "content": [{"type": "text", "text": "22 degrees and sunny"}],
        }
    ]
    turns = [*ASK, {"role": "assistant", "content": asked.content}, {"role": "user", "content": result}]
    answer = c.create(messages=turns, tools=[WEATHER])
    return {
        "finish": asked.stop_reason,
        "calls": [[call.name, call.input] for call in calls],
        "id": calls[0].id,
        "answer": text(answer),
        "answer_finish": answer.stop_reason,
    }


def tools_streamed(c: Client) -> Any:
    with c.sdk.messages.stream(**c.body(messages=ASK, tools=[WEATHER])) as events:
        kinds = sorted({event.type for event in events})
        final = events.get_final_message()
    call: Any = next(block for block in final.content if block.type == "tool_use")
    return {"kinds": kinds, "finish": final.stop_reason, "call": [call.name, call.input]}


def forced_tool(c: Client) -> Any:
    choice = {"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True}
    answer = c.create(tools=[WEATHER], tool_choice=choice)
    return {"names": [block.name for block in answer.content if block.type == "tool_use"]}


def image(c: Client) -> Any:
    parts = [
        {"type": "text", "text": "What is on it?"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
    ]
    return {"text": text(c.create(messages=[{"role": "user", "content": parts}], max_tokens=30))}


def schema(c: Client) -> Any:
    wanted = {"format": {"type": "json_schema", "schema": TRIP}}
    answer = c.create(messages=ASK, extra_body={"output_config": wanted})
    return {"keys": sorted(json.loads(text(answer)))}


def thinking(c: Client) -> Any:
    asked = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "tools": [WEATHER], "messages": ASK}
    first = c.create(**asked)
    call = next(block for block in first.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "22 degrees and sunny"}
    turns = [*ASK, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = c.create(**(asked | {"messages": turns}))
    with c.sdk.messages.stream(**c.body(**asked)) as events:
        streamed = events.get_final_message()
    return {
        "blocks": [block.type for block in first.content],
        "signed": [bool(block.signature) for block in first.content if block.type == "thinking"],
        "streamed": [block.type for block in streamed.content],
        "streamed_signed": [bool(block.signature) for block in streamed.content if block.type == "thinking"],
        "answer": text(second),
    }


def count_tokens(c: Client) -> Any:
    counted = c.sdk.messages.count_tokens(model=c.model, system=SYSTEM, messages=TALK)
    return {"counted": counted.input_tokens, "used": c.create().usage.input_tokens}


def models(c: Client) -> Any:
    listed = [model.id for model in c.sdk.models.list(limit=5)]
    one = c.sdk.models.retrieve(c.model)
    return {"listed": c.model in listed, "unique": len(set(listed)) == len(listed), "one": [one.id, one.type]}


def failure(call: Callable[[], Any]) -> Any:
    try:
        call()
    except anthropic.APIStatusError as error:
        body: Any = error.body
        return {
            "kind": type(error).__name__,
            "status": error.status_code,
            "type": body["error"]["type"] if isinstance(body, dict) and "error" in body else None,
            "message": error.message,
            "request_id": error.request_id,
        }
    except anthropic.AnthropicError as error:
        return {"kind": type(error).__name__, "message": str(error)}
    return {"kind": None}


def wrong_key(c: Client) -> Any:
    other = anthropic.Anthropic(base_url=c.url, api_key="pm_wrong")
    return failure(lambda: other.messages.create(**c.body()))


def unknown_model(c: Client) -> Any:
    return failure(lambda: c.create(model="no-such-model"))


def too_much_output(c: Client) -> Any:
    return failure(lambda: c.create(max_tokens=10_000_000, timeout=60))


def bad_type(c: Client) -> Any:
    return failure(lambda: c.create(messages="no list"))


def too_large(c: Client) -> Any:
    return failure(lambda: c.create(messages=[{"role": "user", "content": "x" * 1_500_000}]))


def rate_limited(c: Client) -> Any:
    return failure(lambda: c.create(model=c.models["rate_limited"]))


def overloaded(c: Client) -> Any:
    return failure(lambda: c.create(model=c.models["overloaded"]))


def overloaded_stream(c: Client) -> Any:
    return failure(lambda: list(c.create(model=c.models["overloaded"], stream=True)))


def broken_stream(c: Client) -> Any:
    seen: list[str] = []

    def read() -> None:
        for event in c.create(model=c.models["broken"], stream=True):
            if event.type == "content_block_delta":
                seen.append(event.delta.text)

    return failure(read) | {"text": "".join(seen)}


SCENARIOS = (
    *(chat, cut_short, stop_sequence, stream, tools, tools_streamed, forced_tool, image, schema, thinking),
    *(count_tokens, models, wrong_key, unknown_model, too_much_output, bad_type, too_large),
    *(rate_limited, overloaded, overloaded_stream, broken_stream),
)


def main() -> None:
    sys.stdout.write(json.dumps([all_of(Client(given)) for given in json.loads(sys.argv[1])]))


def all_of(client: Client) -> dict[str, Any]:
    seen: dict[str, Any] = {"version": anthropic.__version__}
    for scenario in SCENARIOS:
        try:
            seen[scenario.__name__] = scenario(client)
        except Exception as error:  # noqa: BLE001 - told to the test, which fails for it
            seen[scenario.__name__] = {"crashed": f"{type(error).__name__}: {error}"}
    return seen


if __name__ == "__main__":
    main()
