"""``pointsman limits``: how the limits of a running gateway stand, and who waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pointsman.http1 import Transport
    from pointsman.limits.values.view import LimitsView

EVERY = 1.0
"""Seconds between two looks."""


def limits(
    watch: Annotated[bool, typer.Option("--watch", help="Look again every second, until Ctrl-C.")] = False,
    url: Annotated[
        str | None, typer.Option(help="The admin listener of the gateway. Default: that of the settings.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; with --watch one line for each look.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Show each limit of a running gateway live: used, held, queued, and where it was learned."""
    import asyncio

    base = url.rstrip("/") if url else usual_url(config)
    if watch:
        asyncio.run(_watch(base, as_json))
    else:
        _print(asyncio.run(_once(base)), as_json)


def usual_url(config: Path | None) -> str:
    """The admin listener of the settings."""
    from pointsman.cli.environment import read_context

    server = read_context(config).settings.server
    host = f"[{server.admin_host}]" if ":" in server.admin_host else server.admin_host
    return f"http://{host}:{server.admin_port}"


async def _once(base: str) -> LimitsView:
    from pointsman.http1 import Http1Transport

    transport = Http1Transport()
    try:
        return await look(base, transport)
    finally:
        await transport.close()


async def look(base: str, transport: Transport) -> LimitsView:
    """Ask a gateway once.

    Raises:
        UpstreamUnreachable: nobody answers there, or somebody else does.
    """
    import msgspec

    from pointsman.errors import PointsmanError, UpstreamUnreachable
    from pointsman.http1 import HttpRequest, Timeouts
    from pointsman.limits.values.view import LimitsView

    try:
        timeouts = Timeouts(connect=2.0, first_byte=5.0, idle=5.0, total=10.0)
        response = await transport.send(HttpRequest("GET", f"{base}/limits"), timeouts)
        body = await response.read()
    except PointsmanError as error:
        raise UpstreamUnreachable(
            f"No gateway answers at {base}. Start one with 'pointsman serve', or name its admin listener with"
            " --url."
        ) from error
    try:
        if response.status == 200:
            return msgspec.json.decode(body, type=LimitsView)
    except msgspec.DecodeError:
        pass
    raise UpstreamUnreachable(
        f"What answers at {base} is no admin listener that tells its limits (status {response.status}). The"
        " admin listener's port is server.admin_port, not server.port."
    )


async def _watch(base: str, as_json: bool) -> None:
    import asyncio

    from rich.console import Console
    from rich.live import Live

    from pointsman.http1 import Http1Transport

    from .report import report

    transport = Http1Transport()
    console = Console(highlight=False)

    def ask() -> Awaitable[LimitsView]:
        return look(base, transport)

    def complain(trouble: str) -> None:
        typer.echo(trouble, err=True)

    try:
        if as_json:
            await follow(ask, _print_line, complain, asyncio.sleep)
        elif not console.is_terminal:
            await follow(
                ask, lambda view: console.print(report(view, console.width)), complain, asyncio.sleep
            )
        else:
            with Live(console=console, auto_refresh=False, screen=True) as live:
                await follow(
                    ask,
                    lambda view: live.update(report(view, console.width), refresh=True),
                    lambda trouble: live.update(trouble, refresh=True),
                    asyncio.sleep,
                )
    finally:
        await transport.close()


async def follow(
    ask: Callable[[], Awaitable[LimitsView]],
    show: Callable[[LimitsView], object],
    complain: Callable[[str], object],
    sleep: Callable[[float], Awaitable[object]],
) -> None:
    """Look again and again, until cancelled. A gateway that is away is told and waited for."""
    from pointsman.errors import PointsmanError

    while True:
        try:
            show(await ask())
        except PointsmanError as error:
            complain(error.message)
        await sleep(EVERY)


def _print(view: LimitsView, as_json: bool) -> None:
    if as_json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(view)).decode())
        return
    from rich.console import Console

    from .report import report

    console = Console(highlight=False)
    console.print(report(view, console.width))


def _print_line(view: LimitsView) -> None:
    import msgspec

    print(msgspec.json.encode(view).decode(), flush=True)
