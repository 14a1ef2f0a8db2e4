"""The answer cache: how it stands, and how to empty it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pointsman.errors import InvalidRequest, PointsmanError
from pointsman.gateway.cache.metrics import CachePurge, CachePurged, CacheView

Purge = Callable[[CachePurge], Awaitable[CachePurged]]
Compare = Callable[[bytes], Awaitable[bytes]]
"""From a body to an answer, both JSON (``caching/semantic/explained.py``). Raises PointsmanError."""
_NOT_JSON = {"error": "Send application/json."}


def cache_routes(view: Callable[[], CacheView], purge: Purge, compare: Compare | None = None) -> list[Route]:
    """
    Args:
        compare: what a semantic cache makes of questions; without one its path is not found.
    """

    async def stats(_: Request) -> Response:
        return Response(msgspec.json.encode(view()), media_type="application/json")

    async def forget(request: Request) -> Response:
        if not _is_json(request):
            return JSONResponse(_NOT_JSON, status_code=415)
        try:
            which = msgspec.json.decode(await request.body(), type=CachePurge).checked()
        except (msgspec.DecodeError, UnicodeDecodeError, InvalidRequest) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return Response(msgspec.json.encode(await purge(which)), media_type="application/json")

    async def explain(request: Request) -> Response:
        if not _is_json(request):
            return JSONResponse(_NOT_JSON, status_code=415)
        assert compare is not None, "there is no path without it"
        try:
            return Response(await compare(await request.body()), media_type="application/json")
        except PointsmanError as error:
            return JSONResponse({"error": str(error)}, status_code=error.status)

    routes = [Route("/cache", stats), Route("/cache/purge", forget, methods=["POST"])]
    if compare is not None:
        routes.append(Route("/cache/explain", explain, methods=["POST"]))
    return routes


def _is_json(request: Request) -> bool:
    """A page in a browser could send any other kind of body here without being asked first."""
    return request.headers.get("content-type", "").partition(";")[0] == "application/json"
