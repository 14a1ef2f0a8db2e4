from __future__ import annotations

import random
import tracemalloc
from hashlib import blake2b
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import ConfigurationError
from pointsman.routing.features import BUCKETS
from pointsman.routing.router_file import MARK, MOST_BYTES, digest_in, read_parts, write_parts
from pointsman.routing.shape import SHAPE
from tests.support.parts import head, parts


def test_what_was_written_is_read_and_named_by_its_content() -> None:
    data = write_parts(parts())
    assert read_parts(data) == parts()
    assert digest_in(data) == digest_in(write_parts(parts()))
    assert len(digest_in(data)) == 32
    assert digest_in(data) != digest_in(write_parts(parts(labels=21)))


def sealed(body: bytes) -> bytes:
    """A file whose digest is right, whatever it holds."""
    return MARK + blake2b(body, digest_size=16).digest() + body


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    for hostile in (data, MARK + data, sealed(data)):
        with pytest.raises(ConfigurationError):
            read_parts(hostile)


def test_a_file_that_is_cut_or_changed_is_refused() -> None:
    data = write_parts(parts())
    rng = random.Random(5)
    for cut in (0, 5, len(MARK), len(MARK) + 7, len(data) // 2, len(data) - 1):
        with pytest.raises(ConfigurationError):
            read_parts(data[:cut])
    for at in rng.sample(range(len(data)), 40):
        changed = bytearray(data)
        changed[at] ^= 1 << rng.randrange(8)
        with pytest.raises(ConfigurationError):
            read_parts(bytes(changed))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"models": ("weak",)}, "it names no 2 to"),
    ({"models": ("weak", "weak")}, "it names no 2 to"),
    ({"models": tuple(map(str, range(13)))}, "it names no 2 to"),
    ({"models": ("a", "b", "c")}, "its models and their weights do not match"),
    ({"gaps": ()}, "its models and their weights do not match"),
    ({"known": b"123"}, "a table has the wrong size"),
    ({"low": b""}, "a table has the wrong size"),
    ({"high": b"1" * (len(SHAPE) + 1)}, "a table has the wrong size"),
    ({"middle": (1.0,)}, "a table has the wrong size"),
    ({"middle": (nan,) * len(SHAPE)}, "no number"),
    ({"usual": ()}, "does not ascend"),
    ({"usual": (0.2, 0.1)}, "does not ascend"),
    ({"usual": (nan,)}, "no number"),
    ({"gaps": ((nan, 1.0),)}, "no number"),
    ({"gaps": ((0.0, 1e9),)}, "a huge one"),
    ({"prompts": -1}, "less than nothing"),
]
WRONG_HEADS: list[tuple[dict[str, Any], str]] = [
    ({"words": b"12"}, "a table of weights has the wrong size"),
    ({"words": bytes(BUCKETS)}, "a table of weights has the wrong size"),
    ({"shape": (0.0,)}, "a table of weights has the wrong size"),
    ({"routes": {1: b"123"}}, "the weights of a route"),
    ({"scale": inf}, "no number"),
    ({"bias": nan}, "no number"),
    ({"shape": (nan,) * len(SHAPE)}, "no number"),
    ({"origin": {1: nan}}, "no number"),
    ({"curve": ((0.5, 0.5),)}, "does not rise"),
    ({"curve": ((0.0, 0.5), (0.0, 0.6))}, "does not rise"),
    ({"curve": ((0.0, 0.6), (1.0, 0.5))}, "does not rise"),
    ({"curve": ((0.0, 0.0), (1.0, nan))}, "leaves what is between 0 and 1"),
    ({"curve": ((0.0, 0.0), (2.0, 1.0))}, "leaves what is between 0 and 1"),
]


@pytest.mark.parametrize(
    ("changes", "says"),
    [*WRONG, *(({"heads": (head({}, **changes), head({}))}, says) for changes, says in WRONG_HEADS)],
)
def test_parts_that_would_fail_on_the_request_path_are_refused_before(
    changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        read_parts(write_parts(parts(**changes)))


@pytest.mark.parametrize(
    "body", [b"\xdb\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\x91" * 5000, b"\xc6\x7f\xff\xff\xff"]
)
def test_a_file_that_claims_to_be_huge_takes_no_memory(body: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(ConfigurationError):
        read_parts(sealed(body))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_other_versions_and_oversized_files_say_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="pointsman route train"):
        read_parts(write_parts(parts()).replace(b"router-1", b"router-2"))
    with pytest.raises(ConfigurationError, match="must not have over"):
        read_parts(MARK + bytes(MOST_BYTES))
