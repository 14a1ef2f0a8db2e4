from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from rich.console import Console

from pointsman.cli.route.examined import Examined
from pointsman.cli.route.tables import as_data, tables
from pointsman.routing.evidence import Refused
from pointsman.routing.evidence.evaluation import evaluate
from pointsman.routing.evidence.prices import at_ratio
from tests.support.routing_certificates import certificate
from tests.support.routing_tables import MODELS, table

REFUSED = Refused(reason="Too few labels.", labels=3)


def found(*, same: bool = False, refused: bool = False) -> Examined:
    made = table(300)
    if same:
        alike = [
            msgspec.structs.replace(one, scores=dict.fromkeys(MODELS, one.scores["opus"]))
            for one in made.prompts
        ]
        made = msgspec.structs.replace(made, prompts=alike)
    evaluation = evaluate(made, np.array(at_ratio(made.prompts, MODELS).costs), "a ratio", resamples=100)
    return Examined(
        "x.jsonl", "r1", evaluation, REFUSED if refused else certificate(), {"5": 0.3, "18.75": 0.35}
    )


def shown(what: Examined, **console: Any) -> str:
    printer = Console(width=100, record=True, file=None, quiet=False, **console)
    with printer.capture() as capture:
        printer.print(tables(what))
    return " ".join(capture.get().split())


def test_all_is_json() -> None:
    data = json.loads(msgspec.json.encode(as_data(found())))
    assert data["certified"]["id"].startswith("cert_")
    assert data["router_ahead"] is not None
    assert data["gap"] == data["pairs"][0]["gap"] != data["pairs"][1]["gap"]
    assert len(data["frontier"]) > 2


def test_tables_name_what_is_compared() -> None:
    said = shown(found())
    assert "Certified saving by price ratio: 30.0% at 5:1, 35.0% at 18.75:1." in said
    assert "Chance that haiku answers well" in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"same": True}, "No gap: there is nothing to recover, as it is not shown to be better"),
        ({"same": True}, "drop it: haiku is as good for less"),
        ({"refused": True}, "Not certified: everything goes to opus. Too few labels."),
    ],
)
def test_what_is_missing_is_said(options: dict[str, bool], words: str) -> None:
    assert words in shown(found(**options))


def test_without_a_gap_json_says_so() -> None:
    data = as_data(found(same=True))
    assert (data["no_gap"], data["apgr"], data["curve"]) == (True, None, [])
