"""From an error on the wire back to the error tree, so that a remote gateway raises what a local one does."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pointsman import errors
from pointsman.errors import PointsmanError


class _Detail(msgspec.Struct):
    message: str = ""
    code: str | int | None = None
    param: str | None = None


class _Body(msgspec.Struct):
    error: _Detail


_decode = msgspec.json.Decoder(_Body).decode


def _family(root: type[PointsmanError]) -> Iterator[type[PointsmanError]]:
    for child in root.__subclasses__():
        yield child
        yield from _family(child)


_BY_CODE = {kind.default_code: kind for kind in _family(PointsmanError) if "default_code" in vars(kind)}
_BY_STATUS: dict[int, type[PointsmanError]] = {
    401: errors.AuthenticationFailed,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.RequestTooLarge,
    429: errors.UpstreamRateLimited,
    503: errors.UpstreamUnavailable,
    504: errors.UpstreamTimeout,
}


def error_from(status: int, headers: dict[str, str], body: bytes) -> PointsmanError:
    """The error that an answer with ``status`` >= 400 means: by its code, else by its status."""
    try:
        detail = _decode(body).error
    except msgspec.DecodeError:
        detail = _Detail(message=f"The gateway answered {status} and no error that can be read.")
    code = None if detail.code is None else str(detail.code)
    kind = _BY_CODE.get(code or "") or _BY_STATUS.get(status) or _by_class(status)
    wait = headers.get("retry-after", "")
    return kind(
        detail.message,
        param=detail.param,
        status=status,
        code=code,
        retry_after=float(wait) if wait.isdigit() else None,
    )


def _by_class(status: int) -> type[PointsmanError]:
    return errors.InvalidRequest if status < 500 else errors.UpstreamUnavailable
