"""``tests/cli/route/test_status.py`` goes the whole way; here are the corners."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.cli.route.explaining import explain_prompt, prompt_of
from pointsman.config import load_settings
from pointsman.errors import InvalidRequest
from pointsman.gateway.auto.baselines import read_models
from pointsman.routing.sample import Sample
from tests.support.routed import LARGE, SMALL


@pytest.mark.parametrize(
    ("policy", "model", "reason"),
    [
        ("fixed", LARGE, "fixed"),
        ("cheapest", SMALL, "cheapest"),
        ("keywords", SMALL, "keywords"),
        ("learned", LARGE, "no_router"),
    ],
)
def test_each_policy(tmp_path: Path, policy: str, model: str, reason: str) -> None:
    models = read_models(load_settings({}, {"auto": {"x": {"policy": policy, "pool": [SMALL, LARGE]}}}))
    view = explain_prompt(
        models, models.autos["x"], tmp_path / "no.db", Sample("Who?"), None, lambda: 1_790_000_000_000_000
    )
    assert (view["model"], view["reason"], view["contributions"]) == (model, reason, None)
    assert view["models"][0]["expected_cost_usd"] is not None
    assert not (tmp_path / "no.db").exists()


def test_a_cascade_is_told_as_one(tmp_path: Path) -> None:
    given = {"policy": "cascade", "pool": [SMALL, LARGE], "cascade": {"accept": "schema"}}
    models = read_models(load_settings({}, {"auto": {"x": given}}))
    view = explain_prompt(
        models, models.autos["x"], tmp_path / "no.db", Sample("Who?"), None, lambda: 1_790_000_000_000_000
    )
    assert view["reason"] == "cascade"


def test_one_prompt_is_asked_for(tmp_path: Path) -> None:
    for text, file in ((None, None), ("a", tmp_path / "b"), (None, tmp_path / "gone")):
        with pytest.raises(InvalidRequest):
            prompt_of(text, file, route="x", tenant="")
    assert prompt_of("a", None, route="x", tenant="t") == Sample("a", route="x", tenant="t")
