"""Small models to test with, priced in round numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

from pointsman.catalog import Capabilities, Model, PriceList, Rates

M = 1_000_000
"""One US dollar per million tokens, in 10⁻¹² USD per token."""

SINCE = date(2000, 1, 1)


def a_model(name: str = "m", **fields: Any) -> Model:
    """A model at $1 in and $4 out per million tokens, unless told otherwise."""
    given: dict[str, Any] = {
        "id": name,
        "provider": "acme",
        "aliases": (),
        "status": "active",
        "context_window": 1000,
        "max_input": None,
        "max_output": 100,
        "capabilities": Capabilities(),
        "prices": (PriceList(SINCE, Rates(input=M, output=4 * M)),),
    }
    return Model(**(given | fields))
