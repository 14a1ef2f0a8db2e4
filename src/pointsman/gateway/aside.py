"""Work that may wait for a disk or a process, done aside of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What ``work`` returns, from a thread. At the interpreter's exit no thread can be lent any more: then it
    is done here, so that what is under way comes to its end."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except RuntimeError as error:
        if "shutdown" not in str(error):
            raise
    return work(*args, **kwargs)
