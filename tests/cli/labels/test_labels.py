from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.cli.main import run
from pointsman.routing.labels.sqlite import SqliteLabels
from tests.support.labels_contract import a_mark, a_prompt
from tests.support.stack import running_stack, settings


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["labels", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def lines(file: Path, *labels: dict[str, Any]) -> str:
    file.write_text("\n".join(json.dumps(label) for label in labels), encoding="utf-8")
    return str(file)


GOOD = {"prompt": "What is 2 + 2?", "model": "small", "score": 1.0, "input_tokens": 8, "output_tokens": 2}


def test_labels_come_in_are_counted_and_go_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", str(tmp_path / "pointsman.db"))
    assert call("stats", *db) == (0, "")
    assert "No labels yet" in capsys.readouterr().out
    file = lines(
        tmp_path / "labels.jsonl", GOOD, GOOD | {"model": "large", "score": 0.5}, {**GOOD, "prompt": "Hi"}
    )
    assert call("import", file, "--route", "support", *db) == (0, "")
    assert capsys.readouterr().out == "3 labels of 2 prompts are now known to route support.\n"
    assert call("import", file, "--route", "support", "--json", *db) == (0, "")
    assert json.loads(capsys.readouterr().out) == {"prompts": 2, "labels": 3, "route": "support"}
    assert call("stats", "--json", *db) == (0, "")
    large, small = json.loads(capsys.readouterr().out)
    assert (large["model"], large["labels"], large["mean_score"]) == ("large", 1, 0.5)
    assert (small["route"], small["source"], small["labels"]) == ("support", "import", 2)
    assert call("stats", *db) == (0, "")
    assert "support" in capsys.readouterr().out
    assert call("list", "--route", "support", "--limit", "2", "--json", *db) == (0, "")
    assert [label["source"] for label in json.loads(capsys.readouterr().out)] == ["import"] * 2
    assert call("list", "--route", "support", *db) == (0, "")
    assert "import:" in capsys.readouterr().out
    assert call("list", *db) == (0, "")
    assert "No labels yet" in capsys.readouterr().out
    out = tmp_path / "out.jsonl"
    assert call("export", "--route", "support", "-o", str(out), *db) == (0, "")
    assert "3 labels of route support are in" in capsys.readouterr().err
    exported = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {label["model"] for label in exported} == {"small", "large"}
    assert "2 + 2" not in out.read_text(encoding="utf-8")


def test_labels_for_no_pool_are_taken_with_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "pointsman.toml"
    config.write_text('[auto.support]\npool = ["gpt-6-luna", "gpt-6-sol"]\n', encoding="utf-8")
    file = lines(tmp_path / "labels.jsonl", GOOD)
    where = ("--db", str(tmp_path / "a.db"), "--config", str(config))
    for route, said in (("support", "not learned from there: small"), ("suport", "no [auto.suport]")):
        assert call("import", file, "--route", route, *where) == (0, "")
        assert said in capsys.readouterr().err
    file = lines(tmp_path / "labels.jsonl", GOOD | {"model": "gpt-6-luna"})
    assert call("import", file, "--route", "support", *where) == (0, "")
    assert capsys.readouterr().err == ""


def test_a_file_with_one_wrong_line_brings_nothing(tmp_path: Path) -> None:
    database = tmp_path / "pointsman.db"
    file = lines(tmp_path / "labels.jsonl", GOOD, GOOD | {"score": 7})
    code, message = call("import", file, "--db", str(database))
    assert code == 2
    assert "labels.jsonl:2: score is 7" in message
    assert SqliteLabels(database).counts() == ()


def test_labels_of_requests_go_out_with_what_they_cost(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    database = tmp_path / "pointsman.db"
    mark = a_mark(cost=1_500_000_000, input_tokens=3, output_tokens=4)
    SqliteLabels(database).put(a_prompt(features=None), [mark])
    assert call("export", "--db", str(database)) == (0, "")
    exported = json.loads(capfdbinary.readouterr().out)
    assert (exported["cost_usd"], exported["answer_id"], exported["features"]) == ("0.0015", "req_9", None)


def test_answers_are_graded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = lines(
        tmp_path / "answers.jsonl",
        {"prompt": "2 + 2?", "model": "small", "answer": "4.0", "reference": 4, "id": "a", "tenant": "acme"},
        {"prompt": "2 + 2?", "model": "large", "answer": "five: 5", "reference": 4, "id": "a"},
        {"prompt": "2 + 3?", "model": "large", "answer": "5"},
    )
    out = tmp_path / "labels.jsonl"
    assert call("grade", answers, "--kind", "number", "-o", str(out)) == (0, "")
    assert capsys.readouterr().err == (
        "2 answers are graded, 0.500 on average; 1 could not be graded, and are left out.\n"
    )
    first, second = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert first == {
        "prompt": "2 + 2?",
        "model": "small",
        "answer": "4.0",
        "score": 1.0,
        "id": "a",
        "tenant": "acme",
    }
    assert second["score"] == 0.0
    assert call("import", str(out), "--db", str(tmp_path / "db")) == (0, "")


async def test_feedback_goes_to_a_running_gateway(capsys: pytest.CaptureFixture[str]) -> None:
    auto = {"default": {"policy": "fixed", "pool": ["gpt-4o-mini", "gpt-4o"]}}
    async with running_stack(given=settings(auto=auto)) as stack:
        body = {"model": "auto", "messages": [{"role": "user", "content": "Hi"}]}
        _, headers, _ = await stack.post("/v1/chat/completions", body)
        ident = headers["x-request-id"]
        said = await asyncio.to_thread(call, "feedback", ident, "--thumbs", "up", "--url", stack.gateway_url)
        assert said == (0, "")
        assert capsys.readouterr().out == f"Noted for {ident}.\n"
        code, message = await asyncio.to_thread(
            call, "feedback", "req_x", "--score", "1", "--url", stack.gateway_url
        )
        assert code == 2
        assert "No request 'req_x'" in message
