"""The table of commands: where each lives and what it does, in one line."""

from __future__ import annotations

from typing import NamedTuple


class CommandEntry(NamedTuple):
    """``target`` is ``module:name`` of a function, or of a typer app for a command with commands of its own."""

    target: str
    help: str


COMMANDS: dict[str, CommandEntry] = {
    "serve": CommandEntry("pointsman.cli.serve:serve", "Run the gateway."),
    "simulate": CommandEntry(
        "pointsman.cli.simulate:simulate", "Run simulated providers to develop against."
    ),
    "demo": CommandEntry(
        "pointsman.cli.demo:demo", "Send varied prompts through a gateway and show what they cost."
    ),
    "chat": CommandEntry("pointsman.cli.chat:chat", "Chat with a model in the terminal."),
    "keys": CommandEntry("pointsman.cli.keys:keys_app", "Create, list and revoke the keys that clients use."),
    "models": CommandEntry(
        "pointsman.cli.models:models", "List the models, their prices and what retires soon."
    ),
    "presets": CommandEntry(
        "pointsman.cli.presets:presets", "List the named settings for common kinds of work."
    ),
    "usage": CommandEntry(
        "pointsman.cli.usage:usage", "Report requests, tokens and cost by model, key or day."
    ),
    "doctor": CommandEntry("pointsman.cli.doctor:doctor", "Say what is configured, reachable and wrong."),
}
