"""``pointsman cache``: what the answer cache of a running gateway has done, and how to empty it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from .certify import cache_certify
from .explain import cache_explain

if TYPE_CHECKING:
    from pointsman.http1 import HttpRequest

cache_app = typer.Typer(
    help="See what the answer cache of a running gateway has done, and empty it.",
    invoke_without_command=True,
)

Url = Annotated[
    str | None, typer.Option(help="The admin listener of the gateway. Default: that of the settings.")
]
Config = Annotated[Path | None, typer.Option(help="Settings file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
T = TypeVar("T")


@cache_app.callback()
def cache(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        stats()


@cache_app.command("stats")
def stats(
    by: Annotated[
        Literal["route", "key"] | None,
        typer.Option(help="Sum up by route alone, or by key alone. Default: both, each by itself."),
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Show the hit rate by route and key, what was saved, what passed by and why, and the memory taken."""
    import asyncio

    import msgspec
    from rich.console import Console

    from pointsman.cli.limits.limits import usual_url
    from pointsman.gateway.cache.metrics import CacheView
    from pointsman.http1 import HttpRequest

    from .report import report, stats_data

    base = url.rstrip("/") if url else usual_url(config)
    view = asyncio.run(_ask(base, HttpRequest("GET", f"{base}/cache"), CacheView))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(stats_data(view, by))).decode())
    else:
        console = Console(highlight=False)
        console.print(report(view, by, console.width))


@cache_app.command("purge")
def purge(
    tag: Annotated[
        str | None, typer.Option(help="Only answers with this tag (their requests' x-pointsman-cache-tag).")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Only answers of this model.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only answers of this tenant.")] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Only answers stored longer ago than this: 90s, 30m, 2h, 7d.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    url: Url = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Forget answers: those that every option given holds for."""
    import asyncio

    import msgspec

    from pointsman.cli.limits.limits import usual_url
    from pointsman.gateway.cache.metrics import CachePurge, CachePurged
    from pointsman.http1 import HttpRequest

    from .report import purged, span

    which = CachePurge(model, tenant, span(older_than) if older_than else None, tag, everything).checked()
    base = url.rstrip("/") if url else usual_url(config)
    body = msgspec.json.encode(which)
    request = HttpRequest("POST", f"{base}/cache/purge", (("content-type", "application/json"),), body)
    done = asyncio.run(_ask(base, request, CachePurged))
    print(msgspec.json.encode(done).decode() if as_json else purged(done))
    if done.trouble:
        raise typer.Exit(1)


cache_app.command("explain")(cache_explain)
cache_app.command("certify")(cache_certify)


async def _ask(base: str, request: HttpRequest, kind: type[T]) -> T:
    """Ask a gateway once.

    Raises:
        UpstreamUnreachable: nobody answers there, or a gateway without a cache, or somebody else does.
    """
    import msgspec

    from pointsman.errors import PointsmanError, UpstreamUnreachable
    from pointsman.http1 import Http1Transport, Timeouts

    transport = Http1Transport()
    try:
        timeouts = Timeouts(connect=2.0, first_byte=5.0, idle=5.0, total=10.0)
        response = await transport.send(request, timeouts)
        body = await response.read()
    except PointsmanError as error:
        raise UpstreamUnreachable(
            f"No gateway answers at {base}. Start one with 'pointsman serve', or name its admin listener with"
            " --url."
        ) from error
    finally:
        await transport.close()
    try:
        if response.status == 200:
            return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        pass
    raise UpstreamUnreachable(
        f"What answers at {base} tells of no cache (status {response.status}). Is cache.enabled set there?"
        " The admin listener's port is server.admin_port, not server.port."
    )
