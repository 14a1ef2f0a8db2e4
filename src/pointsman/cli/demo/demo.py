"""``pointsman demo``: prompts, a burst over a provider's limit, a route that learns, a day asked again."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.acts import Act, Options

_FAULTS = "429:0.03:retry_after=0.3,529:0.04"


def demo(
    act: Annotated[
        Act | None,
        typer.Option(
            help="Play only this act: the prompts and what they cost, the burst over a provider's limit, "
            "the route that learns where a cheaper model is good enough, or the day of questions that were "
            "asked before."
        ),
    ] = None,
    concurrency: Annotated[int, typer.Option(help="Requests under way at once.", min=1, max=256)] = 16,
    limit: Annotated[
        int | None,
        typer.Option(
            help="Send only the first so many prompts, no larger a burst, no more to learn from, and no "
            "more questions.",
            min=1,
        ),
    ] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Simulate all providers, whatever keys are set.")
    ] = False,
    speed: Annotated[
        float, typer.Option(help="Divide the simulated models' waiting by this.", min=0.001)
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal answers and faults.")] = 1,
    faults: Annotated[str, typer.Option(help="What fails at the simulated providers.")] = _FAULTS,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object in place of the table.")
    ] = False,
) -> None:
    """Show what prompts cost; a burst over a limit; a route that learns; a day of what was asked before."""
    from pointsman.cli.environment import read_context

    from .performance import perform

    acts = tuple(Act) if act is None else (act,)
    perform(read_context(), Options(acts, concurrency, limit, simulated, speed, seed, faults, json))
