"""What an action answers, errors included: for those who give one answer to several clients."""

from __future__ import annotations

import logging

from pointsman.errors import InternalError, PointsmanError
from pointsman.gateway.call.respond import error_answer
from pointsman.gateway.call.values import Answer, Arrival

from .faces import Run

_log = logging.getLogger("pointsman.edge")


async def answered(run: Run, arrival: Arrival) -> Answer:
    """Errors are answers too, the same for all who wait for it."""
    try:
        return await run(arrival)
    except PointsmanError as error:
        return error_answer(arrival.face, error, arrival.request_id)
    except Exception:  # noqa: BLE001 - a bug of ours: a clean 500 for the client, the traceback for the log
        request_id = arrival.request_id
        _log.exception("request %s failed", request_id)
        failure = InternalError(f"Internal error; its id is {request_id}.")
        return error_answer(arrival.face, failure, request_id)
