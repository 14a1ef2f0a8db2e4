"""What is kept of an answer, and its bytes at rest. Pure.

An answer is kept as the bytes that its client got, so that who asks in the same words gets the same: fields
that nobody here has heard of, pings and padding included. What it is in another dialect, or told as a stream
and not whole, is worked out from these when somebody wants it so (``gateway/cache/forms.py``), and may be
kept beside.
"""

from __future__ import annotations

import msgspec

from pointsman.chat import Usage

from .seams import Folded, fold, unfold

_VERSION = b"\x02"
"""1 kept the hub's events, and not what was said of them."""


class Form(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """In what shape an answer is told."""

    dialect: str
    streams: bool = False
    tells_usage: bool = True
    """A stream that ends with what it used; OpenAI's do only if they are asked to."""
    padded: bool = True
    """A stream that may hide how long its words are (OpenAI's ``obfuscation``)."""


class Told(msgspec.Struct, frozen=True, array_like=True, gc=False):
    form: Form
    folded: Folded


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """An answer that was whole, and where it came from."""

    told: tuple[Told, ...]
    """First as it came, then in other forms that were worked out from that."""
    key: bytes
    """Under which it is kept."""
    model: str
    """The catalog's name of the model that answered."""
    provider: str
    stored_us: int
    """Unix time in microseconds."""
    cost: int | None = None
    """What it cost when it was made, in millionths of a millionth of a dollar; None: not known."""
    request_id: str = ""
    """Of the request that paid for it."""
    tags: tuple[str, ...] = ()
    usage: Usage | None = None
    """As the provider told it, where that is not in the answer as it came."""
    dropped: tuple[str, ...] = ()
    """Fields of that request that could not cross to the provider's dialect."""

    @property
    def first(self) -> tuple[Form, bytes]:
        """As it came."""
        told = self.told[0]
        return told.form, unfold(told.folded)

    def said(self, form: Form) -> bytes | None:
        """None where it is not there in that form."""
        for told in self.told:
            if told.form == form:
                return unfold(told.folded)
        return None

    def also(self, form: Form, said: bytes) -> Stored:
        """The same with one form more."""
        return msgspec.structs.replace(self, told=(*self.told, Told(form, folded(form, said))))

    def age(self, now_us: int) -> int:
        """Whole seconds since it was stored, for ``Age``; never below zero."""
        return max(0, (now_us - self.stored_us) // 1_000_000)


def folded(form: Form, said: bytes) -> Folded:
    """An answer that is told at once repeats nothing that is worth the search."""
    return fold(said) if form.streams else Folded(said)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Stored).decode


def pack(stored: Stored) -> bytes:
    """Its bytes; ``envelope.py`` makes them smaller where they leave the process."""
    return _VERSION + _encode(stored)


def unpack(packed: bytes) -> Stored | None:
    """None for bytes that are not of this version, or not whole: whoever finds them asks the provider."""
    if packed[:1] != _VERSION:
        return None
    try:
        stored = _decode(memoryview(packed)[1:])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return stored if stored.told else None
