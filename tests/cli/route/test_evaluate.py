from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pointsman.cli.main import run
from tests.support.routing_files import write_labels, write_router


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["route", "evaluate", *arguments], environ={}, stderr=stderr), stderr.getvalue()


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_router(tmp_path_factory.mktemp("router") / "router.bin"))


@pytest.fixture
def labels(tmp_path: Path) -> str:
    return str(write_labels(tmp_path / "labels.jsonl", 600, seed=5))


def test_json_has_what_machines_ask_for(router: str, labels: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(labels, "--router", router, "--json", "--resamples", "100")[0] == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["prompts"], data["weak"], data["strong"]) == (600, "haiku", "opus")
    assert 0.6 < data["apgr"] < data["oracle"]["apgr"]
    assert data["random"]["apgr"] == pytest.approx(0.5)
    assert {"length", "group_prior", "keywords"} <= set(data)
    assert 0 < data["cpt50"] < data["cpt80"] < 1
    assert data["ece"] < 0.1 and data["brier"] < 0.25
    assert len(data["curve"]) == 101
    assert data["intervals"]["apgr"][0] < data["apgr"] < data["intervals"]["apgr"][1]
    assert (data["no_gap"], data["no_signal"]) == (False, False)
    assert 0 < data["certified_saving"]["5"] < data["certified_saving"]["18.75"]
    assert data["certified"]["certified"] is True
    assert [one["model"] for one in data["single_models"]] == ["haiku", "sonnet", "opus"]
    assert [pair["weak"] for pair in data["pairs"]] == ["haiku", "sonnet"]


def test_people_get_tables(router: str, labels: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(labels, "--router", router, "--resamples", "100", "--trained-on", labels)[0] == 0
    out = " ".join(capsys.readouterr().out.split())
    for words in ("haiku or opus", "this router", "a coin", "group prior", "Each model alone", "Certified"):
        assert words in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.jsonl", "--router", "{router}"), "nowhere.jsonl cannot be read"),
        (("{labels}", "--router", "nowhere.bin"), "nowhere.bin cannot be read"),
        (("{labels}", "--router", "{labels}"), "router"),
        (("{labels}", "--router", "{router}", "--route", "mail"), "They name none: leave out --route."),
    ],
)
def test_what_is_wrong_is_said(router: str, labels: str, arguments: tuple[str, ...], words: str) -> None:
    given = [one.format(router=router, labels=labels) for one in arguments]
    code, said = call(*given)
    assert code != 0
    assert words in said
