from __future__ import annotations

from typing import Any

import pytest

from pointsman.config import load_settings
from pointsman.errors import ConfigurationError


def test_a_table_is_read_with_its_inner_tables() -> None:
    given = {"policy": "cascade", "floor": 0.99, "shadow": {"share": 0.02}, "cascade": {"accept": "schema"}}
    auto = load_settings({}, {"auto": {"x": given}}).auto["x"]
    assert (auto.policy, auto.floor, auto.shadow.share, auto.cascade.accept) == (
        "cascade",
        0.99,
        0.02,
        "schema",
    )


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"floor": 0}, "auto.x.floor"),
        ({"floor": 1.1}, "auto.x.floor"),
        ({"confidence": 1}, "auto.x.confidence"),
        ({"policy": "random"}, "auto.x.policy"),
        ({"min_labels": 0}, "auto.x.min_labels"),
        ({"shadow": {"share": 2}}, "auto.x.shadow.share"),
        ({"cascade": {"samples": 1}}, "auto.x.cascade.samples"),
        ({"pools": []}, "auto.x.pools"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings({}, {"auto": {"x": given}})
    assert caught.value.param == path
