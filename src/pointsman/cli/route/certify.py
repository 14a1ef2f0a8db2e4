"""``pointsman route certify``: what a router is shown to keep of the baseline's quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pointsman.errors import InvalidRequest

from .options import PriceRatio, Prices


def route_certify(
    labels: Annotated[
        Path | None,
        typer.Argument(
            help="Labels that the router was not trained on: a file of JSON lines. Default: the half that"
            " 'route train --route' holds back of what the gateway gathered."
        ),
    ] = None,
    router: Annotated[
        Path | None, typer.Option(help="The router to certify. Default: that in service for --route.")
    ] = None,
    floor: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1.0,
            help="Share of the baseline's quality that must be kept. Default: 0.98, or the route's without"
            " a file.",
        ),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=0.9999,
            help="With which it must be shown to be kept. Default: 0.95, or the route's without a file.",
        ),
    ] = None,
    route: Annotated[
        str | None,
        typer.Option(help="Only the labels of this route, NAME of auto.NAME, and a certificate for it."),
    ] = None,
    min_labels: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Labelled prompts below which nothing is certified. Default: 500, or the route's without"
            " a file.",
        ),
    ] = None,
    min_familiarity: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Prompts less familiar than this go to the baseline. Default: 0.01, or as 'route tune'"
            " without a file.",
        ),
    ] = None,
    days: Annotated[
        float | None,
        typer.Option(
            min=0.01, help="Until the certificate expires. Default: 30, or the route's without a file."
        ),
    ] = None,
    prices: Prices = None,
    price_ratio: PriceRatio = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the certificate here.")] = None,
    install: Annotated[
        bool,
        typer.Option("--install", help="If certified, put both in service for --route."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Certify what a router keeps of the baseline's quality.

    Where nothing can be, it says why; it exits with 1 if a certificate was to be written or put in service.
    """
    from datetime import UTC, datetime

    import msgspec
    from rich.console import Console

    from pointsman.clock import SystemClock
    from pointsman.routing.evidence import Certificate, certify
    from pointsman.routing.evidence.certificate_text import certificate_text, refusal_text

    from .certifying import gathered_evidence, imported_evidence, write_certificate
    from .gathered import RoutePlace
    from .installing import check_pool, put_in_service, service_text
    from .labels import router_in

    check_what(labels, router, route, priced=prices is not None or price_ratio is not None, install=install)
    clock = SystemClock()
    now = datetime.fromtimestamp(clock.now_us() / 1e6, UTC)
    place = None
    if route is not None and (install or labels is None or router is None):
        place = RoutePlace(route, db, config, clock.now_us)
    if router is not None:
        judge = router_in(router)
    else:
        assert place is not None, "there is a route where there is no router"
        judge = place.router_in_service()
    if place is not None:
        check_pool("router", judge.models, place.auto)
    if labels is not None:
        evidence = imported_evidence(labels, route, judge, now, prices, price_ratio)
    else:
        assert place is not None, "there is a route where there is no file"
        evidence = gathered_evidence(place, judge, clock.today())
    made = certify(
        evidence.points,
        pool=judge.models,
        router=judge.digest,
        now=now,
        floor=evidence.floor if floor is None else floor,
        confidence=evidence.confidence if confidence is None else confidence,
        min_labels=evidence.min_labels if min_labels is None else min_labels,
        min_familiarity=evidence.least if min_familiarity is None else min_familiarity,
        route=route or "",
        days=evidence.days if days is None else days,
        prices=evidence.prices,
    )
    certified = isinstance(made, Certificate)
    lines = certificate_text(made) if isinstance(made, Certificate) else refusal_text(made, judge.models[-1])
    if isinstance(made, Certificate) and out is not None:
        write_certificate(out, made)
        lines.append(f"Written to {out}.")
    if as_json:
        data = {"certified": certified, **msgspec.to_builtins(made)}
        print(msgspec.json.format(msgspec.json.encode(data)).decode())
        lines = []
    if isinstance(made, Certificate) and install and place is not None:
        why_not = put_in_service(place.store, place.auto, judge, made, clock.now_us())
        lines += service_text(place.auto, why_not)
    console = Console(highlight=False, stderr=as_json)
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)
    if not certified and (out is not None or install):
        raise typer.Exit(1)


def check_what(
    labels: Path | None, router: Path | None, route: str | None, *, priced: bool, install: bool
) -> None:
    """Raises InvalidRequest unless it is said what to certify, on what, and where to install it."""
    if labels is None and route is None:
        raise InvalidRequest(
            "Say what to certify on: LABELS, a file; or --route NAME, for what its gateway gathered.",
            param="labels",
        )
    if route is None and (router is None or install):
        missing = "--router FILE" if router is None else "for which route to install it: --route NAME"
        raise InvalidRequest(f"Say {'what to certify: ' * (router is None)}{missing}.", param="router")
    if labels is None and priced:
        raise InvalidRequest(
            "Without a file the prices are the catalog's: leave out --prices and --price-ratio.",
            param="prices",
        )
