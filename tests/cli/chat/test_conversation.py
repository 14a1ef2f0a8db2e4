from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from pointsman import ChatResult, Client, Usage
from pointsman.chat import Response, Stop, StreamEnd, StreamStart, Text, TextDelta
from pointsman.cli.chat.conversation import Conversation, as_line, footer
from pointsman.client.backend import Reply, Settled
from pointsman.client.result import Notes, make_result
from pointsman.errors import ModelNotFound, NotFound

RESULT = make_result(
    Response("c", "m-1", (Text("By gate 2."),), Stop.END, Usage(input=3, output=4)),
    Notes(model="m", provider="p", request_id="req_1", cost=Decimal("0.00012")),
)


class Echo:
    """Answers with what was asked; refuses what says "refuse"; is interrupted by "stop"."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def send(self, body: bytes, idempotency_key: bytes | None = None, *, resume: bool = False) -> Reply:
        self.asked.append(json.loads(body))
        text = self.asked[-1]["messages"][-1]["content"]
        if "refuse" in text:
            raise ModelNotFound("Add [providers.x] to pointsman.toml.")

        async def events() -> Any:
            yield StreamStart("c", "m")
            yield TextDelta(0, f"You said [{text}]")
            yield StreamEnd(Stop.END, Usage(input=3, output=4))

        return Reply({"x-request-id": "req_1", "x-pointsman-model": "m"}, events=events())

    async def settled(self, request_id: str) -> Settled | None:
        return Settled("0.00012", False, 1)

    async def feedback(self, body: bytes) -> None:
        raise NotFound("None of these requests was routed.")

    async def close(self) -> None:
        pass


class Typist:
    """Types lines, then ends; an interrupt among them is raised."""

    def __init__(self, *lines: str | type[BaseException]) -> None:
        self._lines = iter(lines)

    def __call__(self, prompt: str) -> str:
        line = next(self._lines, EOFError)
        if isinstance(line, str):
            return line
        raise line


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def client(echo: Echo) -> Iterator[Client]:
    with Client(backend=echo) as made:
        yield made


def talk(client: Client, *lines: str | type[BaseException], **options: Any) -> str:
    """Have it; what was noted."""
    notes = io.StringIO()
    Conversation(client, "m", read=Typist(*lines), notes=Console(file=notes, width=200), **options).run()
    return notes.getvalue()


def test_turns_are_kept_until_a_new_talk(
    client: Client, echo: Echo, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = talk(client, "one", "", "/new", "two", "three", "/what", "/bye", "four", system="Be brief.")
    assert capsys.readouterr().out == "You said [one]\nYou said [two]\nYou said [three]\n"
    said = [[turn["content"] for turn in body["messages"]] for body in echo.asked]
    assert said == [
        ["Be brief.", "one"],
        ["Be brief.", "two"],
        ["Be brief.", "two", "You said [two]", "three"],
    ]
    assert notes.count("m · 3 tokens in, 4 out · $0.00012\n") == 3
    assert "/bye" in notes


def test_an_error_is_shown_as_it_is_and_the_talk_goes_on(client: Client, echo: Echo) -> None:
    notes = talk(client, "one", "refuse", "two")
    assert "Add [providers.x] to pointsman.toml.\n" in notes
    assert [turn["content"] for turn in echo.asked[-1]["messages"]] == ["one", "You said [one]", "two"]


def test_ctrl_c_at_the_prompt_ends_the_talk(client: Client, echo: Echo) -> None:
    talk(client, "one", KeyboardInterrupt, "two")
    assert len(echo.asked) == 1


def test_ctrl_c_in_an_answer_ends_the_answer(
    client: Client, echo: Echo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = io.StringIO()
    conversation = Conversation(client, "m", read=Typist("one", "two"), notes=Console(file=notes, width=200))
    say = conversation._say

    def interrupted(text: str) -> None:
        if "[one]" in text:
            raise KeyboardInterrupt
        say(text)

    monkeypatch.setattr(conversation, "_say", interrupted)
    conversation.run()
    assert "forgotten" in notes.getvalue()
    assert capsys.readouterr().out == "\nYou said [two]\n"
    assert [turn["content"] for turn in echo.asked[-1]["messages"]] == ["two"]


def test_json_is_one_line_an_answer(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    Conversation(client, "m", read=Typist("one", "two")).run(as_json=True)
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["You said [one]", "You said [two]"]


def test_what_a_line_holds() -> None:
    said = json.loads(as_line(RESULT))
    assert (said["text"], said["cost_usd"], said["stop"], said["warning"]) == (
        "By gate 2.",
        "0.00012",
        "end",
        None,
    )
    assert said["usage"]["output"] == 4


def changed(**fields: Any) -> ChatResult:
    import msgspec

    return msgspec.structs.replace(RESULT, **fields)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (RESULT, "m (p) · 3 tokens in, 4 out · $0.00012"),
        (changed(cost=None, usage=None, provider=""), "m · cost unknown"),
        (changed(estimated=True), "m (p) · 3 tokens in, 4 out · about $0.00012"),
        (changed(warning="It retires soon."), "m (p) · 3 tokens in, 4 out · $0.00012 · It retires soon."),
        (changed(refusal="No."), "m (p) · 3 tokens in, 4 out · $0.00012 · refused: No."),
    ],
)
def test_footers(result: ChatResult, said: str) -> None:
    assert footer(result) == said
