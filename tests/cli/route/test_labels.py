from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pointsman.cli.route.labels import check_models, check_unseen, graded_in, priced, router_in
from pointsman.errors import ConfigurationError, InvalidRequest
from tests.support.routing_files import write_labels, write_router
from tests.support.routing_tables import MODELS

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_labels_of_a_route(tmp_path: Path) -> None:
    path = write_labels(tmp_path / "labels.jsonl", 10, seed=1, route="mail")
    assert len(graded_in(path)) == len(graded_in(path, "mail")) == 10
    with pytest.raises(InvalidRequest, match=r"is of route chat\. There are labels of: mail\."):
        graded_in(path, "chat")


def test_labels_that_name_no_route_are_none_of_a_route(tmp_path: Path) -> None:
    path = write_labels(tmp_path / "labels.jsonl", 2, seed=1)
    with pytest.raises(InvalidRequest, match="leave out --route"):
        graded_in(path, "chat")


def test_labels_of_other_models_are_told_from_too_few(tmp_path: Path) -> None:
    prompts = graded_in(write_labels(tmp_path / "labels.jsonl", 2, seed=1))
    check_models(prompts, MODELS)
    with pytest.raises(InvalidRequest, match=f"No label is of gpt or o3. There are labels of: {MODELS[0]}"):
        check_models(prompts, ("gpt", MODELS[0], "o3"))


def test_labels_that_a_router_was_trained_on_show_nothing_of_it(tmp_path: Path) -> None:
    judge = router_in(write_router(tmp_path / "router.bin"))
    check_unseen(graded_in(write_labels(tmp_path / "held.jsonl", 200, seed=5)), judge)
    with pytest.raises(InvalidRequest, match="600 of 600 that can be told"):
        check_unseen(graded_in(write_labels(tmp_path / "learned.jsonl", 600, seed=77)), judge)


def test_a_line_that_is_no_label_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"prompt": "x", "model": "a", "score": 2}\n')
    with pytest.raises(InvalidRequest, match=r"labels\.jsonl:1"):
        graded_in(path)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"labels .* cannot be read"):
        graded_in(tmp_path / "none")
    with pytest.raises(InvalidRequest, match="route train"):
        router_in(tmp_path / "none")
    with pytest.raises(InvalidRequest, match=r"prices .* cannot be read"):
        priced([], MODELS, NOW, tmp_path / "none", None)
    (tmp_path / "bad").write_bytes(b"no router")
    with pytest.raises(ConfigurationError):
        router_in(tmp_path / "bad")


def test_what_the_catalog_does_not_know_is_priced_at_a_ratio(tmp_path: Path) -> None:
    prompts = graded_in(write_labels(tmp_path / "labels.jsonl", 10, seed=1))
    assert priced(prompts, MODELS, NOW, None, None).words == "a price ratio of 5"
    assert priced(prompts, MODELS, NOW, None, 9.0).costs[0] == pytest.approx((1.0, 3.0, 9.0))
