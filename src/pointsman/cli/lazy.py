"""A command group that imports a command only when it is called.

``pointsman --help`` and one command need not pay for the imports of all the others, and a command whose
file cannot be imported does not take the others down with it.
"""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from pointsman.cli.commands import COMMANDS, CommandEntry


class LazyGroup(TyperGroup):
    """Lists every command from the table, and loads the one that is called."""

    def __init__(self, **settings: Any) -> None:
        stubs = {name: TyperCommand(name, help=entry.help) for name, entry in COMMANDS.items()}
        super().__init__(**(settings | {"commands": stubs}))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, stub, rest = super().resolve_command(ctx, args)
        return name, stub if name is None else load_command(name, COMMANDS[name]), rest


def load_command(name: str, entry: CommandEntry) -> Any:
    """Import a command and make it callable by the group."""
    module, _, attribute = entry.target.partition(":")
    target = getattr(importlib.import_module(module), attribute)
    if isinstance(target, typer.Typer):
        app = target
    else:
        app = typer.Typer(add_completion=False)
        app.command(name)(target)
    command = typer.main.get_command(app)
    command.name = name
    return command
