"""uvicorn with an application that reads the request and answers fixed bytes: no gateway, no upstream.

    python -m bench.bare_app PORT

It shows what the server under Pointsman costs by itself, on this machine and in this minute.
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

from bench import plan

ANSWER = plan.openai_answer()
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]


async def app(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
        proxy_headers=False,
    )
