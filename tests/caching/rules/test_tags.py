from __future__ import annotations

import pytest

from pointsman.caching.rules.tags import LONGEST_TAG, MOST_TAGS, parse_tags
from pointsman.errors import InvalidRequest


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        (None, ()),
        (b"", ()),
        (b" , ,", ()),
        (b"a", ("a",)),
        (b"doc:7, Customer-A ,doc:7", ("doc:7", "customer-a")),
        ("one,two", ("one", "two")),
        (b"x" * LONGEST_TAG, ("x" * LONGEST_TAG,)),
        (",".join(map(str, range(MOST_TAGS))), tuple(map(str, range(MOST_TAGS)))),
    ],
)
def test_tags_of_a_header(header: bytes | str | None, tags: tuple[str, ...]) -> None:
    assert parse_tags(header) == tags


@pytest.mark.parametrize(
    "header",
    [
        b"two words",
        b"tab\there",
        "ümlaut",
        b"\xff",
        b"x" * (LONGEST_TAG + 1),
        ",".join(map(str, range(MOST_TAGS + 1))),
    ],
)
def test_what_is_no_tag_is_refused_and_not_left_out(header: bytes | str) -> None:
    with pytest.raises(InvalidRequest, match="x-pointsman-cache-tag takes at most 16 tags"):
        parse_tags(header)
