"""``pointsman simulate``: run simulated providers to develop against."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class PaceChoice(StrEnum):
    real = "real"
    none = "none"


class WindowChoice(StrEnum):
    bucket = "bucket"
    rolling = "rolling"


class HeadersChoice(StrEnum):
    on = "on"
    off = "off"
    no_limits = "no-limits"


class Switch(StrEnum):
    on = "on"
    off = "off"


def simulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)
    ] = 9000,
    seed: Annotated[int, typer.Option(help="Equal seeds and requests give equal answers.")] = 0,
    replay: Annotated[Path | None, typer.Option(help="JSONL of recorded answers (.gz too).")] = None,
    skills: Annotated[
        Path | None, typer.Option(help="TOML of what models are good at: of exercises only.")
    ] = None,
    faults: Annotated[
        str, typer.Option(help="What fails and how often, as in 429:0.02,reset:0.01:after=5.")
    ] = "",
    rpm: Annotated[int | None, typer.Option(help="Requests a minute for each model.", min=1)] = None,
    tpm: Annotated[int | None, typer.Option(help="Tokens a minute for each model.", min=1)] = None,
    input_tpm: Annotated[
        int | None, typer.Option(help="Tokens of prompts a minute for each model.", min=1)
    ] = None,
    output_tpm: Annotated[
        int | None, typer.Option(help="Tokens of answers a minute for each model.", min=1)
    ] = None,
    concurrency: Annotated[int | None, typer.Option(help="Calls at a time for each model.", min=1)] = None,
    account_rpm: Annotated[
        int | None, typer.Option(help="Requests a minute for all models of a provider together.", min=1)
    ] = None,
    account_tpm: Annotated[
        int | None, typer.Option(help="Tokens a minute for all models of a provider together.", min=1)
    ] = None,
    window: Annotated[
        WindowChoice,
        typer.Option(help="Limits refill evenly, or hold for any 60 seconds (OpenAI's dialect)."),
    ] = WindowChoice.bucket,
    count_refused: Annotated[
        Switch, typer.Option(help="At openai, a request over a limit counts against --rpm.")
    ] = Switch.on,
    limit_headers: Annotated[
        HeadersChoice, typer.Option(help="Send the headers of limits; no-limits: only what is left of them.")
    ] = HeadersChoice.on,
    retry_after: Annotated[Switch, typer.Option(help="429s say how long to wait.")] = Switch.on,
    pace: Annotated[PaceChoice, typer.Option(help="Answer as fast as the real models, or at once.")] = (
        PaceChoice.real
    ),
    speed: Annotated[float, typer.Option(help="Divide all waiting by this.", min=0.001)] = 1.0,
) -> None:
    """Run simulated providers to develop against."""
    from pointsman.simulator import Config, app, parse_faults, read_replay, read_skills
    from pointsman.simulator.paths import BASES
    from pointsman.simulator.server import run

    config = Config(
        seed=seed,
        faults=parse_faults(faults),
        rpm=rpm,
        tpm=tpm,
        input_tpm=input_tpm,
        output_tpm=output_tpm,
        concurrency=concurrency,
        account_rpm=account_rpm,
        account_tpm=account_tpm,
        window=window.value,
        count_refused=count_refused is Switch.on,
        limit_headers=limit_headers.value,
        retry_after=retry_after is Switch.on,
        pace=pace.value,
        speed=speed,
        replay=None if replay is None else read_replay(replay),
        skills=None if skills is None else read_skills(skills),
    )

    def ready(address: str) -> None:
        bases = " ".join(address + base for _, base in BASES)
        print(f"Simulated providers are ready: {bases} (invoice: {address}/invoice)", flush=True)

    run(app(config), host, port, ready)
