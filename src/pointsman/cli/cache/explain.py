"""``pointsman cache explain``: how close two questions are, what each guard says, and what would happen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pointsman.caching.semantic.explained import Explained


def cache_explain(
    first: Annotated[str, typer.Argument(help="One question.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    route: Annotated[
        str | None, typer.Option(help="NAME of cache.semantic.NAME, whose vectors and certificate are used.")
    ] = None,
    vectors: Annotated[
        str | None,
        typer.Option(help='Without a route: "wordllama", "lexical" or "file:PATH". Default: wordllama.'),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0.01, max=1.0, help="In place of a certificate's.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Ask the gateway with this admin listener, with its vectors and certificate."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Say whether a question would be given the answer to another one, and why.

    Where the vectors are a provider's, the running gateway is asked, and what they cost is booked there.
    """
    import msgspec
    from rich.console import Console

    from pointsman.cli.limits.limits import usual_url
    from pointsman.errors import InvalidRequest

    from .comparing import compare_here, compare_there, place_of

    if route is not None and vectors is not None:
        raise InvalidRequest("A route has vectors of its own: leave out --vectors.", param="vectors")
    if url is not None:
        if route is None or threshold is not None:
            what = (
                "--threshold is for questions compared here" if threshold is not None else "say --route NAME"
            )
            raise InvalidRequest(f"With --url the gateway's own settings count: {what}.", param="route")
        compared = compare_there([(first, second)], route, url.rstrip("/"))
    else:
        place = None if route is None else place_of(route, config)
        source = vectors or ("wordllama" if place is None else place.settings.vectors)
        if place is not None and source.startswith("model:"):
            compared = compare_there([(first, second)], place.name, usual_url(config))
        else:
            loose = place is not None and place.settings.synonyms
            compared = compare_here([(first, second)], source, place, threshold, synonyms=loose)
    (told,) = compared.pairs
    if as_json:
        data = {"vectors": compared.vectors, **msgspec.to_builtins(told)}
        print(msgspec.json.format(msgspec.json.encode(data)).decode())
        return
    console = Console(highlight=False)
    for line in explanation(told, compared.vectors):
        console.print(line, soft_wrap=True, markup=False)


def explanation(told: Explained, vectors: str) -> list[str]:
    """Lines for people."""
    similarity = "unknown" if told.similarity is None else f"{told.similarity:.3f}"
    threshold = "none" if told.threshold is None else f"{told.threshold:g}"
    lines = [f"similarity {similarity} by {vectors}, threshold {threshold}"]
    for verdict in told.guards:
        seen = ""
        if verdict.left or verdict.right:
            seen = (
                verdict.left
                if verdict.left == verdict.right
                else f"{_or_none(verdict.left)} | {_or_none(verdict.right)}"
            )
        lines.append(f"  {'✓' if verdict.agrees else '✗'} {verdict.guard:<10} {seen}".rstrip())
    return [*lines, told.why]


def _or_none(seen: str) -> str:
    return seen or "nothing"
