"""What ``pointsman doctor`` asks the machine: ports, files, limits."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import sys
from pathlib import Path

from pointsman.errors import ConfigurationError
from pointsman.storage.sqlite import connect_to_read

from .findings import DatabaseState, PortState


def port_state(host: str, port: int) -> PortState:
    """Try to listen, and let go again."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            if os.name == "posix":  # as servers do; elsewhere it would take a port that is in use
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
    except OSError as error:
        reason = error.strerror or str(error)
        return PortState(free=False, in_use=error.errno == errno.EADDRINUSE, reason=reason)
    return PortState(free=True)


def open_file_limit() -> int | None:
    """How many files this process may have open; None where the platform does not say."""
    if sys.platform == "win32":
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def database_state(path: Path) -> DatabaseState:
    """Look at the file without changing it."""
    if not path.exists():
        return DatabaseState(path, exists=False, writable=_can_be_made(path))
    writable = os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)
    try:
        connection = connect_to_read(path)
    except ConfigurationError as error:
        return DatabaseState(path, exists=True, writable=writable, problem=error.message)
    try:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        versions: dict[str, int] = {}
        if "schema_versions" in tables:
            versions = dict(connection.execute("SELECT room, version FROM schema_versions"))
        keys = revoked = 0
        if "keys" in tables:
            keys, revoked = connection.execute(
                "SELECT count(*) - count(revoked_us), count(revoked_us) FROM keys"
            ).fetchone()
    except sqlite3.Error as error:
        return DatabaseState(path, exists=True, writable=writable, problem=f"cannot be read: {error}")
    finally:
        connection.close()
    return DatabaseState(
        path,
        exists=True,
        writable=writable,
        size=path.stat().st_size,
        versions=versions,
        keys=keys,
        revoked=revoked,
    )


def _can_be_made(path: Path) -> bool:
    """The nearest folder above that exists may be written to."""
    for folder in path.absolute().parents:
        if folder.exists():
            return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    return False
