"""What a key looks like: ``pm_``, a random secret in base 62, and a checksum of six characters.

The checksum is the CRC-32 of what stands before it, as in GitHub's tokens: a typo or a cut-off key is
refused without any look-up, and secret scanners can tell a key from text that looks like one.
"""

from __future__ import annotations

from hashlib import sha256
from string import ascii_lowercase, ascii_uppercase, digits
from zlib import crc32

PREFIX = "pm_"
SECRET_BYTES = 24
"""192 bits of randomness."""

_LEAST_BYTES = 20
_ALPHABET = digits + ascii_uppercase + ascii_lowercase
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_NO_DIGIT = 62**7
"""Makes any checksum too large."""
_CHECKSUM = 6
_SECRET_LENGTH = 33
"""62³³ > 2¹⁹²: every secret has this many characters."""
_LENGTH = len(PREFIX) + _SECRET_LENGTH + _CHECKSUM


def make_key(random_bytes: bytes) -> str:
    """A key of this secret: ``SECRET_BYTES`` from a source that is fit for secrets.

    Raises:
        ValueError: fewer than 20 bytes, or more than ``SECRET_BYTES``.
    """
    if not _LEAST_BYTES <= len(random_bytes) <= SECRET_BYTES:
        raise ValueError(
            f"a key needs {_LEAST_BYTES} to {SECRET_BYTES} random bytes, not {len(random_bytes)}"
        )
    body = PREFIX + base62(int.from_bytes(random_bytes, "big"), _SECRET_LENGTH)
    return body + base62(crc32(body.encode()), _CHECKSUM)


def looks_valid(key: str) -> bool:
    """Whether it has the form of a key and its checksum is right. Says nothing of whether it is known."""
    if len(key) != _LENGTH or not key.startswith(PREFIX) or not key.isascii():
        return False
    number = 0
    for character in key[-_CHECKSUM:]:
        number = number * 62 + _VALUE.get(character, _NO_DIGIT)
    return number == crc32(key[:-_CHECKSUM].encode())


def hash_key(key: str) -> str:
    """SHA-256, in hexadecimal.

    A slow password hash defends secrets that people choose. A key has 192 random bits: nobody finds it by
    trying, however fast the hash, and a slow one would only cost us time on each request.
    """
    return digest_key(key).hex()


def digest_key(key: str) -> bytes:
    """SHA-256."""
    return sha256(key.encode("utf-8", "surrogateescape")).digest()


def display_hint(key: str) -> str:
    """What may be shown of a key, for a person to know it again: "pm_3f…x7Qa"."""
    return f"{key[: len(PREFIX) + 2]}…{key[-4:]}"


def base62(number: int, width: int) -> str:
    """The number in digits, capitals and small letters, filled up with zeros to ``width``."""
    text = ""
    for _ in range(width):
        number, rest = divmod(number, 62)
        text = _ALPHABET[rest] + text
    return text
