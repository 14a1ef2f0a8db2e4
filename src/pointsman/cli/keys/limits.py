"""The options of ``pointsman keys`` that set limits."""

from __future__ import annotations

from typing import Annotated

import typer

Rpm = Annotated[int | None, typer.Option(help="Requests a minute.")]
InputTpm = Annotated[int | None, typer.Option(help="Prompt tokens a minute.")]
OutputTpm = Annotated[int | None, typer.Option(help="Answer tokens a minute.")]
Tpm = Annotated[int | None, typer.Option(help="Tokens a minute, prompt and answer together.")]
Concurrency = Annotated[int | None, typer.Option(help="Calls under way at once.")]
MaxWait = Annotated[
    float | None, typer.Option(help="Seconds that its requests wait at the most; 0 is never to wait.")
]
Weight = Annotated[
    float | None, typer.Option(help="Share where keys compete: twice the weight gets twice as much.")
]
Priority = Annotated[int | None, typer.Option(help="A higher one goes first among its requests.")]
Clear = Annotated[
    str,
    typer.Option(help="Limits to take away: rpm, tpm and so on, with commas between; or all."),
]


def limit_changes(clear: str = "", **given: float | None) -> dict[str, float | None]:
    """What to set, by the names of ``KeyLimits``: what was given, and the defaults of what is to be cleared.

    Raises:
        InvalidRequest: something to be cleared is no limit, or is set at the same time.
    """
    import msgspec

    from pointsman.errors import InvalidRequest
    from pointsman.keys import LIMIT_NAMES, NO_LIMITS

    changes: dict[str, float | None] = {name: value for name, value in given.items() if value is not None}
    words = [word.strip().replace("-", "_") for word in clear.split(",") if word.strip()]
    defaults = msgspec.structs.asdict(NO_LIMITS)
    for word in words:
        if word != "all" and word not in defaults:
            raise InvalidRequest(
                f"There is no limit {word}: --clear takes {', '.join(LIMIT_NAMES)} or all.", param="clear"
            )
        if word in changes:
            raise InvalidRequest(f"{word} cannot be set and cleared at once.", param="clear")
    cleared = LIMIT_NAMES if "all" in words else words
    return {name: defaults[name] for name in cleared} | changes
