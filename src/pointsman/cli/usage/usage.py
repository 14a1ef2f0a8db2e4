"""``pointsman usage``: requests, tokens and money, from the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def usage(
    by: Annotated[
        str,
        typer.Option(
            help="Columns to sum up by: model, key, day, tenant, provider, outcome; commas between."
        ),
    ] = "model",
    since: Annotated[
        str | None, typer.Option(help="From when: 12h, 7d or 2w ago, today, or a date (UTC). Default: ever.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Up to before when. Default: now.")] = None,
    key: Annotated[str | None, typer.Option(help="Only requests with the key of this name or id.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only requests of this tenant.")] = None,
    model: Annotated[str | None, typer.Option(help="Only requests that this model answered.")] = None,
    request: Annotated[str | None, typer.Option(help="Show this one request with its attempts.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with exact costs.")] = False,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Report requests, tokens and cost by model, key or day. Days and dates are UTC."""
    import msgspec
    from rich.console import Console

    from pointsman.cli.database import choose_database
    from pointsman.clock import SystemClock
    from pointsman.errors import NotFound
    from pointsman.ledger import UsageQuery, total
    from pointsman.ledger.period import parse_moment
    from pointsman.ledger.report import FOREVER_US
    from pointsman.ledger.sqlite import SqliteReader

    from .report import entry_data, one_request, parse_groupings, row_data, table

    now_us = SystemClock().now_us()
    query = UsageQuery(
        since_us=0 if since is None else parse_moment(since, now_us, param="since"),
        until_us=FOREVER_US if until is None else parse_moment(until, now_us, param="until"),
        by=parse_groupings(by),
        key=key,
        tenant=tenant,
        model=model,
    )
    console = Console(highlight=False)
    reader = SqliteReader(choose_database(db, config))
    there = reader.exists()
    if request is not None:
        entry = reader.find(request) if there else None
        if entry is None:
            raise NotFound(f"The ledger {reader.path} has no request {request}.")
        if as_json:
            print(msgspec.json.format(msgspec.json.encode(entry_data(entry))).decode())
        else:
            console.print(one_request(entry))
        return
    rows = reader.report(query) if there else []
    sums = total(rows)
    if as_json:
        data = {"rows": [row_data(row) for row in rows], "total": row_data(sums)}
        print(msgspec.json.format(msgspec.json.encode(data)).decode())
    elif rows:
        console.print(table(rows, sums, query.by, console.width))
    elif there and reader.report(UsageQuery(by=())):
        console.print("No request fits. Ask for a longer time (--since) or for fewer conditions.")
    else:
        console.print(
            f"The ledger {reader.path} is empty. Start the gateway with 'pointsman serve' and send a request,"
            " or try 'pointsman demo'.",
            soft_wrap=True,
        )
    if there and (misfits := reader.misfits()) and not as_json:
        console.print(f"{misfits} requests did not fit the ledger's columns: see its table 'misfits'.")
