from __future__ import annotations

from base64 import b64encode
from struct import pack

import msgspec
import pytest

from pointsman.chat import Text, Usage
from pointsman.dialects.openai_embeddings import OPENAI_EMBEDDINGS, read_vectors
from pointsman.errors import InvalidRequest, UpstreamMalformed

ANSWER = (
    b'{"object":"list","model":"e-1","data":[{"index":1,"embedding":[0.0,1.0]},{"index":0,"embedding":[1.0,0.5]}],'
    b'"usage":{"prompt_tokens":8,"total_tokens":8},"new":1}'
)


def test_a_request_is_told_by_its_model_and_texts() -> None:
    body = b'{"model": "e", "input": ["a", "b"], "encoding_format": "float"}'
    peek = OPENAI_EMBEDDINGS.peek(body)
    assert (peek.model, peek.stream, peek.max_output) == ("e", False, 0)
    assert OPENAI_EMBEDDINGS.decode_request(body).messages[0].parts == (Text("a"), Text("b"))
    one = b'{"model": "e", "input": "a"}'
    assert OPENAI_EMBEDDINGS.decode_request(one).messages[0].parts == (Text("a"),)
    sent = OPENAI_EMBEDDINGS.rewrite(
        one, OPENAI_EMBEDDINGS.peek(one), model="f", defaults={}, force_usage=False
    )
    assert msgspec.json.decode(sent) == {"model": "f", "input": "a"}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"model": "e"}', b'{"model": "e", "input": [1]}', b"\xff"])
def test_what_is_no_request(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        OPENAI_EMBEDDINGS.peek(body)


def test_usage_and_vectors_are_read_in_order() -> None:
    assert OPENAI_EMBEDDINGS.read_usage(ANSWER) == (Usage(input=8), "e-1", "")
    assert OPENAI_EMBEDDINGS.read_usage(b'{"data":[]}') == (None, "", "")
    assert read_vectors(ANSWER, 2) == [[1.0, 0.5], [0.0, 1.0]]


def test_base64_is_read_too() -> None:
    text = b64encode(pack("<2f", 1.0, 0.5)).decode()
    assert read_vectors(msgspec.json.encode({"data": [{"embedding": text}]}), 1) == [[1.0, 0.5]]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b"", 1),
        (b"\xff", 1),
        (ANSWER, 1),
        (ANSWER, 3),
        (b'{"data":[{"embedding":[]}]}', 1),
        (b'{"data":[{"embedding":[1.0]},{"embedding":[1.0,2.0]}]}', 2),
        (b'{"data":[{"embedding":"!!"}]}', 1),
        (b'{"data":[{"embedding":"YWJj"}]}', 1),
        (b'{"data":[{"embedding":{}}]}', 1),
    ],
)
def test_answers_without_the_vectors_are_malformed(body: bytes, count: int) -> None:
    with pytest.raises(UpstreamMalformed):
        read_vectors(body, count)
