from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pointsman.cli.main import run
from pointsman.keys.sqlite import SqliteKeys
from pointsman.ledger.sqlite import SqliteStore
from pointsman.routing.labels.kept import Mark, Prompt
from pointsman.routing.labels.sqlite import SqliteLabels
from tests.support.ledger_entries import NOON_US
from tests.support.routed import LARGE, SMALL, a_routed, failed


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Beside it the settings that its routes are from."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pointsman.toml").write_text(f'[auto.default]\npool = ["{SMALL}", "{LARGE}"]\n')
    path = tmp_path / "ledger.db"
    store = SqliteStore(path)
    store.commit(
        [
            a_routed("req_1", SMALL),
            a_routed("req_2", SMALL, LARGE, key_name="team-b"),
            a_routed("req_3", LARGE, requested="shadow:default"),
            failed("req_4"),
            a_routed("req_5", LARGE, requested=LARGE),
            a_routed("req_6", SMALL, at_us=NOON_US + 86_400_000_000),
        ]
    )
    store.close()
    return path


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["savings", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def data_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert call(*arguments, "--json") == (0, "")
    data: dict[str, object] = json.loads(capsys.readouterr().out)
    return data


def total_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, ...]:
    total = data_of(capsys, *arguments)["total"]
    assert isinstance(total, dict)
    return tuple(total[name] for name in ("requests", "baseline_usd", "paid_usd", "saved_usd"))


def test_against_the_baseline_of_the_route(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--db", str(db)) == (0, "")
    out = capsys.readouterr().out
    assert f"Held against {LARGE}, the baseline of [auto.default]." in out
    assert "1 no answer" in out and "1 requests named their model" in out
    assert total_of(capsys, "--db", str(db)) == (3, "0.018", "0.0165", "0.0015")


def test_what_is_asked_for(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert total_of(capsys, "--db", str(db), "--until", "2026-09-26") == (2, "0.012", "0.015", "-0.003")
    assert total_of(capsys, "--db", str(db), "--key", "team-b") == (1, "0.006", "0.0075", "-0.0015")
    assert total_of(capsys, "--db", str(db), "--route", "other") == (0, "0", "0", "0")
    assert total_of(capsys, "--db", str(db), "--against", LARGE, "--all")[:2] == (4, "0.024")
    rows = data_of(capsys, "--db", str(db), "--by", "day,key")["rows"]
    assert isinstance(rows, list)
    assert [(row["day"], row["key"], row["saved_usd"]) for row in rows] == [
        ("2026-09-25", "team-a", "-0.0015"),
        ("2026-09-25", "team-b", "-0.0015"),
        ("2026-09-26", "team-a", "0.0045"),
    ]


def test_labels_correct_the_tokens(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = SqliteLabels(db)
    for number in range(30):
        marks = [
            Mark(SMALL, 1.0, "grader", 0, input_tokens=100, output_tokens=10),
            Mark(LARGE, 1.0, "shadow", 0, input_tokens=100, output_tokens=20),
        ]
        labels.put(Prompt(f"p{number}", "default", "", number, None), marks)
    assert total_of(capsys, "--db", str(db))[:2] == (3, "0.022")
    total = data_of(capsys, "--db", str(db))["total"]
    assert isinstance(total, dict)
    assert total["baseline_known_by"] == {"corrected": 2, "escalated": 1}


def test_what_auto_means_for_a_key(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = SqliteKeys(db, now_us=lambda: NOON_US, random_bytes=lambda count: b"x" * count)
    key, _ = keys.create("of support", auto="support")
    store = SqliteStore(db)
    store.commit([a_routed("req_7", SMALL, key_id=key.id, key_name="of support")])
    store.close()
    rows = data_of(capsys, "--db", str(db))["rows"]
    assert isinstance(rows, list)
    assert {row["route"]: row["not_compared"] for row in rows}["support"] == {
        "baseline unknown": {"requests": 1, "cost_usd": "0.0015", "unknown_cost": 0}
    }


def test_an_empty_ledger_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    missing = tmp_path / "none.db"
    assert call("--db", str(missing)) == (0, "")
    assert "[auto.default]" in capsys.readouterr().out
    assert not missing.exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--by", "colour"), "no column colour"),
        (("--since", "soon"), "is no time"),
        (("--all",), "name one with --against"),
        (("--against", "nobody"), "No model nobody"),
    ],
)
def test_what_is_wrong_is_one_line(db: Path, wrong: tuple[str, ...], message: str) -> None:
    code, said = call("--db", str(db), *wrong)
    assert code == 2
    assert message in said and len(said.splitlines()) == 1
