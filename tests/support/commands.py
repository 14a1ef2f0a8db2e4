"""The commands and options that there are, as rows of ``docs/commands.md``.

Run it to print them: ``python -m tests.support.commands``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pointsman.cli.lazy import COMMANDS, LazyGroup, load_command


def rows() -> Iterator[str]:
    for name in COMMANDS:
        yield from _rows(f"pointsman {name}", load_command(name))


def _rows(words: str, command: Any) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner:
        for name, sub in inner.items():
            loaded = command.load(name) if isinstance(command, LazyGroup) else sub
            yield from _rows(f"{words} {name}", loaded)
        return
    yield f"| `{words}` | {_cell(command.help)} |"
    for parameter in command.params:
        if parameter.name in ("help", "install_completion", "show_completion") or parameter.hidden:
            continue
        shown = (
            max(parameter.opts, key=len) if parameter.param_type_name == "option" else parameter.name.upper()
        )
        yield f"| `{words} {shown}` | {_cell(parameter.help)} |"


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    print("\n".join(rows()))  # noqa: T201 - it is what this file is run for
