import msgspec
import pytest

from pointsman.errors import UpstreamRateLimited
from pointsman.simulator.replies import error_reply, json_reply, model_and_stream


def test_errors_are_in_the_dialect() -> None:
    error = UpstreamRateLimited("Slow down.", retry_after=2.0)
    for family in ("openai", "anthropic"):
        reply = error_reply("openai" if family == "openai" else "anthropic", error, "req_1", [])
        assert reply.status == 429
        assert (b"retry-after", b"2") in reply.headers
        assert msgspec.json.decode(reply.body)["error"]["message"] == "Slow down."
        assert dict(reply.headers)[b"content-length"] == b"%d" % len(reply.body)


def test_json() -> None:
    assert json_reply("openai", {"a": 1}).body == b'{"a":1}'


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"model": "m", "stream": true}', ("m", True)),
        (b'{"model": 3}', ("", False)),
        (b"[]", ("", False)),
        (b"\xff", ("", False)),
        (b"[" * 100_000, ("", False)),
    ],
)
def test_what_can_be_read_of_a_refused_request(body: bytes, read: tuple[str, bool]) -> None:
    assert model_and_stream(body) == read
