"""What a program with OpenAI's SDK does, as a script: it runs with any major version of the SDK.

    python openai_client.py '{"url": "http://127.0.0.1:8080/v1", "key": "k", "model": "m", …}'

prints one JSON object: what each scenario saw. It imports nothing of this project, so that it also runs where
only the SDK is installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import openai
import pydantic

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
ASK: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
TALK: Any = [
    {"role": "system", "content": "You are a signalman. Be brief."},
    {"role": "user", "content": "Which train goes first?"},
    {"role": "assistant", "content": "The express."},
    {"role": "user", "content": "And why does it go first?"},
]


class Trip(pydantic.BaseModel):
    city: str
    days: int


class Client:
    """The SDK's client, and the names of the models to ask."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.url, self.key = given["url"], given["key"]
        self.model = given["model"]
        self.models: dict[str, str] = given["models"]
        self.sdk = openai.OpenAI(base_url=self.url, api_key=self.key)

    def create(self, **more: Any) -> Any:
        return self.sdk.chat.completions.create(**({"model": self.model, "messages": TALK} | more))


def usage(of: Any) -> dict[str, Any]:
    return {"in": of.prompt_tokens, "out": of.completion_tokens, "total": of.total_tokens}


def chat(c: Client) -> Any:
    raw = c.sdk.chat.completions.with_raw_response.create(
        model=c.model, messages=TALK, max_completion_tokens=2000
    )
    answer = raw.parse()
    choice = answer.choices[0]
    return {
        "text": choice.message.content,
        "role": choice.message.role,
        "finish": choice.finish_reason,
        "usage": usage(answer.usage),
        "id": answer.id,
        "object": answer.object,
        "created": answer.created,
        "model": answer.model,
        "request_id": answer._request_id,
        "headers": {name: value for name, value in raw.headers.items() if name.startswith("x-pointsman")},
    }


def cut_short(c: Client) -> Any:
    answer = c.create(max_completion_tokens=7)
    return {"finish": answer.choices[0].finish_reason, "usage": usage(answer.usage)}


def stop_sequence(c: Client) -> Any:
    choice = c.create(max_completion_tokens=2000, stop=["the"]).choices[0]
    return {"finish": choice.finish_reason, "stopped": "the" not in choice.message.content}


def stream(c: Client) -> Any:
    chunks = list(c.create(max_completion_tokens=2000, stream=True, stream_options={"include_usage": True}))
    return {
        "text": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
        "finish": [x.choices[0].finish_reason for x in chunks if x.choices and x.choices[0].finish_reason],
        "usage": [usage(chunk.usage) for chunk in chunks if chunk.usage],
        "last_has_choices": bool(chunks[-1].choices),
        "ids": len({chunk.id for chunk in chunks}),
        "objects": sorted({chunk.object for chunk in chunks}),
        "count": len(chunks),
    }


def stream_without_usage(c: Client) -> Any:
    chunks = list(c.create(max_completion_tokens=20, stream=True))
    return {
        "usage": [chunk.usage for chunk in chunks if chunk.usage],
        "empty": sum(not x.choices for x in chunks),
    }


def tools(c: Client) -> Any:
    asked = c.create(messages=ASK, tools=[WEATHER])
    message = asked.choices[0].message
    call = message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "22 degrees and sunny"}
    answer = c.create(messages=[*ASK, message, result], tools=[WEATHER])
    return {
        "finish": asked.choices[0].finish_reason,
        "calls": [[each.function.name, json.loads(each.function.arguments)] for each in message.tool_calls],
        "id": call.id,
        "answer": answer.choices[0].message.content,
        "answer_finish": answer.choices[0].finish_reason,
    }


def tools_streamed(c: Client) -> Any:
    with c.sdk.chat.completions.stream(model=c.model, messages=ASK, tools=[WEATHER]) as events:
        kinds = sorted({event.type for event in events})
        final: Any = events.get_final_completion()
    call = final.choices[0].message.tool_calls[0]
    return {
        "kinds": kinds,
        "finish": final.choices[0].finish_reason,
        "call": [call.function.name, json.loads(call.function.arguments)],
    }


def forced_tool(c: Client) -> Any:
    choice: Any = {"type": "function", "function": {"name": "get_weather"}}
    answer = c.create(tools=[WEATHER], tool_choice=choice, parallel_tool_calls=False)
    return {"names": [call.function.name for call in answer.choices[0].message.tool_calls]}


def image(c: Client) -> Any:
    parts = [
        {"type": "text", "text": "What is on it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    answer = c.create(messages=[{"role": "user", "content": parts}], max_completion_tokens=30)
    return {"text": answer.choices[0].message.content}


def schema(c: Client) -> Any:
    parsed = c.sdk.chat.completions.parse(model=c.model, messages=ASK, response_format=Trip)
    with c.sdk.chat.completions.stream(model=c.model, messages=ASK, response_format=Trip) as events:
        streamed = events.get_final_completion()
    return {
        "whole": type(parsed.choices[0].message.parsed).__name__,
        "streamed": type(streamed.choices[0].message.parsed).__name__,
    }


def models(c: Client) -> Any:
    listed = [model.id for model in c.sdk.models.list()]
    one = c.sdk.models.retrieve(c.model)
    return {"listed": c.model in listed, "count": len(listed), "one": [one.id, one.object, one.owned_by]}


def failure(call: Callable[[], Any]) -> Any:
    try:
        call()
    except openai.APIStatusError as error:
        return {
            "kind": type(error).__name__,
            "status": error.status_code,
            "code": error.code,
            "param": error.param,
            "message": error.message,
            "request_id": error.request_id,
        }
    except openai.OpenAIError as error:
        return {"kind": type(error).__name__, "message": str(error)}
    return {"kind": None}


def wrong_key(c: Client) -> Any:
    other = openai.OpenAI(base_url=c.url, api_key="pm_wrong")
    return failure(lambda: other.chat.completions.create(model=c.model, messages=ASK))


def unknown_model(c: Client) -> Any:
    return failure(lambda: c.create(model="no-such-model"))


def too_much_output(c: Client) -> Any:
    return failure(lambda: c.create(max_completion_tokens=10_000_000))


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
        for chunk in c.create(model=c.models["broken"], stream=True):
            seen.extend(choice.delta.content or "" for choice in chunk.choices)

    return failure(read) | {"text": "".join(seen)}


SCENARIOS = (
    *(chat, cut_short, stop_sequence, stream, stream_without_usage, tools, tools_streamed, forced_tool),
    *(image, schema, models, wrong_key, unknown_model, too_much_output, bad_type, too_large),
    *(rate_limited, overloaded, overloaded_stream, broken_stream),
)


def main() -> None:
    sys.stdout.write(json.dumps([all_of(Client(given)) for given in json.loads(sys.argv[1])]))


def all_of(client: Client) -> dict[str, Any]:
    seen: dict[str, Any] = {"version": openai.__version__}
    for scenario in SCENARIOS:
        try:
            seen[scenario.__name__] = scenario(client)
        except Exception as error:  # noqa: BLE001 - told to the test, which fails for it
            seen[scenario.__name__] = {"crashed": f"{type(error).__name__}: {error}"}
    return seen


if __name__ == "__main__":
    main()
