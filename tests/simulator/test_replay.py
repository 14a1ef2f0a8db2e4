import pytest

from pointsman.errors import ConfigurationError
from pointsman.simulator.replay import parse_replay

LINES = [
    b'{"id": "1", "prompt": "\\n2 + 2? \\n", "answers": {"m-1": {"text": "4", "correct": true}}}',
    b"",
    b'{"prompt": "3 + 3?", "answers": {"m-1": {"text": "6"}, "m-2": {"text": "seven"}}}',
]


def test_a_known_prompt_is_found_by_any_of_the_names() -> None:
    replay = parse_replay(LINES, "x")
    assert replay.models == {"m-1", "m-2"}
    assert replay.find("2 + 2?", ("alias", "m-1")) == "4"
    assert replay.find("  3 + 3?\n", ("m-2", "m-1")) == "seven"
    assert replay.find("2 + 2?", ("m-2",)) is None
    assert replay.find("4 + 4?", ("m-1",)) is None


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"prompt": "x"}', b'{"prompt": "x", "answers": {"m": 1}}'])
def test_a_wrong_line_is_named(line: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"file\.jsonl, line 4"):
        parse_replay([*LINES, line], "file.jsonl")
