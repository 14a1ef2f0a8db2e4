"""``pointsman route install``: put a router and its certificate in service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def route_install(
    name: Annotated[str, typer.Argument(help="The route, NAME of auto.NAME.")],
    router: Annotated[Path | None, typer.Option(help="A router that 'route train' has made.")] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="A certificate that 'route certify' has made.")
    ] = None,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Put a router, a certificate or both in service. A running gateway sees it within seconds."""
    from pointsman.cli.database import choose_database
    from pointsman.cli.environment import read_context
    from pointsman.clock import SystemClock
    from pointsman.gateway.auto.baselines import read_models
    from pointsman.routing.journal.sqlite import SqliteRouters

    from .facts import the_auto
    from .installing import install, service_text

    clock = SystemClock()
    auto = the_auto(read_models(read_context(config).settings).autos, name)
    store = SqliteRouters(choose_database(db, config), now_us=clock.now_us)
    before = store.in_service().get(name)
    why_not = install(store, auto, router, certificate, clock.now_us())
    print(*service_text(auto, why_not), sep="\n")
    was = None if certificate is None or before is None else before.withdrawn
    same = before is not None and store.in_service()[name].certificate_id == before.certificate_id
    if was is not None and same:
        print(f"It was withdrawn before: {was.why} Unless that is over, certify on new labels.")
