from __future__ import annotations

import json

from tests.support.demo_gateway import ANTHROPIC_USAGE, OPENAI_USAGE, WORDS, DemoGateway


async def ask(gateway: DemoGateway, path: str, body: object) -> tuple[int, bytes]:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": json.dumps(body).encode() if body else b""}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await gateway({"type": "http", "path": path}, receive, send)
    status, data = sent[0]["status"], sent[1]["body"]
    assert isinstance(status, int) and isinstance(data, bytes)
    return status, data


async def test_both_faces_say_the_same_words_and_count_the_same_tokens() -> None:
    gateway = DemoGateway()
    _, chat = await ask(gateway, "/v1/chat/completions", {"model": "m"})
    _, messages = await ask(gateway, "/v1/messages", {"model": "m"})
    said = "".join(WORDS)
    assert json.loads(chat)["choices"][0]["message"]["content"] == said
    assert json.loads(messages)["content"][0]["text"] == said
    prompt = ANTHROPIC_USAGE["input_tokens"] + ANTHROPIC_USAGE["cache_read_input_tokens"]
    assert prompt == OPENAI_USAGE["prompt_tokens"]


async def test_the_account_is_there_at_the_look_that_was_asked_for() -> None:
    gateway = DemoGateway(looks=3)
    statuses = [(await ask(gateway, "/v1/requests/req_1", None))[0] for _ in range(3)]
    assert statuses == [404, 404, 200]
