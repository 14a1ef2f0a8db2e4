"""``pointsman cache``: what the answer cache of a running gateway has done, and how to empty it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from pointsman.gateway.cache_metrics import CacheView
    from pointsman.http1 import HttpRequest

cache_app = typer.Typer(
    help="See what the answer cache of a running gateway has done, and empty it.", no_args_is_help=True
)

Url = Annotated[
    str | None, typer.Option(help="The admin listener of the gateway. Default: that of the settings.")
]
Config = Annotated[Path | None, typer.Option(help="Settings file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
T = TypeVar("T")


@cache_app.command("stats")
def stats(url: Url = None, as_json: AsJson = False, config: Config = None) -> None:
    """Show hits, misses, what passed by and why, the memory taken, and what was saved."""
    import asyncio

    import msgspec

    from pointsman.gateway.cache_metrics import CacheView
    from pointsman.http1 import HttpRequest

    from .limits import usual_url

    base = url.rstrip("/") if url else usual_url(config)
    view = asyncio.run(_ask(base, HttpRequest("GET", f"{base}/cache"), CacheView))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(view)).decode())
        return
    for line in told(view):
        print(line)


@cache_app.command("purge")
def purge(
    model: Annotated[str | None, typer.Option(help="Only answers of this model.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only answers of this tenant.")] = None,
    older_than: Annotated[
        float | None, typer.Option(min=0.0, help="Only answers stored longer ago, in seconds.")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Forget answers: all of them, or those that every option given holds for."""
    import asyncio

    import msgspec

    from pointsman.gateway.cache_metrics import CachePurge, CachePurged
    from pointsman.http1 import HttpRequest

    from .limits import usual_url

    base = url.rstrip("/") if url else usual_url(config)
    which = msgspec.json.encode(CachePurge(model, tenant, older_than))
    request = HttpRequest("POST", f"{base}/cache/purge", (("content-type", "application/json"),), which)
    done = asyncio.run(_ask(base, request, CachePurged))
    print(msgspec.json.encode(done).decode() if as_json else f"{done.purged:,} answers forgotten.")


def told(view: CacheView) -> list[str]:
    """The lines for people."""
    looked = view.hits + view.misses
    rate = f"{view.hits / looked:.1%}" if looked else "no requests yet"
    rows = [
        ("hit rate", f"{rate} ({view.hits:,} hits, {view.misses:,} misses)"),
        ("saved", f"${view.saved_usd}, by what these answers had cost when they were made"),
        ("kept", f"{view.entries:,} answers in {view.bytes:,} of {view.max_bytes:,} bytes"),
        ("passed by", _reasons(view.bypassed)),
        ("not kept", _reasons(view.not_stored | ({"rejected": view.rejected} if view.rejected else {}))),
        ("gone", f"{view.evicted:,} evicted, {view.expired:,} expired"),
    ]
    return [f"{name:<10} {text}" for name, text in rows]


def _reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items())) or "none"


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
