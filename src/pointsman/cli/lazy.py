"""A command group that imports a command only when it is called.

``pointsman --help`` and one command need not pay for the imports of all the others, and a command whose
file cannot be imported does not take the others down with it.

The command NAME lives in ``pointsman/cli/NAME.py`` or, if it takes more than one file, ``cli/NAME/NAME.py``:
a function of that name or, where it has commands of its own, a typer app called ``NAME_app``. A group with
heavy commands is lazy too: a ``LazyGroup`` with a table of its own, whose command NAME lives in
``cli/GROUP/NAME.py`` and is called ``GROUP_NAME`` there.
"""

from __future__ import annotations

import importlib
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: dict[str, str] = {
    "serve": "Run the gateway.",
    "simulate": "Run simulated providers to develop against.",
    "demo": "Send varied prompts through a gateway and show what they cost.",
    "chat": "Chat with a model in the terminal.",
    "keys": "Create, list, limit and revoke the keys that clients use.",
    "models": "List the models, their prices and what retires soon.",
    "presets": "List the named settings for common kinds of work.",
    "usage": "Report requests, tokens and cost by model, key or day.",
    "savings": "Report what routing saved against a baseline model, and what caches saved.",
    "roi": "Compute what calls cost on a mix of models, and which mixes save 40 or 60 %.",
    "labels": "Bring in, look at and take out labels: how well models answered.",
    "route": "Learn, judge and certify what chooses between models.",
    "limits": "Show each limit of a running gateway live, and who waits.",
    "cache": "See what the answer cache of a running gateway has done, and empty it.",
    "doctor": "Say what is configured, reachable and wrong.",
}
"""Each command and what it does, in the order of the help."""


class LazyGroup(TyperGroup):
    """Lists every command from the table, and loads the one that is called."""

    table: ClassVar[dict[str, str]] = COMMANDS
    group: ClassVar[str] = ""
    """The folder of the commands' files, which the names of their functions begin with."""

    def __init__(self, **settings: Any) -> None:
        stubs = {name: TyperCommand(name, help=text) for name, text in self.table.items()}
        super().__init__(**(settings | {"commands": stubs}))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, stub, rest = super().resolve_command(ctx, args)
        return name, stub if name is None else self.load(name), rest

    def load(self, name: str) -> Any:
        """The real command in place of its stub."""
        command = load_command(name, self.group)
        command.name = name
        return command


def load_command(name: str, group: str = "") -> Any:
    """Import a command and make it callable by the group."""
    path, called = (f"{group}.{name}", f"{group}_{name}") if group else (name, name)
    module = importlib.import_module(f"pointsman.cli.{path}")
    if hasattr(module, "__path__"):
        module = importlib.import_module(f"{module.__name__}.{name}")
    app: typer.Typer | None = getattr(module, f"{called}_app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(name)(getattr(module, called))
    command = typer.main.get_command(app)
    command.name = name
    return command
