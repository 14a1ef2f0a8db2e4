from __future__ import annotations

import io
import json
import random
import sys
from pathlib import Path

import pytest

from pointsman.cli.main import run
from pointsman.errors import ConfigurationError
from pointsman.routing.router import load_router
from pointsman.routing.sample import Sample
from tests.support.prompts import text_of


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")


def write_labels(path: Path, count: int = 300, models: tuple[str, ...] = ("weak", "strong")) -> Path:
    rng = random.Random(4)
    lines = []
    for number in range(count):
        hard = number % 2 == 1
        prompt = {"id": str(number), "prompt": text_of(rng, hard=hard), "group": "hard" if hard else "easy"}
        for place, model in enumerate(models):
            good = rng.random() < (0.2 + 0.7 * place / (len(models) - 1) if hard else 0.9)
            lines.append(json.dumps(prompt | {"model": model, "score": int(good)}))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def call(*arguments: object) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["route", "train", *map(str, arguments)], environ={}, stderr=stderr), stderr.getvalue()


def test_labels_become_a_router(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = write_labels(tmp_path / "labels.jsonl")
    assert call(labels, "--weak", "weak", "--strong", "strong") == (0, "")
    router = load_router((tmp_path / "router.bin").read_bytes())
    assert router.models == ("weak", "strong")
    assert (router.prompts, router.labels) == (300, 600)
    assert router.judge(Sample("the theorem")).losses[0] > router.judge(Sample("the garden")).losses[0]
    told = capsys.readouterr().out
    assert "learned from 600 labels of 300 prompts" in told
    assert "APGR" in told and "of the group" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.jsonl", "router.bin"]


def test_three_models_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = write_labels(tmp_path / "labels.jsonl", models=("a", "b", "c"))
    assert call(labels, "--pool", "a, b,c", "-o", "three.bin", "--seed", "3", "--json") == (0, "")
    told = json.loads(capsys.readouterr().out)
    assert told["models"] == ["a", "b", "c"]
    assert [pair["weak"] for pair in told["pairs"]] == ["a", "b"]
    assert told["pairs"][0]["apgr"] > 0.6
    assert told["digest"] == load_router((tmp_path / "three.bin").read_bytes()).digest


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "either --weak and --strong, or --pool A,B,C"),
        (("--weak", "weak"), "either --weak and --strong"),
        (("--weak", "weak", "--strong", "strong", "--pool", "weak,strong"), "either --weak and --strong"),
        (("--pool", "weak"), "at least two different models"),
        (("--pool", "weak,weak"), "at least two different models"),
        (("--pool", "weak,gpt-9"), "No label is of gpt-9. There are labels of: strong, weak."),
        (("--pool", "weak,strong", "--route", "nowhere"), "is of route nowhere. They name none"),
        (("--pool", "weak,strong", "-o", "no/such/folder"), "cannot be written to no/such/folder"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    code, message = call(write_labels(tmp_path / "labels.jsonl"), *options)
    assert code == 2
    assert says in message
    assert message.count("\n") == 1


def test_too_few_labels_and_bad_lines_are_told(tmp_path: Path) -> None:
    few = write_labels(tmp_path / "few.jsonl", count=9)
    assert "There are 9 labels of weak; at least 20" in call(few, "--pool", "weak,strong")[1]
    few.write_text('{"prompt": "a", "model": "m"}', encoding="utf-8")
    assert "few.jsonl:1: Object missing required field `score`" in call(few, "--pool", "m,n")[1]
    assert "cannot be read" in call(tmp_path / "none.jsonl", "--pool", "m,n")[1]


def test_without_the_extra_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("pointsman.routing.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    code, message = call(write_labels(tmp_path / "labels.jsonl"), "--pool", "weak,strong")
    assert (code, message.count("\n")) == (2, 1)
    assert "pip install 'pointsman[train]'" in message


def test_a_router_in_use_is_replaced_whole(tmp_path: Path) -> None:
    from pointsman.cli.route.train import write

    path = tmp_path / "router.bin"
    write(path, b"old")
    write(path, b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(ConfigurationError):
        write(tmp_path / "a" / "b", b"x")
