"""The cache's pages on the admin listener."""

from __future__ import annotations

import msgspec
import pytest

from pointsman.admin import admin_app
from pointsman.errors import NotFound
from pointsman.gateway.cache.metrics import CachePurge, CachePurged, CacheView
from pointsman.gateway.metrics import Metrics
from tests.support.asgi import AsgiCall
from tests.support.cached import a_cache_view

JSON = {"content-type": "application/json"}


class Purged:
    def __init__(self) -> None:
        self.asked: list[CachePurge] = []

    async def __call__(self, which: CachePurge) -> CachePurged:
        self.asked.append(which)
        return CachePurged(3)


async def ask(
    method: str, path: str, body: bytes = b"", headers: dict[str, str] = JSON
) -> tuple[AsgiCall, Purged]:
    metrics, purged = Metrics(), Purged()
    metrics.cache = a_cache_view
    app = admin_app(metrics, lambda: None, purge=purged)
    return await AsgiCall(app, method, path, [body], headers).run(), purged


async def test_it_tells_how_the_cache_stands() -> None:
    answer, _ = await ask("GET", "/cache")
    assert msgspec.json.decode(answer.body, type=CacheView) == a_cache_view()


async def test_it_forgets_what_is_named() -> None:
    answer, purged = await ask("POST", "/cache/purge", b'{"tenant": "a", "older_than": 60}')
    assert (answer.status, answer.body) == (200, b'{"purged":3}')
    assert purged.asked == [CachePurge(tenant="a", older_than=60.0)]
    answer, purged = await ask("POST", "/cache/purge", b'{"tag": "Doc:7"}')
    assert purged.asked == [CachePurge(tag="doc:7")]
    answer, purged = await ask("POST", "/cache/purge", b'{"all": true}')
    assert purged.asked == [CachePurge(all=True)]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"modell": "m"}', JSON, 400),
        (b"", JSON, 400),
        (b"{}", JSON, 400),
        (b'{"all": true, "model": "m"}', JSON, 400),
        (b'{"tag": "a,b"}', JSON, 400),
        (b'{"tag": "a b"}', JSON, 400),
        (b'{"tag": ""}', JSON, 400),
        (b'{"tenant": ""}', JSON, 400),
        (b'{"model": " ", "tenant": "a"}', JSON, 400),
        (b'{"all": true}', {"content-type": "text/plain"}, 415),
    ],
)
async def test_what_is_not_clear_forgets_nothing(body: bytes, headers: dict[str, str], status: int) -> None:
    answer, purged = await ask("POST", "/cache/purge", body, headers)
    assert (answer.status, purged.asked) == (status, [])


async def test_where_nothing_is_cached_there_are_no_such_pages() -> None:
    app = admin_app(Metrics(), lambda: None)
    assert (await AsgiCall(app, "GET", "/cache", [b""], {}).run()).status == 404


async def test_questions_are_compared_where_there_is_a_semantic_cache() -> None:
    async def compare(body: bytes) -> bytes:
        if body == b"no":
            raise NotFound("No such route.")
        return b'{"pairs":[]}'

    metrics = Metrics()
    metrics.cache = a_cache_view
    app = admin_app(metrics, lambda: None, purge=Purged(), compare=compare)
    told = [
        await AsgiCall(app, "POST", "/cache/explain", [body], headers).run()
        for body, headers in ((b"{}", JSON), (b"no", JSON), (b"{}", {"content-type": "text/plain"}))
    ]
    assert [answer.status for answer in told] == [200, 404, 415]
    assert (told[0].body, told[1].body) == (b'{"pairs":[]}', b'{"error":"No such route."}')
    without = admin_app(metrics, lambda: None, purge=Purged())
    assert (await AsgiCall(without, "POST", "/cache/explain", [b"{}"], JSON).run()).status == 404
