"""Blocks of whole SSE events, taken apart. The incremental work (finding whole events) is done before."""

from __future__ import annotations

from collections.abc import Iterator


def split_events(block: bytes) -> Iterator[tuple[str, bytes]]:
    """``(name, data)`` of each event in ``block``; "" for an event without a name. Comments are skipped."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for event in block.split(b"\n\n"):
        name = ""
        data: list[bytes] = []
        for line in event.split(b"\n"):
            if line.startswith(b"data:"):
                data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif line.startswith(b"event:"):
                name = line[6:].strip().decode("utf-8", "replace")
        if data:
            yield name, data[0] if len(data) == 1 else b"\n".join(data)
