from typing import Any

import pytest

from pointsman import chat
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.simulator.answer import Answer, Segment
from pointsman.simulator.dice import Dice
from pointsman.simulator.faults import Rule
from pointsman.simulator.pace import Timing
from pointsman.simulator.script import Maker, Script

PIECES = tuple(f" w{number}" for number in range(10))
ANSWER = Answer((Segment(PIECES),), chat.Stop.END)


def _make(*, stream: bool, fault: Rule | None = None, answer: Answer = ANSWER, **changes: Any) -> Script:
    values: dict[str, Any] = {
        "dialect": OPENAI_CHAT,
        "family": "openai",
        "provider": "openai",
        "request": chat.Request("gpt-4o", (), stream=stream, stream_usage=stream),
        "answer": answer,
        "usage": chat.Usage(input=3, output=answer.tokens, reasoning=answer.reasoning),
        "dice": Dice(0, b""),
        "timing": Timing(1.0, 0.5),
        "created": 1,
        "fault": fault,
    }
    return Maker(**(values | changes)).make()


def test_a_whole_answer_comes_when_its_last_token_is_made() -> None:
    script = _make(stream=False)
    (chunk,) = script.chunks
    assert (script.length, chunk.tokens, chunk.due) == (len(chunk.data), 10, 5.5)
    assert OPENAI_CHAT.decode_response(chunk.data).parts == (chat.Text("".join(PIECES)),)
    assert b'"system_fingerprint"' in chunk.data


def test_a_stream_has_a_chunk_for_every_token_at_its_time() -> None:
    script = _make(stream=True)
    shown = [chunk for chunk in script.chunks if chunk.tokens]
    assert [chunk.due for chunk in shown] == [1.0 + 0.5 * n for n in range(10)]
    assert all(chunk.data.count(b"data: ") == 1 and b'"obfuscation"' in chunk.data for chunk in shown)
    assert script.length is None
    assert script.chunks[-1].data.endswith(b"data: [DONE]\n\n")
    assert script.reports_usage


def test_hidden_reasoning_takes_its_time_first() -> None:
    script = _make(stream=True, answer=Answer((Segment(PIECES),), chat.Stop.END, hidden=20))
    assert next(chunk.due for chunk in script.chunks if chunk.tokens) == 1.0 + 0.5 * 20


def test_usage_is_reported_only_where_it_is_asked_for() -> None:
    quiet = chat.Request("gpt-4o", (), stream=True)
    assert not _make(stream=True, request=quiet).reports_usage


@pytest.mark.parametrize("after", [0, 1, 5, 10, 99])
@pytest.mark.parametrize("kind", ["reset", "malformed", "stall"])
@pytest.mark.parametrize("stream", [True, False])
def test_faults_strike_after_the_told_number_of_tokens(kind: Any, after: int, stream: bool) -> None:
    script = _make(stream=stream, fault=Rule(kind, 1.0, after=after, seconds=2.0))
    told = min(after, 10)
    if kind == "stall":
        assert script.stall_at is not None
        assert sum(chunk.tokens for chunk in script.chunks[: script.stall_at]) == told
        assert sum(chunk.tokens for chunk in script.chunks) == 10
        assert (script.ending, script.stall_seconds) == ("ok", 2.0)
    else:
        assert sum(chunk.tokens for chunk in script.chunks) == told
        assert (script.ending, script.reports_usage) == (kind, False)


def test_a_stalled_whole_answer_is_the_whole_answer_in_the_end() -> None:
    clean = _make(stream=False)
    stalled = _make(stream=False, fault=Rule("stall", 1.0, after=4))
    assert b"".join(chunk.data for chunk in stalled.chunks) == clean.chunks[0].data
    assert stalled.chunks[0].data.endswith(b" w0 w1 w2 w3")


def test_without_a_told_number_it_strikes_within_the_answer() -> None:
    struck = set()
    for seed in range(60):
        script = _make(stream=True, fault=Rule("reset", 1.0), dice=Dice(seed, b""))
        struck.add(sum(chunk.tokens for chunk in script.chunks))
    assert struck <= set(range(1, 11))
    assert len(struck) > 5


def test_deepseek_pads() -> None:
    assert _make(stream=False, provider="deepseek").chunks[0].data.startswith(b"\n{")
    assert _make(stream=True, provider="deepseek").chunks[0].data.startswith(b": keep-alive\n\ndata: {")
