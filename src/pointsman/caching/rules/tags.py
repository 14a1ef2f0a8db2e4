"""Names that a caller gives to what is stored for it, so that it can be forgotten by them. Pure.

As content networks have them (Cloudflare's and CloudFront's ``Cache-Tag``, Fastly's ``Surrogate-Key``): of
visible ASCII, between commas, and upper and lower case are the same, since it is better to forget too much.
"""

from __future__ import annotations

import re

from pointsman.errors import InvalidRequest

HEADER = "x-pointsman-cache-tag"
MOST_TAGS = 16
LONGEST_TAG = 128
_TAG = re.compile(rf"[!-+\--~]{{1,{LONGEST_TAG}}}")


def parse_tags(value: bytes | str | None, *, param: str = HEADER) -> tuple[str, ...]:
    """The tags of a header (or of a command's option), each once, in the order given.

    Raises:
        InvalidRequest: there are too many, or one is none. A tag that were left out without a word would
            be missed when it is purged.
    """
    if not value:
        return ()
    text = value if isinstance(value, str) else value.decode("latin-1")
    words = [word.strip().lower() for word in text.split(",")]
    tags = tuple(dict.fromkeys(filter(None, words)))
    if len(tags) > MOST_TAGS or not all(map(_TAG.fullmatch, tags)):
        raise InvalidRequest(
            f"{param} takes at most {MOST_TAGS} tags with commas between, each of 1 to {LONGEST_TAG} visible"
            " ASCII characters.",
            param=param,
        )
    return tags
