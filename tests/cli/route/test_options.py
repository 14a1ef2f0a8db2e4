from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

from pointsman.cli.route import options as route_options
from pointsman.cli.route.certify import route_certify
from pointsman.cli.route.evaluate import route_evaluate
from pointsman.cli.route.report import route_report

SHARED = {id(value): name for name, value in vars(route_options).items() if hasattr(value, "__metadata__")}


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (route_evaluate, {"HeldBack", "TrainedOn", "MinLabels", "Prices", "PriceRatio", "Resamples"}),
        (route_report, {"HeldBack", "TrainedOn", "MinLabels", "Prices", "PriceRatio", "Resamples"}),
        (route_certify, {"Prices", "PriceRatio"}),
    ],
)
def test_commands_share_what_means_the_same(command: Callable[..., Any], names: set[str]) -> None:
    hints = get_type_hints(command, include_extras=True)
    assert {SHARED[id(hint)] for hint in hints.values() if id(hint) in SHARED} == names


def test_what_is_shared_has_the_same_default_everywhere() -> None:
    evaluate, report = (inspect.signature(command).parameters for command in (route_evaluate, route_report))
    for name in ("trained_on", "min_labels", "prices", "price_ratio", "resamples"):
        assert evaluate[name].default == report[name].default
