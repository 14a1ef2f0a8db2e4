"""``pointsman route withdraw``: end the certificate of a route."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def route_withdraw(
    name: Annotated[str, typer.Argument(help="The route, NAME of auto.NAME.")],
    why: Annotated[str, typer.Option(help="What 'route status' shall tell of it.")] = "by hand",
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """End the certificate of a route: all its requests go to the baseline, within seconds."""
    from pointsman.cli.database import choose_database
    from pointsman.clock import SystemClock
    from pointsman.errors import NotFound
    from pointsman.routing.journal.sqlite import SqliteRouters

    store = SqliteRouters(choose_database(db, config), now_us=SystemClock().now_us)
    found = store.in_service().get(name)
    if found is None or not found.certificate_id:
        raise NotFound(f"No certificate is in service for a route {name}. See: pointsman route status")
    if store.withdraw(found.certificate_id, why):
        print(f"Withdrawn: {found.certificate_id}. Requests to this route go to its baseline.")
    else:
        print(f"{found.certificate_id} was withdrawn already; nothing has changed.")
