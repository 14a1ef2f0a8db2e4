"""``pointsman route certify``: what a router is shown to keep of the baseline's quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pointsman.errors import InvalidRequest


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
    from pointsman.routing.evidence import Certificate, certify, encode_certificate, point_of
    from pointsman.routing.evidence.certificate_text import certificate_text, refusal_text
    from pointsman.routing.tuning import LEAST_FAMILIARITY

    from .route_gathered import RoutePlace, held_back
    from .route_installing import check_pool, put_in_service, service_text
    from .route_labels import graded_in, priced, router_in

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
    terms: tuple[float, float, int, float] = (0.98, 0.95, 500, 30)
    least = LEAST_FAMILIARITY
    if labels is not None:
        prompts = [one for one in graded_in(labels, route) if one.has(judge.models)]
        found = priced(prompts, judge.models, now, prices, price_ratio)
        words = found.words
        points = [
            point_of(one, judge.judge(one.sample), judge.models, costs, "import")
            for one, costs in zip(prompts, found.costs, strict=True)
        ]
    else:
        assert place is not None, "there is a route where there is no file"
        given = place.auto.settings
        terms = given.floor, given.confidence, given.min_labels, given.certificate_days
        points, least, words = held_back(place, judge, clock.today())
    made = certify(
        points,
        pool=judge.models,
        router=judge.digest,
        now=now,
        floor=terms[0] if floor is None else floor,
        confidence=terms[1] if confidence is None else confidence,
        min_labels=terms[2] if min_labels is None else min_labels,
        min_familiarity=least if min_familiarity is None else min_familiarity,
        route=route or "",
        days=terms[3] if days is None else days,
        prices=words,
    )
    certified = isinstance(made, Certificate)
    if isinstance(made, Certificate):
        if out is not None:
            try:
                out.write_bytes(encode_certificate(made))
            except OSError as error:
                raise InvalidRequest(
                    f"The certificate cannot be written to {out}: {error.strerror}.", param="out"
                ) from error
        lines = certificate_text(made)
    else:
        lines = refusal_text(made, judge.models[-1])
    console = Console(highlight=False, stderr=as_json)
    if as_json:
        data = {"certified": certified, **msgspec.to_builtins(made)}
        print(msgspec.json.format(msgspec.json.encode(data)).decode())
        lines = []
    elif certified and out is not None:
        lines = [*lines, f"Written to {out}."]
    if isinstance(made, Certificate) and install and place is not None:
        why_not = put_in_service(place.store, place.auto, judge, made, clock.now_us())
        lines = [*lines, *service_text(place.auto, why_not)]
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
