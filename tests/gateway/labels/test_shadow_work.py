"""What labels come of answers. ``test_shadowing.py`` has the whole way there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pointsman.http1 import HttpRequest
from pointsman.routing.labels.kept import Labelled
from tests.support.gateway import CHAT, Rig, ask
from tests.support.shadowed import route
from tests.support.upstream import Scripted

WEAK, MIDDLE, STRONG, JUDGE = "gpt-4o-mini", "gpt-4o", "gpt-4.1", "gpt-5-mini"


def providers(answers: dict[str, str], verdict: Callable[[str], str] | None = None) -> Any:
    """Each model says what is given; what is not given fails. The judge says what ``verdict`` makes of the
    prompt."""

    def answer(request: HttpRequest) -> Scripted:
        body = msgspec.json.decode(request.body)
        model, prompt = body["model"], body["messages"][-1]["content"]
        if model == JUDGE and verdict is not None:
            text = f"VERDICT: {verdict(prompt)}"
        elif model in answers:
            text = answers[model]
        else:
            return Scripted(500, b"{}")
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 9, "completion_tokens": 3}
        return Scripted(
            body=msgspec.json.encode({"id": "c", "model": model, "choices": [choice], "usage": usage})
        )

    return answer


async def labelled(otherwise: Any, grader: dict[str, Any], **fields: Any) -> tuple[list[Labelled], Rig]:
    given = route(pool=[WEAK, MIDDLE, STRONG], grader=grader)
    rig = Rig(otherwise=otherwise, given=given)
    call = await rig.post(CHAT, ask("auto") | fields)
    assert call.status == 200, call.body
    labelling = rig.gateway.labelling
    await labelling.shadows.drain()
    return list(rig.labels.labelled("default")), rig


async def test_a_judge_holds_each_against_the_baseline() -> None:
    def verdict(prompt: str) -> str:
        first, second = prompt.index("ANSWER 1"), prompt.index("ANSWER 2")
        if "splendid" in prompt:
            return "1" if first < prompt.index("splendid") < second else "2"
        return "1" if first < prompt.index("plain") < second else "2"

    answers = {WEAK: "poor", MIDDLE: "splendid", STRONG: "plain"}
    (found,), rig = await labelled(providers(answers, verdict), {"kind": "judge", "model": JUDGE})
    assert found.scores == {WEAK: 0.0, MIDDLE: 1.0, STRONG: 0.5}
    booked = [entry.requested for entry in rig.ledger.entries]
    assert booked == ["auto", *["shadow:default"] * 2, *["judge:default"] * 4]
    spent = sum(entry.cost or 0 for entry in rig.ledger.entries[1:])
    assert rig.labels.spent(rig.clock.today().isoformat(), "default") == spent


async def test_one_that_fails_leaves_the_others() -> None:
    (found,), _ = await labelled(providers({WEAK: "4", STRONG: "4"}), {"kind": "number"})
    assert found.scores == {WEAK: 1.0, STRONG: 1.0}


async def test_without_a_verdict_there_is_no_label() -> None:
    answers = {WEAK: "a", MIDDLE: "b", STRONG: "c"}
    found, rig = await labelled(providers(answers, lambda _: "perhaps"), {"kind": "judge", "model": JUDGE})
    assert found == []
    assert dict(rig.gateway.labelling.metrics.skipped) == {("default", "ungraded"): 1}


async def test_a_grader_by_schema_goes_by_what_the_request_asks_for() -> None:
    schema = {"type": "object", "required": ["age"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    answers = {WEAK: "3 years", MIDDLE: '{"age": 3}', STRONG: '```json\n{"age": 3}\n```'}
    (found,), _ = await labelled(providers(answers), {"kind": "schema"}, response_format=wanted)
    assert found.scores == {WEAK: 0.0, MIDDLE: 1.0, STRONG: 1.0}
    nothing, _ = await labelled(providers(answers), {"kind": "schema"})
    assert nothing == [], "without a schema nothing can be said"


async def test_code_is_run(tmp_path: Path) -> None:
    tests = tmp_path / "tests.py"
    tests.write_text(
        "def test_two(): assert f(2) == 4\ndef test_three(): assert f(3) == 9\n", encoding="utf-8"
    )
    answers = {
        WEAK: "def f(x): return 4",
        MIDDLE: "import os\nos._exit(0)",
        STRONG: "```python\ndef f(x):\n    return x * x\n```",
    }
    (found,), _ = await labelled(providers(answers), {"kind": "code", "tests": str(tests)})
    assert found.scores == {WEAK: 0.5, MIDDLE: 0.0, STRONG: 1.0}


@pytest.mark.parametrize(("agreed", "score"), [("It is four: 4.0", 1.0), ("5", 0.0), ("Who knows?", 0.0)])
async def test_where_there_is_no_reference_agreement_with_the_baseline_counts(
    agreed: str, score: float
) -> None:
    answers = {WEAK: agreed, MIDDLE: "4", STRONG: "4"}
    (found,), _ = await labelled(providers(answers), {"kind": "number"})
    assert found.scores == {WEAK: score, MIDDLE: 1.0, STRONG: 1.0}
