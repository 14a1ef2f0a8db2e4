"""The article's tables of money beside the right figures. Pure: catalog and moment in, tables out."""

from __future__ import annotations

from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.catalog import Catalog
from pointsman.cli.models.report import new_table
from pointsman.costs import PicoUsd, article, format_usd
from pointsman.costs.roi import Roi

from .report import comparison_data, dollars, percent, reaching, target_data


def article_tables(catalog: Catalog, now_us: int, today: date) -> RenderableType:
    """Its table of prices, its example of a month, its program, and the mixes that keep what it promises."""
    right, now = article.at_own_prices(), article.at_todays_prices(catalog, now_us)
    names = dict(zip(right_names(right), right_names(now), strict=True))
    better = article.at_own_prices(article.WITHOUT_LARGE)
    parts: list[RenderableType] = [
        Text("1,000 queries of 500 tokens in and 500 out, in US dollars", style="bold"),
        _prices(catalog, now_us),
        Text(),
        Text("1,000,000 calls a month of 600 tokens in and 400 out, in US dollars", style="bold"),
        Text("The mix: 60 % haiku-4, 30 % sonnet-4, 10 % opus-4; today in their place"),
        Text(", ".join(names[name] for name in article.MIX)),
        _month(right, now),
        Text(),
        Text(_program()),
    ]
    for title, roi, shares in (
        ("At the article's prices", right, article.MIX),
        (f"With the models of {today}", now, {names[name]: share for name, share in article.MIX.items()}),
    ):
        parts += [Text(), Text(title, style="bold cyan")]
        for target in article.PROMISED:
            parts += reaching(roi, shares, target)
        if roi is right:
            parts.append(Text(f"  and without opus-4, 70 to 30: saves {percent(better.saving)}"))
    parts += [Text(), Text(_legend(today), style="dim")]
    return Group(*parts)


def right_names(roi: Roi) -> list[str]:
    """The models of the mix, in its order."""
    return [line.model for line in roi.lines]


def _prices(catalog: Catalog, now_us: int) -> Table:
    table = new_table("model")
    for name in ("printed", "right", "off by"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("today instead", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    for row in article.price_table(catalog, now_us):
        table.add_row(
            row.title,
            dollars(row.printed),
            dollars(row.right),
            _signed(row.printed - row.right),
            row.successor,
            dollars(row.today),
        )
    return table


def _month(right: Roi, now: Roi) -> Table:
    table = new_table("")
    for name in ("printed", "right", "off by", "today"):
        table.add_column(name, justify="right", no_wrap=True)
    for figure in article.figures(right, now):
        table.add_row(
            figure.name,
            dollars(figure.printed),
            dollars(figure.right),
            _signed(figure.printed - figure.right),
            dollars(figure.today),
        )
    table.add_row(
        "saving",
        percent(article.PRINTED_SAVING),
        percent(right.saving),
        "",
        percent(now.saving),
        style="bold",
    )
    return table


def _program() -> str:
    day = article.own_program()
    low, high = article.PROMISED
    return (
        f'Its program promises "{percent(low)[:-2]}-{percent(high)[:-2]}%": for its own 10,000 requests a day'
        f" it computes ${dollars(day.baseline_cost)} − ${dollars(day.cost)} = ${dollars(day.saved)},"
        f" {percent(day.saving)}, or ${dollars(365 * day.saved)} a year."
    )


def _legend(today: date) -> str:
    return (
        "printed: what the article prints. right: what its own prices come to. today: the successors of its"
        f" models at their list prices of {today}, at peak hours where those count, without a prompt cache."
        " What a mix costs is not how well it answers: for that see pointsman route."
    )


def _signed(amount: PicoUsd) -> str:
    return f"+{dollars(amount)}" if amount > 0 else dollars(amount)


def article_data(catalog: Catalog, now_us: int) -> dict[str, Any]:
    """For ``--json``."""
    right, now = article.at_own_prices(), article.at_todays_prices(catalog, now_us)
    today_shares = dict(zip(right_names(now), article.MIX.values(), strict=True))
    day, better = article.own_program(), article.at_own_prices(article.WITHOUT_LARGE)
    return {
        "per_1k_queries": [
            {
                "model": row.title,
                "printed_usd": format_usd(row.printed),
                "right_usd": format_usd(row.right),
                "difference_usd": format_usd(row.printed - row.right),
                "successor": row.successor,
                "today_usd": format_usd(row.today),
            }
            for row in article.price_table(catalog, now_us)
        ],
        "roi": {
            "figures": [
                {
                    "name": figure.name,
                    "printed_usd": format_usd(figure.printed),
                    "right_usd": format_usd(figure.right),
                    "difference_usd": format_usd(figure.printed - figure.right),
                    "today_usd": format_usd(figure.today),
                }
                for figure in article.figures(right, now)
            ],
            "printed_saving": float(article.PRINTED_SAVING),
            "right": comparison_data(right, article.MIX),
            "today": comparison_data(now, today_shares),
            "reaching": [target_data(right, article.MIX, target) for target in article.PROMISED],
            "reaching_today": [target_data(now, today_shares, target) for target in article.PROMISED],
            "without_large": comparison_data(better, article.WITHOUT_LARGE),
        },
        "estimate_savings": comparison_data(day, article.MIX)
        | {"calls": day.calls, "saved_in_365_days_usd": format_usd(365 * day.saved)},
    }
