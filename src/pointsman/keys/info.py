"""Who a key belongs to."""

from __future__ import annotations

import msgspec


class KeyInfo(msgspec.Struct, frozen=True, gc=False):
    """The holder of a virtual key, as the ledger records it. All empty where no keys are configured."""

    id: str
    name: str
    tenant: str
