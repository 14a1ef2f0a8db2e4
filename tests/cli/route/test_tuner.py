"""What the command does with files is in test_route_tune.py; here is what it never gets to."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from pointsman.cli.environment import read_context
from pointsman.cli.route.tune_review import Review, traffic_of
from pointsman.cli.route.tuner import Trained, Tuner
from pointsman.costs.tally import Tally
from pointsman.errors import ConfigurationError, InvalidRequest
from pointsman.routing.evidence import Estimate, Refused
from pointsman.routing.pool_review import Beaten
from tests.support.clock import FakeClock
from tests.support.routed import LARGE, SMALL
from tests.support.tuned import NOW_US, an_auto

MIDDLE = "claude-sonnet-5-5"


def no_training(lessons: object, models: tuple[str, ...], seed: int) -> Trained:
    raise InvalidRequest("There are no labels.")


def a_tuner(folder: Path, settings: str) -> Tuner:
    file = folder / "pointsman.toml"
    file.write_text(settings)
    return Tuner(read_context(file), folder / "a.db", FakeClock(), since="1d", seed=0, train=no_training)


def a_review() -> Review:
    refused = Refused(reason="none", labels=0)
    beaten = Beaten(MIDDLE, LARGE, Estimate(0.1, 0.1, 0.1), 0.5, 60, True)
    traffic = traffic_of(Tally(), None, NOW_US)
    auto = an_auto(SMALL, MIDDLE, LARGE)
    return Review(auto, traffic, 0, None, "no_router", (beaten,), (), refused)


def test_nothing_is_installed_that_was_not_certified(tmp_path: Path) -> None:
    tuner = a_tuner(tmp_path, "")
    with pytest.raises(InvalidRequest, match="Nothing was certified"):
        tuner.install(a_review())
    assert not (tmp_path / "a.db").exists()


def test_a_pool_that_cannot_be_changed_is_not(tmp_path: Path) -> None:
    tuner = a_tuner(tmp_path, "")
    assert not tuner.can_write(a_review())
    with pytest.raises(ConfigurationError, match="can be changed safely"):
        tuner.write_pool(a_review())
    assert not tuner.can_write(replace(a_review(), beaten=()))
    assert tuner.pool_diff(replace(a_review(), beaten=())) == ""


def test_a_file_that_cannot_be_written_is_a_configuration_error(tmp_path: Path) -> None:
    tuner = a_tuner(tmp_path, f'[auto.default]\npool = ["{SMALL}", "{MIDDLE}", "{LARGE}"]\n')
    (tmp_path / "pointsman.toml.new").mkdir()
    with pytest.raises(ConfigurationError, match=r"pointsman\.toml: cannot be written"):
        tuner.write_pool(a_review())
    assert tuner.file is not None and MIDDLE in tuner.file.read_text()
