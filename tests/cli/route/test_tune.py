from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pointsman.cli.main import run
from pointsman.clock import SystemClock
from pointsman.ledger.sqlite import SqliteStore
from pointsman.routing.journal.kept import Decided
from pointsman.routing.journal.sqlite import SqliteJournal, SqliteRouters
from pointsman.routing.labels.kept import Labelled, Mark
from pointsman.routing.labels.sqlite import SqliteLabels
from tests.support.labelled import logged, prompts
from tests.support.routed import LARGE, SMALL, a_routed

WORSE = "claude-sonnet-4-6"
NOW_US = SystemClock().now_us()
DAY_US = 86_400_000_000


def labelled(count: int) -> list[Labelled]:
    """Of the last days; the third model answers worse than the small one, and is dearer."""
    found = []
    for each in prompts(count):
        worse = Mark(WORSE, 0.0, "shadow", 0, input_tokens=100, output_tokens=50)
        at_us = NOW_US - DAY_US + each.prompt.at_us
        found.append(Labelled(replace(each.prompt, at_us=at_us), (*each.marks, worse)))
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings and a database lie, with labels and requests."""
    monkeypatch.chdir(tmp_path)
    for variable in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "pointsman.toml").write_text(
        '[storage]\npath = "a.db"\n\n[auto.default]\nmin_labels = 150\nfloor = 0.9\n'
        f'pool = ["{SMALL}", "{LARGE}"]\n'
    )
    store = SqliteStore(tmp_path / "a.db")
    store.commit(
        [
            a_routed(f"req_{number}", model, at_us=NOW_US - DAY_US * 10 + number)
            for number, model in enumerate([SMALL, LARGE] * 50)
        ]
    )
    store.close()
    SqliteLabels(tmp_path / "a.db").put_all((each.prompt, each.marks) for each in labelled(500))
    return tmp_path


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["route", "tune", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def data_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert call(*arguments, "--json") == (0, "")
    routes: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["routes"]
    return routes


def in_service(folder: Path) -> dict[str, str]:
    found = SqliteRouters(folder / "a.db", now_us=SystemClock().now_us).in_service()
    return {route: service.certificate_id for route, service in found.items()}


def test_it_proposes_and_changes_nothing_where_nobody_can_be_asked(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert call() == (0, "")
    out = " ".join(capsys.readouterr().out.split())
    assert "100 requests in 10 days" in out
    assert "certified to keep 90.0% of the baseline's quality" in out
    assert "nobody is there to ask" in out
    assert in_service(folder) == {}


def test_on_yes_it_puts_in_service_what_a_gateway_then_goes_by(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("--yes", "--dry-run") == (0, "")
    assert in_service(folder) == {}
    capsys.readouterr()
    (first,) = data_of(capsys, "default", "--yes")
    assert first["applied"] and first["why_not"] == "no_router"
    assert 0.3 < first["change"]["then"]["saving"]["value"] < 0.45
    assert in_service(folder) == {"default": first["proposed"]["certificate"]}
    (again,) = data_of(capsys, "--yes")
    assert again["in_force"] == first["proposed"]["certificate"] and again["why_not"] is None
    assert (again["change"]["cost"]["value"], again["applied"]) == (0.0, False)
    assert "costs no more" in again["why_keep"]


def test_what_clients_say_of_what_is_proposed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said, decisions = logged(400)
    moved = [Labelled(replace(each.prompt, at_us=NOW_US - DAY_US), each.marks) for each in said]
    named = {each.prompt.id: f"fed_{each.prompt.id}" for each in moved}
    labels = SqliteLabels(folder / "a.db")
    labels.put_all((replace(each.prompt, id=named[each.prompt.id]), each.marks) for each in moved)
    journal = SqliteJournal(folder / "a.db", {}, now_us=SystemClock().now_us)
    for name, decision in decisions.items():
        journal.record(Decided(named[name], NOW_US, "", "", decision))
    asyncio.run(journal.close())
    (review,) = data_of(capsys)
    assert review["hindsight"]["answers"] == 400
    assert review["hindsight"]["then"]["value"] > review["hindsight"]["now"]["high"]


def test_a_model_that_is_not_worth_its_money_leaves_the_pool(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = folder / "pointsman.toml"
    settings.write_text(settings.read_text().replace(f'"{SMALL}",', f'"{SMALL}", "{WORSE}",'))
    (review,) = data_of(capsys)
    assert review["smaller_pool"] == [SMALL, LARGE]
    assert f'-pool = ["{SMALL}", "{WORSE}", "{LARGE}"]' in review["pool_diff"]
    assert WORSE in settings.read_text()
    assert call("--yes", "--write-config") == (0, "")
    assert f'pool = ["{SMALL}", "{LARGE}"]\n' in settings.read_text()
    assert "In service" in capsys.readouterr().out
    (after,) = data_of(capsys)
    assert after["pool"] == [SMALL, LARGE] and after["smaller_pool"] is None
    assert after["why_not"] is None


def test_a_pool_that_cannot_be_changed_safely_is_only_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pointsman.toml").write_text(
        '[storage]\npath = "a.db"\n[auto]\n'
        f'default = {{pool = ["{SMALL}", "{WORSE}", "{LARGE}"], min_labels = 150, floor = 0.9}}\n'
    )
    (review,) = data_of(capsys, "--write-config", "--yes")
    assert review["pool_diff"] == f'[auto.default]\npool = ["{SMALL}", "{LARGE}"]\n'
    assert review["pool"] == [SMALL, WORSE, LARGE]
    assert WORSE in (folder / "pointsman.toml").read_text()


def test_routes_that_do_not_learn_and_those_without_labels(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "pointsman.toml").open("a") as file:
        file.write(f'[auto.new]\npool = ["{SMALL}", "{LARGE}"]\n')
        file.write(f'[auto.words]\npolicy = "keywords"\npool = ["{SMALL}", "{LARGE}"]\n')
    found = {review["route"]: review for review in data_of(capsys)}
    assert list(found) == ["default", "new", "words"]
    assert "shadows give them" in found["new"]["refused"]
    assert found["words"]["why_not"] == "keywords" and 'The policy is "keywords"' in found["words"]["refused"]


def test_without_a_database_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("--db", "none.db") == (0, "")
    assert "The settings have no [auto.NAME]" in capsys.readouterr().out
    (tmp_path / "pointsman.toml").write_text(f'[auto.default]\npool = ["{SMALL}", "{LARGE}"]\n')
    (review,) = data_of(capsys, "--db", "none.db")
    assert (review["requests"], review["labelled_prompts"]) == (0, 0)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("other",), "There is no [auto.other] in the settings. There are: default."),
        (("--since", "x"), "no time"),
    ],
)
def test_what_is_wrong_is_one_line(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    code, said = call(*arguments)
    assert code == 2
    assert message in said and len(said.splitlines()) == 1
