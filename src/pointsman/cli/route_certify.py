"""``pointsman route certify``: what a router is shown to keep of the baseline's quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def route_certify(
    labels: Annotated[
        Path, typer.Argument(help="Labels that the router was not trained on: a file of JSON lines.")
    ],
    router: Annotated[Path, typer.Option(help="The router to certify.")],
    floor: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share of the baseline's quality that must be kept.")
    ] = 0.98,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.9999, help="With which it must be shown to be kept.")
    ] = 0.95,
    route: Annotated[
        str | None, typer.Option(help="Only the labels of this route, and a certificate for it.")
    ] = None,
    min_labels: Annotated[
        int, typer.Option(min=1, help="Labelled prompts below which nothing is certified.")
    ] = 500,
    min_familiarity: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Prompts less familiar than this go to the baseline.")
    ] = 0.0,
    days: Annotated[float, typer.Option(min=0.01, help="Until the certificate expires.")] = 30,
    prices: Annotated[
        Path | None,
        typer.Option(help='Prices: JSON, {"MODEL": {"input": 3, "output": 15}}, USD for a million tokens.'),
    ] = None,
    price_ratio: Annotated[
        float | None,
        typer.Option(
            min=1.0,
            help="What the baseline costs, if the weakest model costs 1. Default: the catalog's prices.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the certificate here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Certify what a router keeps of the baseline's quality.

    Where nothing can be, it says why; it exits with 1 if a certificate was to be written.
    """
    from datetime import UTC, datetime

    import msgspec
    from rich.console import Console

    from pointsman.clock import SystemClock
    from pointsman.routing.evidence import Certificate, certify, encode_certificate, point_of
    from pointsman.routing.evidence.certificate_text import certificate_text, refusal_text

    from .route_labels import graded_in, priced, router_in

    judge = router_in(router)
    now = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)
    prompts = [one for one in graded_in(labels, route) if one.has(judge.models)]
    given = priced(prompts, judge.models, now, prices, price_ratio)
    made = certify(
        [
            point_of(one, judge.judge(one.sample), judge.models, costs, "import")
            for one, costs in zip(prompts, given.costs, strict=True)
        ],
        pool=judge.models,
        router=judge.digest,
        now=now,
        floor=floor,
        confidence=confidence,
        min_labels=min_labels,
        min_familiarity=min_familiarity,
        route=route or "",
        days=days,
        prices=given.words,
    )
    certified = isinstance(made, Certificate)
    if isinstance(made, Certificate):
        if out is not None:
            out.write_bytes(encode_certificate(made))
        lines = certificate_text(made)
    else:
        lines = refusal_text(made, judge.models[-1])
    if as_json:
        data = {"certified": certified, **msgspec.to_builtins(made)}
        print(msgspec.json.format(msgspec.json.encode(data)).decode())
    else:
        console = Console(highlight=False)
        for line in lines:
            console.print(line, soft_wrap=True, markup=False)
        if certified and out is not None:
            console.print(f"Written to {out}.", soft_wrap=True, markup=False)
    if not certified and out is not None:
        raise typer.Exit(1)
