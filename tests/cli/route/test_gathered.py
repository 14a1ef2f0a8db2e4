"""Training and certifying by what a gateway has gathered, from end to end."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.cli.main import run
from pointsman.cli.route.gathered import RoutePlace
from pointsman.clock import SystemClock
from pointsman.errors import InvalidRequest, NotFound
from pointsman.routing.evidence import decode_certificate
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.labels.sqlite import SqliteLabels
from pointsman.routing.router import load_router
from tests.support.labelled import logged, prompts
from tests.support.routed import LARGE, SMALL


def now_us() -> int:
    return SystemClock().now_us()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings and a database with the labels of shadows lie."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pointsman.toml").write_text(
        '[storage]\npath = "a.db"\n\n[auto.default]\nmin_labels = 150\nfloor = 0.9\n'
        f'pool = ["{SMALL}", "{LARGE}"]\n'
    )
    gather(tmp_path, 500)
    return tmp_path


def gather(folder: Path, count: int) -> None:
    SqliteLabels(folder / "a.db").put_all((each.prompt, each.marks) for each in prompts(count))


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["route", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def data(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert call(*arguments, "--json") == (0, "")
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_was_gathered_becomes_a_certified_router_in_service(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("train", "--route", "default", "--install") == (0, "")
    said = capsys.readouterr()
    assert "prompts were held back" in " ".join(said.out.split())
    assert "(no_certificate)" in said.err
    router = load_router((folder / "router.bin").read_bytes())
    assert router.models == (SMALL, LARGE)
    assert call("certify", "--route", "default", "-o", "cert.json", "--install") == (0, "")
    said = capsys.readouterr()
    assert "Certified on route default" in " ".join(said.out.split())
    assert "In service for auto." in said.out
    made = decode_certificate((folder / "cert.json").read_bytes())
    service = SqliteRouters(folder / "a.db", now_us=now_us).in_service()["default"]
    assert (service.router, service.certificate_id) == (router.digest, made.id)
    assert (made.floor, made.confidence) == (0.9, 0.95)


def test_no_prompt_is_both_learned_from_and_certified_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learned = data(capsys, "train", "--route", "default")
    certified = data(capsys, "certify", "--route", "default", "--router", "router.bin")
    assert learned["prompts"] + certified["labels"] == 500
    assert learned["held_back"] == certified["labels"] >= 200
    place = RoutePlace("default", None, None, now_us)
    found = place.gathered()
    assert {one.id for one in found.learn}.isdisjoint(one.id for one in found.hold)
    gather(folder, 700)
    more = place.gathered()
    assert {one.id for one in found.hold} <= {one.id for one in more.hold}, "nor after more was gathered"


def test_options_stand_above_the_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data(capsys, "train", "--route", "default")
    asked = ("certify", "--route", "default", "--router", "router.bin")
    strict = data(capsys, *asked, "--floor", "0.8", "--confidence", "0.9", "--days", "2")
    assert (strict["floor"], strict["confidence"]) == (0.8, 0.9)
    refused = data(capsys, *asked, "--min-labels", "499")
    assert refused["certified"] is False
    assert call(*asked, "--min-labels", "499", "--install")[0] == 1
    assert SqliteRouters(folder / "a.db", now_us=now_us).in_service() == {}


def test_feedback_certifies_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data(capsys, "train", "--route", "default")
    (folder / "a.db").unlink()
    found, _ = logged(400)
    SqliteLabels(folder / "a.db").put_all((each.prompt, each.marks) for each in found)
    refused = data(capsys, "certify", "--route", "default", "--router", "router.bin")
    assert (refused["certified"], refused["labels"]) == (False, 0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train",), "LABELS, a file; or --route NAME"),
        (("train", "labels.jsonl", "--install", "--pool", "a,b"), "for which route to install it"),
        (("train", "--route", "default", "--pool", "a,b"), "leave out --weak, --strong, --pool"),
        (("train", "--route", "mail"), "There is no [auto.mail] in the settings"),
        (("certify",), "LABELS, a file; or --route NAME"),
        (("certify", "labels.jsonl"), "--router FILE"),
        (("certify", "labels.jsonl", "--router", "r", "--install"), "for which route to install it"),
        (("certify", "--route", "default"), "No router is in service for"),
        (("certify", "--route", "default", "--price-ratio", "3"), "leave out --prices and --price-ratio"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    code, message = call(*arguments)
    assert (code, message.count("\n")) == (2, 1)
    assert says in message


def test_without_labels_it_says_where_they_come_from(folder: Path) -> None:
    (folder / "a.db").unlink()
    code, message = call("train", "--route", "default")
    assert (code, message.count("\n")) == (2, 1)
    assert "shadows give them ([auto.default.shadow] share)" in message


def test_a_place_is_of_a_route_there_is(folder: Path) -> None:
    with pytest.raises(NotFound, match="There are: default"):
        RoutePlace("mail", None, None, now_us)
    with pytest.raises(InvalidRequest, match="No router is in service"):
        RoutePlace("default", None, None, now_us).router_in_service()


def test_what_labels_export_has_written_is_known_for_what_it_is(folder: Path) -> None:
    stderr = io.StringIO()
    assert run(["labels", "export", "-o", "out.jsonl"], environ={}, stderr=stderr) == 0
    code, message = call("train", "out.jsonl", "--pool", f"{SMALL},{LARGE}")
    assert (code, message.count("\n")) == (2, 1)
    assert "out.jsonl:1: this was written by 'pointsman labels export'" in message
    assert "route train --route NAME" in message
