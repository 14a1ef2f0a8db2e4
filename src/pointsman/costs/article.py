"""The figures about money of the article that Pointsman began with, and what its own prices come to.

Source: its sections "Cost Optimization Strategy" (the constants ``PRICING`` and ``estimate_savings``) and
"Pricing and ROI Analysis" (the table of prices, and the example). Its figures stand here as they are printed.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from pointsman.catalog import Catalog, successor_of

from .compare import list_price
from .money import PER_USD, PicoUsd
from .roi import Roi, Shares, compare

_PER_TOKEN = PER_USD // 1_000_000
_CENTI = PER_USD // 100


class ArticleModel(msgspec.Struct, frozen=True):
    """A row of its table of prices."""

    title: str
    name: str
    """In our catalog."""
    input_cents: int
    """US cents per million tokens."""
    output_cents: int
    printed_per_1k: PicoUsd
    """What it prints for 1,000 queries of 500 tokens in and 500 out."""

    def per_call(self, tokens_in: int, tokens_out: int) -> PicoUsd:
        """At the prices that the article names."""
        return (tokens_in * self.input_cents + tokens_out * self.output_cents) * _PER_TOKEN // 100


MODELS = (
    ArticleModel("Claude Opus 4", "opus-4", 1500, 7500, 1850 * _CENTI),
    ArticleModel("Claude Sonnet 4", "sonnet-4", 300, 1500, 420 * _CENTI),
    ArticleModel("Claude Haiku 4", "haiku-4", 80, 400, 115 * _CENTI),
    ArticleModel("DeepSeek V3.2", "deepseek-v3.2", 14, 42, 18 * _CENTI),
    ArticleModel("Gemini 2.5 Flash", "gemini-2.5-flash", 35, 250, 85 * _CENTI),
)

BASELINE = "sonnet-4"
MIX = {"haiku-4": Fraction(60, 100), "sonnet-4": Fraction(30, 100), "opus-4": Fraction(10, 100)}
WITHOUT_LARGE = {"haiku-4": Fraction(70, 100), "sonnet-4": Fraction(30, 100)}
"""A mix that keeps what the article promises of its own."""

PROMISED = (Fraction(40, 100), Fraction(60, 100))
""""Achieves 40-60% cost reduction through smart request routing"."""

TABLE_QUERIES, TABLE_TOKENS = 1_000, (500, 500)
ROI_CALLS, ROI_TOKENS = 1_000_000, (600, 400)
PROGRAM_CALLS, PROGRAM_TOKENS = 10_000, (500, 300)
"""What ``estimate_savings`` is called with, once a day."""

PRINTED_BASELINE = 4_200 * PER_USD
PRINTED_MIX = 1_890 * PER_USD
PRINTED_SAVED = 2_310 * PER_USD
PRINTED_SAVING = Fraction(55, 100)
PRINTED_YEAR = 27_720 * PER_USD


class PriceRow(msgspec.Struct, frozen=True):
    """A model of the table of prices: 1,000 queries of 500 tokens in and 500 out."""

    title: str
    printed: PicoUsd
    right: PicoUsd
    """At the article's own prices."""
    successor: str
    """The model of today in its place."""
    today: PicoUsd
    """At that one's prices."""


class Figure(msgspec.Struct, frozen=True):
    """One figure of the example, as money."""

    name: str
    printed: PicoUsd
    right: PicoUsd
    today: PicoUsd


def _own(tokens: tuple[int, int]) -> dict[str, PicoUsd]:
    return {model.name: model.per_call(*tokens) for model in MODELS}


def price_table(catalog: Catalog, at_us: int) -> tuple[PriceRow, ...]:
    """The article's table of prices.

    Raises:
        UnpricedUsage: the catalog has no price for a model of today.
    """
    rows = []
    for model in MODELS:
        successor = successor_of(catalog, model.name)
        rows.append(
            PriceRow(
                title=model.title,
                printed=model.printed_per_1k,
                right=TABLE_QUERIES * model.per_call(*TABLE_TOKENS),
                successor=successor.id,
                today=TABLE_QUERIES * list_price(successor, *TABLE_TOKENS, at_us),
            )
        )
    return tuple(rows)


def at_own_prices(shares: Shares = MIX) -> Roi:
    """The article's example, "ROI Calculation", at its own prices."""
    return compare(ROI_CALLS, shares, _own(ROI_TOKENS), BASELINE)


def own_program() -> Roi:
    """What its ``estimate_savings`` is called with: a day of 10,000 requests."""
    return compare(PROGRAM_CALLS, MIX, _own(PROGRAM_TOKENS), BASELINE)


def at_todays_prices(catalog: Catalog, at_us: int) -> Roi:
    """The example with the models of today in place of its three.

    Raises:
        UnpricedUsage: the catalog has no price for one of them.
    """
    names = {name: successor_of(catalog, name) for name in MIX}
    costs = {model.id: list_price(model, *ROI_TOKENS, at_us) for model in names.values()}
    shares = {names[name].id: share for name, share in MIX.items()}
    return compare(ROI_CALLS, shares, costs, names[BASELINE].id)


def figures(right: Roi, today: Roi) -> tuple[Figure, ...]:
    """The money of the example: printed, right, and of today."""
    return (
        Figure(
            "all at the middle model, a month", PRINTED_BASELINE, right.baseline_cost, today.baseline_cost
        ),
        Figure("the mix, a month", PRINTED_MIX, right.cost, today.cost),
        Figure("saved a month", PRINTED_SAVED, right.saved, today.saved),
        Figure("saved a year", PRINTED_YEAR, 12 * right.saved, 12 * today.saved),
    )
