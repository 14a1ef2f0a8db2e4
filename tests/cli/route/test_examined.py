from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pointsman.cli.route.examined import examined
from pointsman.routing.evidence import Certificate, Refused
from tests.support.routing_files import write_labels, write_router

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(("least", "certified"), [(500, True), (601, False)])
def test_the_saving_is_that_of_what_is_certified(tmp_path: Path, least: int, certified: bool) -> None:
    found = examined(
        write_labels(tmp_path / "labels.jsonl", 600, seed=5),
        write_router(tmp_path / "router.bin", ("haiku", "opus")),
        NOW,
        trained_on=None,
        route=None,
        prices=None,
        ratio=None,
        resamples=0,
        min_labels=least,
    )
    made = found.certified
    if certified:
        assert isinstance(made, Certificate)
        assert found.saving["5"] == pytest.approx(made.shares[0] * 0.8)
        assert found.saving["18.75"] == pytest.approx(made.shares[0] * (1 - 1 / 18.75))
    else:
        assert isinstance(made, Refused)
        assert found.saving == {"5": 0.0, "18.75": 0.0}
