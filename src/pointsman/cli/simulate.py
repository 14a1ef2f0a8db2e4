"""``pointsman simulate``: run simulated providers to develop against."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class PaceChoice(StrEnum):
    real = "real"
    none = "none"


def simulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)
    ] = 9000,
    seed: Annotated[int, typer.Option(help="Equal seeds and requests give equal answers.")] = 0,
    replay: Annotated[Path | None, typer.Option(help="JSONL of recorded answers (.gz too).")] = None,
    faults: Annotated[
        str, typer.Option(help="What fails and how often, as in 429:0.02,reset:0.01:after=5.")
    ] = "",
    rpm: Annotated[int | None, typer.Option(help="Requests a minute for each model.", min=1)] = None,
    tpm: Annotated[int | None, typer.Option(help="Tokens a minute for each model.", min=1)] = None,
    pace: Annotated[PaceChoice, typer.Option(help="Answer as fast as the real models, or at once.")] = (
        PaceChoice.real
    ),
    speed: Annotated[float, typer.Option(help="Divide all waiting by this.", min=0.001)] = 1.0,
) -> None:
    """Run simulated providers to develop against."""
    from pointsman.simulator import Config, app, parse_faults, read_replay
    from pointsman.simulator.paths import BASES
    from pointsman.simulator.server import run

    config = Config(
        seed=seed,
        faults=parse_faults(faults),
        rpm=rpm,
        tpm=tpm,
        pace=pace.value,
        speed=speed,
        replay=None if replay is None else read_replay(replay),
    )

    def ready(address: str) -> None:
        bases = " ".join(address + base for _, base in BASES)
        print(f"Simulated providers are ready: {bases} (invoice: {address}/invoice)", flush=True)

    run(app(config), host, port, ready)
