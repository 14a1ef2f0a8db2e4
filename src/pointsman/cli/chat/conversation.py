"""A talk in the terminal: keeps the turns, prints the answer as it comes, and what it cost.

The answer goes to stdout and everything about it to stderr, so that ``pointsman chat "…" > file`` keeps just
the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import msgspec
from rich.console import Console

from pointsman import ChatResult, Client
from pointsman.errors import PointsmanError

_HELP = "/new begins another talk, /bye (or Ctrl-D) ends this one, Ctrl-C stops an answer."


class Conversation:
    """One talk with one model.

    Args:
        read: the next line of the user; raises EOFError at the end.
        notes: where what is not the answer is said.
    """

    def __init__(
        self,
        client: Client,
        model: str,
        *,
        system: str | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        read: Callable[[str], str] = input,
        notes: Console | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._options: dict[str, Any] = {
            "system": system,
            "max_tokens": max_tokens,
            "temperature": temperature,
        }
        self._turns: list[dict[str, Any]] = []
        self._read = read
        self._notes = notes or Console(stderr=True, highlight=False)

    def run(self, *, as_json: bool = False) -> None:
        """Read lines until the end. An error of one turn is shown and does not end the talk."""
        interactive = sys.stdin.isatty()
        if interactive:
            self._note(f"{self._model}. {_HELP}")
        while (line := self._line("> " if interactive else "")) is not None:
            match line.strip():
                case "":
                    pass
                case "/bye":
                    return
                case "/new":
                    self._turns.clear()
                case text if text.startswith("/"):
                    self._note(_HELP)
                case _:
                    self._take_turn(line, as_json=as_json)

    def ask(self, text: str, *, as_json: bool = False) -> ChatResult:
        """One turn: the answer is printed while it comes, and then who gave it at what cost.

        Raises:
            PointsmanError: the turn is then as if it had not been.
        """
        turns = [*self._turns, {"role": "user", "content": text}]
        with self._client.stream(self._model, turns, **self._options) as stream:
            for chunk in stream:
                if not as_json:
                    self._say(chunk.text)
            result = stream.result()
        self._turns = [*turns, {"role": "assistant", "content": result.text}]
        if as_json:
            self._say(as_line(result) + "\n")
        else:
            self._say("\n")
            self._note(footer(result))
        return result

    def _take_turn(self, line: str, *, as_json: bool) -> None:
        try:
            self.ask(line, as_json=as_json)
        except PointsmanError as error:
            self._note(error.message, style="red")
        except KeyboardInterrupt:
            self._say("\n")
            self._note("Stopped; this turn is forgotten.")

    def _line(self, prompt: str) -> str | None:
        try:
            return self._read(prompt)
        except (EOFError, KeyboardInterrupt):
            return None

    def _say(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def _note(self, text: str, style: str = "dim") -> None:
        """Messages name settings in [brackets], which are no markup."""
        self._notes.print(text, style=style, markup=False, soft_wrap=True)


def footer(result: ChatResult) -> str:
    """Who answered, with how many tokens, at what cost."""
    parts = [f"{result.model} ({result.provider})" if result.provider else result.model]
    if result.usage is not None:
        parts.append(f"{result.usage.prompt} tokens in, {result.usage.output} out")
    if result.cost is None:
        parts.append("cost unknown")
    else:
        parts.append(f"{'about ' if result.estimated else ''}${result.cost:f}")
    if result.refusal:
        parts.append(f"refused: {result.refusal}")
    if result.warning:
        parts.append(result.warning)
    return " · ".join(parts)


def as_line(result: ChatResult) -> str:
    """The result as one line of JSON."""
    shape = {
        "text": result.text,
        "model": result.model,
        "provider": result.provider,
        "usage": result.usage,
        "cost_usd": None if result.cost is None else f"{result.cost:f}",
        "estimated": result.estimated,
        "attempts": result.attempts,
        "request_id": result.request_id,
        "stop": str(result.stop),
        "warning": result.warning or None,
    }
    return msgspec.json.encode(shape).decode()
