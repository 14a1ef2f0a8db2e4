"""The answer cache: how it stands, and how to empty it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pointsman.errors import InvalidRequest
from pointsman.gateway.cache_metrics import CachePurge, CachePurged, CacheView

Purge = Callable[[CachePurge], int]


def cache_routes(view: Callable[[], CacheView], purge: Purge) -> list[Route]:
    async def stats(_: Request) -> Response:
        return Response(msgspec.json.encode(view()), media_type="application/json")

    async def forget(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            # a page in a browser could send any other kind of body here without being asked first
            return JSONResponse({"error": "Send application/json."}, status_code=415)
        try:
            which = msgspec.json.decode(await request.body(), type=CachePurge).checked()
        except (msgspec.DecodeError, UnicodeDecodeError, InvalidRequest) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return Response(msgspec.json.encode(CachePurged(purge(which))), media_type="application/json")

    return [Route("/cache", stats), Route("/cache/purge", forget, methods=["POST"])]
