from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pointsman.cli.environment import read_context
from pointsman.cli.main import run
from pointsman.clock import SystemClock
from pointsman.gateway.auto.baselines import read_models
from pointsman.gateway.cascade.cascades import make_cascade
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.labels.sqlite import SqliteLabels
from tests.support.cascade_labels import SETTINGS, label_lines, shadowed, write_labels


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pointsman.toml").write_text(SETTINGS)
    return tmp_path


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["route", "cascade", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def test_a_certificate_is_shown_and_put_in_service_where_that_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = str(write_labels(folder / "labels.jsonl", label_lines(600, wrong=1, differ=50)))
    assert call(labels) == (0, "")
    assert "Nothing was changed" in capsys.readouterr().out
    assert call(labels, "--install", "--json") == (0, "")
    said = json.loads(capsys.readouterr().out)
    assert (said["certified"], said["installed"]) == (True, True)
    (kept,) = SqliteRouters(folder / "a.db", now_us=SystemClock().now_us).in_service().values()
    assert (kept.route, kept.certificate_id) == ("default", said["certificate"]["id"])
    assert call(labels, "--install") == (0, "")
    assert "In service" in capsys.readouterr().out


def test_what_is_not_certified_is_not_put_in_service(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = str(write_labels(folder / "labels.jsonl", label_lines(600, wrong=60)))
    assert call(labels, "--install", "--json") == (0, "")
    said = json.loads(capsys.readouterr().out)
    assert (said["certified"], said["installed"]) == (False, False)
    assert "shown to keep" in said["refused"]


def test_without_a_file_the_shadows_of_the_route_are_the_labels(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context = read_context(folder / "pointsman.toml")
    digest = make_cascade(read_models(context.settings).autos["default"]).digest
    kept = shadowed(600, digest, wrong=1, differ=50)
    SqliteLabels(folder / "a.db").put_all((each.prompt, each.marks) for each in kept)
    assert call("--json") == (0, "")
    said = json.loads(capsys.readouterr().out)
    assert (said["certified"], said["prompts"]) == (True, 600)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("labels.jsonl", "--route", "x"), "Such routes: default"),
        (("nothing.jsonl",), "nothing.jsonl cannot be read"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, arguments: tuple[str, ...], why: str) -> None:
    write_labels(folder / "labels.jsonl", label_lines(3))
    status, said = call(*arguments)
    assert status != 0
    assert why in " ".join(said.split())


def test_a_cascade_by_score_needs_a_router(folder: Path) -> None:
    (folder / "pointsman.toml").write_text(SETTINGS + '\n[auto.default.cascade]\naccept = "score"\n')
    status, said = call(str(write_labels(folder / "labels.jsonl", label_lines(3))))
    assert status != 0
    assert "--router" in said
