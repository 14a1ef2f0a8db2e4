"""``pointsman presets``: the named settings, used as a model's name: ``preset:code-generation``."""

from __future__ import annotations

from typing import Annotated

import typer


def presets(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the named settings for common kinds of work."""
    import msgspec
    from rich.console import Console

    from pointsman.catalog import load_catalog, load_presets
    from pointsman.clock import SystemClock

    from .report import preset_table

    found = list(load_presets().values())
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    console = Console(highlight=False)
    console.print(preset_table(found, load_catalog(), SystemClock().today(), console.width))
