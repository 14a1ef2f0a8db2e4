"""Encryption of what is kept outside this process: XAES-256-GCM, by the ``cryptography`` package.

AES-GCM alone must not see 2^32 random nonces under one key, which a busy installation reaches within months,
and replicas have no counter in common. XAES-256-GCM (C2SP, 2024) derives a key of its own for each value from
half of a nonce of 192 bits, by AES too, and has no such bound. Randomness is an argument.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from hashlib import blake2b
from importlib import import_module
from typing import Any

from pointsman.errors import ConfigurationError
from pointsman.secret import Secret

KEY_BYTES = 32
NONCE_BYTES = 24
IDENT_BYTES = 4
_MASK = (1 << 128) - 1


class Key:
    """One key.

    Args:
        raw: 32 bytes.

    Raises:
        ConfigurationError: ``cryptography`` is not installed.
    """

    def __init__(self, raw: bytes) -> None:
        self._library = library = _load()
        self.ident = blake2b(raw, digest_size=IDENT_BYTES, person=b"pointsman-key").digest()
        """Tells keys apart, and says nothing of them."""
        self._block = library.ciphers.Cipher(library.algorithms.AES(raw), library.modes.ECB())
        first = int.from_bytes(self._block.encryptor().update(bytes(16)), "big")
        self._subkey = (first << 1) & _MASK ^ (0x87 if first >> 127 else 0)

    def encrypt(self, plain: bytes, bound: bytes, nonce: bytes) -> bytes:
        """
        Args:
            bound: what the value belongs to; with any other it cannot be decrypted.
            nonce: 24 bytes, random, never used before.
        """
        sealed: bytes = self._derived(nonce).encrypt(nonce[12:], plain, bound)
        return sealed

    def decrypt(self, sealed: bytes, bound: bytes, nonce: bytes) -> bytes | None:
        """None: it was made with another key, or for something else, or was changed."""
        try:
            plain: bytes = self._derived(nonce).decrypt(nonce[12:], sealed, bound)
        except (self._library.InvalidTag, ValueError):
            return None
        return plain

    def _derived(self, nonce: bytes) -> Any:
        """The key for one value: CMAC with AES in counter mode, of two blocks."""
        half = nonce[:12]
        blocks = b"".join(
            (int.from_bytes(begin + half, "big") ^ self._subkey).to_bytes(16, "big")
            for begin in (b"\0\1X\0", b"\0\2X\0")
        )
        return self._library.AESGCM(self._block.encryptor().update(blocks))


class Keys:
    """Keys for encryption: the first one writes, all of them read, so that keys can be changed.

    Args:
        keys: one at least.
        random: that many random bytes.
    """

    def __init__(self, keys: tuple[Key, ...], random: Callable[[int], bytes]) -> None:
        self._first = keys[0]
        self._by_ident = {key.ident: key for key in reversed(keys)}
        self._random = random

    def encrypt(self, plain: bytes, bound: bytes) -> bytes:
        """Which key, the nonce, and the rest."""
        nonce = self._random(NONCE_BYTES)
        return self._first.ident + nonce + self._first.encrypt(plain, bound, nonce)

    def knows(self, sealed: bytes) -> bool:
        """It was made with one of these keys."""
        return sealed[:IDENT_BYTES] in self._by_ident

    def decrypt(self, sealed: bytes, bound: bytes) -> bytes | None:
        """None: it cannot be."""
        key = self._by_ident.get(sealed[:IDENT_BYTES])
        head = IDENT_BYTES + NONCE_BYTES
        if key is None or len(sealed) < head:
            return None
        return key.decrypt(sealed[head:], bound, sealed[IDENT_BYTES:head])


def read_keys(text: Secret, random: Callable[[int], bytes], path: str) -> Keys:
    """Keys as they are written: Base64 of 32 bytes each, several with commas between them.

    Raises:
        ConfigurationError: one of them is none; it is not shown. Or ``cryptography`` is not installed.
    """
    return Keys(tuple(Key(key) for key in raw_keys(text, path)), random)


def raw_keys(text: Secret, path: str) -> list[bytes]:
    """The same as bytes, for who encrypts nothing with them yet.

    Raises:
        ConfigurationError: one of them is none; it is not shown.
    """
    raw = []
    for number, word in enumerate(text.reveal().split(","), 1):
        try:
            key = b64decode(word.strip().replace("-", "+").replace("_", "/"), validate=True)
        except (NotBase64, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ConfigurationError(
                f"{path}: key {number} is not 32 bytes in Base64. Make one with: openssl rand -base64 32",
                param=path,
            )
        raw.append(key)
    return raw


class _Library:
    """What is used of it."""

    def __init__(self) -> None:
        base = "cryptography.hazmat.primitives.ciphers"
        self.ciphers = import_module(base)
        self.algorithms = import_module(f"{base}.algorithms")
        self.modes = import_module(f"{base}.modes")
        self.AESGCM: Any = import_module(f"{base}.aead").AESGCM
        self.InvalidTag: type[Exception] = import_module("cryptography.exceptions").InvalidTag


def _load() -> _Library:
    try:
        return _Library()
    except ImportError:
        raise ConfigurationError(
            "encryption of shared answers needs the package cryptography, which is not installed:"
            " pip install 'pointsman[encryption]'",
            param="cache.encryption_key",
        ) from None
