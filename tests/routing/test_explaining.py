from __future__ import annotations

from math import sqrt

import pytest

from pointsman.routing.explaining import named
from pointsman.routing.features import featurise
from pointsman.routing.sample import Sample
from pointsman.routing.scorer import Scorer
from pointsman.routing.shape import SHAPE
from tests.support.parts import head, route_table


def test_each_part_goes_by_its_name_in_the_text() -> None:
    sample = Sample("HARD, hard 17", route="r", tenant="t", system="s")
    route, tenant, system = featurise(sample).origin
    made = head(
        {"hard": -300},
        shape=tuple(0.5 if name == "tools" else 0.0 for name in SHAPE),
        origin={route: 0.1, tenant: 0.2, system: 0.3},
        routes={route: route_table({"hard": 100})},
    )
    found = dict(
        named(
            sample,
            Scorer(made, bytes(len(SHAPE)), b"\xff" * len(SHAPE)),
            bytes([5] * len(SHAPE)),
            (3.0,) * len(SHAPE),
            (route, tenant, system),
        )
    )
    assert found['"HARD"'] == pytest.approx(-2.0 / sqrt(3 + 3))
    assert found["tools"] == 1.0
    assert (found["route"], found["tenant"], found["system prompt"]) == (0.1, 0.2, 0.3)
    assert {'","', '"17"', '"HARD ,"', '", hard"', '"hard 17"'} < set(found)
    assert '"hard"' not in found
