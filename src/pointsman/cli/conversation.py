"""A talk in the terminal: keeps the turns, prints the answer as it comes, and what it cost."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
from rich.console import Console

from pointsman import ChatResult, Client
from pointsman.errors import PointsmanError

_HELP = "/new begins another talk, /bye (or Ctrl-D) ends this one."


class Conversation:
    """One talk with one model."""

    def __init__(
        self,
        client: Client,
        model: str,
        *,
        system: str | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        console: Console | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._options: dict[str, Any] = {"max_tokens": max_tokens, "temperature": temperature}
        self._system = system
        self._turns: list[dict[str, str]] = []
        self._console = console or Console(highlight=False)

    def run(self, *, as_json: bool = False) -> None:
        """Read lines until the end. An error of one turn is shown and does not end the talk."""
        if sys.stdin.isatty():
            self._console.print(f"[dim]{self._model}. {_HELP}[/dim]")
        while (line := self._read()) is not None:
            match line.strip():
                case "":
                    continue
                case "/bye":
                    return
                case "/new":
                    self._turns.clear()
                    continue
                case text if text.startswith("/"):
                    self._console.print(f"[dim]{_HELP}[/dim]")
                    continue
            try:
                self.ask(line, as_json=as_json)
            except PointsmanError as error:
                self._turns.pop()
                self._console.print(f"[red]{error.message}[/red]")

    def ask(self, text: str, *, as_json: bool = False) -> ChatResult:
        """One turn: the answer is printed while it comes, and then who gave it at what cost."""
        self._turns.append({"role": "user", "content": text})
        with self._client.stream(self._model, self._turns, system=self._system, **self._options) as stream:
            for chunk in stream:
                if not as_json:
                    self._console.out(chunk.text, end="", highlight=False)
            result = stream.result()
        self._turns.append({"role": "assistant", "content": result.text})
        if as_json:
            sys.stdout.write(as_line(result) + "\n")
        else:
            self._console.print()
            self._console.print(f"[dim]{self._footer(result)}[/dim]")
        return result

    def _read(self) -> str | None:
        try:
            return input("> " if sys.stdin.isatty() else "")
        except EOFError:
            return None

    def _footer(self, result: ChatResult) -> str:
        parts = [f"{result.model} ({result.provider})" if result.provider else result.model]
        if result.usage is not None:
            parts.append(f"{result.usage.prompt} tokens in, {result.usage.output} out")
        if result.cost is None:
            parts.append("cost unknown")
        else:
            parts.append(f"${result.cost:f}")
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
        "request_id": result.request_id,
        "stop": str(result.stop),
        "tool_calls": [
            {"id": call.id, "name": call.name, "arguments": call.arguments} for call in result.tool_calls
        ],
        "warning": result.warning or None,
    }
    return msgspec.json.encode(shape).decode()
