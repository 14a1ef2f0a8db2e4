"""``pointsman chat``: talk with a model in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer


def chat(
    prompt: Annotated[
        str | None, typer.Argument(help="Ask just this, and leave. Without it: a talk.")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", "-m", help="Model, alias or preset.")
    ] = "preset:real-time-chat",
    system: Annotated[str | None, typer.Option("--system", "-s", help="Instructions for the model.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Most tokens of an answer.")] = None,
    temperature: Annotated[float | None, typer.Option(help="Sampling temperature.")] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            envvar="POINTSMAN_BASE_URL", help="A running gateway; without it the journey runs here."
        ),
    ] = None,
    key: Annotated[str | None, typer.Option(envvar="POINTSMAN_API_KEY", help="Key of that gateway.")] = None,
    simulator: Annotated[str | None, typer.Option(help="Address of a running simulator.")] = None,
    config: Annotated[str | None, typer.Option(help="Settings file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object an answer instead of text.")] = False,
) -> None:
    """Chat with a model, streamed. /new begins another talk, /bye ends it, Ctrl-C stops an answer."""
    from pointsman import Client

    from .conversation import Conversation

    with Client(base_url, key if base_url else None, config=config, simulator_url=simulator) as client:
        talk = Conversation(client, model, system=system, max_tokens=max_tokens, temperature=temperature)
        if prompt is not None:
            talk.ask(prompt, as_json=json)
        else:
            talk.run(as_json=json)
