"""``pointsman serve``: run the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    config: Annotated[
        Path | None, typer.Option(help="Settings file; pointsman.toml here unless told.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one.  [default: 8080]")
    ] = None,
    admin_port: Annotated[
        int | None, typer.Option(help="Port of health and metrics; 0 takes a free one.  [default: 8081]")
    ] = None,
) -> None:
    """Run the gateway. Without any key in the environment it runs on simulated providers, and says so."""
    from pointsman.cli.environment import read_context
    from pointsman.cli.running import run_gateway

    run_gateway(
        read_context(config, {"server.host": host, "server.port": port, "server.admin_port": admin_port})
    )
