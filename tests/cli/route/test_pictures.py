from __future__ import annotations

from pointsman.cli.route.pictures import drawn
from tests.cli.route.test_tables import found


def test_the_picture_is_in_the_page() -> None:
    picture, page = drawn(found())
    assert picture.startswith(b"\x89PNG")
    assert "<svg" in page and "x.jsonl" in page and "http://" not in page.split("<svg")[0]
