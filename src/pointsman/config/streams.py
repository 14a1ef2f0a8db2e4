"""The settings of resumable streams."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from pointsman.config.kinds import Count, Seconds


class StreamSettings(Struct, frozen=True, forbid_unknown_fields=True):
    resumable: Annotated[
        bool,
        Meta(
            description="Give the events of every stream ids, so that a client that was cut off gets the "
            "rest. A request can wish for it, or for the contrary, by `x-pointsman-resumable`."
        ),
    ] = False
    linger: Annotated[
        Seconds,
        Meta(
            description="Seconds for which such a stream is gone on with, and paid for, after its client has "
            "left; 0 ends it at once."
        ),
    ] = 30.0
    keep: Annotated[
        Seconds, Meta(description="Seconds after its end for which the rest of such a stream can be had.")
    ] = 300.0
    max_stream_mb: Annotated[
        Annotated[int, Meta(ge=1, le=1024)],
        Meta(description="Largest of one that can be resumed, in units of 1,048,576 bytes."),
    ] = 4
    max_mb: Annotated[
        Count, Meta(description="Memory for all of them together; those that ended first go first.")
    ] = 64
