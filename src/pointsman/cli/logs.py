"""Log lines for people, or one JSON object a line."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import msgspec

from pointsman.config import LoggingSettings

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonFormatter(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def set_up_logging(given: LoggingSettings) -> None:
    """Send logs to stderr, where they do not mix with what a command prints."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if given.format == "json" else logging.Formatter(_TEXT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(given.level.upper())
    for chatty in ("uvicorn.error", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
