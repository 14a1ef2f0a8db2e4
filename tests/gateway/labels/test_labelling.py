from __future__ import annotations

import pytest

from pointsman.config.auto_routes import configured_autos
from pointsman.config.names import Names
from pointsman.errors import ConfigurationError
from pointsman.gateway.labels.labelling import configured_graders
from pointsman.routing.labels.subprocess import Passed
from tests.support.gateway import Rig, packaged_catalog
from tests.support.shadowed import HAIKU, OPUS, route
from tests.support.stack import settings


def test_only_routes_that_grade_have_a_grader() -> None:
    given = settings(
        auto={
            "plain": {"pool": [HAIKU, OPUS]},
            "graded": {"pool": [HAIKU, OPUS], "grader": {"kind": "number"}},
        }
    )
    names = Names(packaged_catalog(), ["anthropic"], {})
    made = configured_graders(configured_autos(given, names), names, lambda code, tests: Passed(1, 1))
    assert list(made) == ["graded"]


def test_a_gateway_with_shadows_and_no_grader_does_not_start() -> None:
    with pytest.raises(ConfigurationError, match="shadows without a grader cost money and tell nothing"):
        Rig(given=route(grader={}))
