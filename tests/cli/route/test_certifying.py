from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pointsman.cli.route.certifying import imported_evidence
from pointsman.cli.route.labels import router_in
from pointsman.errors import InvalidRequest
from tests.support.routing_files import write_labels, write_router

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_labels_of_a_file_are_judged_and_come_with_terms(tmp_path: Path) -> None:
    judge = router_in(write_router(tmp_path / "router.bin"))
    found = imported_evidence(write_labels(tmp_path / "l.jsonl", 30, seed=1), None, judge, NOW, None, 5.0)
    assert len(found.points) == 30
    assert all(len(point.scores) == len(judge.models) for point in found.points)
    assert (found.floor, found.confidence, found.min_labels, found.days) == (0.98, 0.95, 500, 30.0)


def test_labels_of_other_models_are_refused_and_named(tmp_path: Path) -> None:
    labels = write_labels(tmp_path / "l.jsonl", 3, seed=1)
    other = tmp_path / "other.jsonl"
    other.write_text(labels.read_text().replace('"haiku"', '"gpt-6-luna"'))
    judge = router_in(write_router(tmp_path / "router.bin"))
    with pytest.raises(InvalidRequest, match=r"No label is of haiku\. There are labels of: gpt-6-luna, "):
        imported_evidence(other, None, judge, NOW, None, None)
