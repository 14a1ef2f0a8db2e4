"""``pointsman roi``: what calls cost on each model and on a mix, and which mixes save how much."""

from __future__ import annotations

from typing import Annotated

import typer


def roi(
    calls: Annotated[
        int | None, typer.Option(min=1, help="How many calls, of a month say. Default: 1000000.")
    ] = None,
    tokens_in: Annotated[
        int | None, typer.Option("--input", min=0, help="Prompt tokens of a call. Default: 600.")
    ] = None,
    tokens_out: Annotated[
        int | None, typer.Option("--output", min=0, help="Answer tokens of a call. Default: 400.")
    ] = None,
    mix: Annotated[
        str | None,
        typer.Option(
            help="Which models answer how much, by ids or aliases: opus-4=10,sonnet-4=30,haiku-4=60."
            " That one, the article's, is the default."
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="The model that saving is measured against. Default: sonnet-4 where it is in the mix, as in"
            " the article; else the dearest of the mix."
        ),
    ] = None,
    save: Annotated[str, typer.Option(help="Savings to find mixes for, in percent.")] = "40,60",
    with_article: Annotated[
        bool, typer.Option("--article", help="The article's tables too; alone they are shown anyway.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with exact costs.")] = False,
) -> None:
    """Compute what calls cost on each model and on a mix, and which mixes save 40 or 60 %."""
    import msgspec
    from rich.console import Console

    from pointsman.catalog import load_catalog
    from pointsman.cli.environment import read_context
    from pointsman.clock import SystemClock
    from pointsman.costs import article
    from pointsman.costs.roi import compare, parse_mix, parse_saving

    from .article import article_data, article_tables
    from .report import choose_baseline, prices_of, roi_data, roi_tables

    plain = all(given is None for given in (calls, tokens_in, tokens_out, mix, against))
    clock = SystemClock()
    now_us, today = clock.now_us(), clock.today()
    shares = article.MIX if mix is None else parse_mix(mix)
    targets = [parse_saving(part) for part in save.split(",") if part.strip()]
    default_in, default_out = article.ROI_TOKENS
    tokens = (
        default_in if tokens_in is None else tokens_in,
        default_out if tokens_out is None else tokens_out,
    )
    from pointsman.config.models import custom_models

    catalog = load_catalog(custom_models(read_context().settings.models))
    named = (*shares, against) if against is not None else tuple(shares)
    models, per_call = prices_of(catalog, named, tokens, now_us)
    baseline = against or choose_baseline(per_call)
    found = compare(article.ROI_CALLS if calls is None else calls, shares, per_call, baseline)
    console = Console(highlight=False)
    if as_json:
        data = roi_data(found, shares, tokens, targets, today)
        data["article"] = article_data(load_catalog(), now_us)
        print(msgspec.json.format(msgspec.json.encode(data)).decode())
        return
    if not plain or mix is not None:
        console.print(roi_tables(found, shares, tokens, targets, models, today))
    if plain or with_article:
        console.print(article_tables(load_catalog(), now_us, today))
