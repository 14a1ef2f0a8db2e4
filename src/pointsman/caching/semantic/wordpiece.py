"""WordPiece, as ``tokenizer.json`` of Hugging Face's tokenizers describes it. Pure.

Only this kind is read: BERT's normaliser and splitting, and the longest piece first. The English models of
Model2Vec are of it.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import msgspec

from pointsman.errors import InvalidRequest

_LONGEST_WORD = 100


class _Model(msgspec.Struct):
    type: str = "WordPiece"
    vocab: dict[str, int] | list[Any] = {}
    unk_token: str | None = "[UNK]"
    continuing_subword_prefix: str = "##"
    max_input_chars_per_word: int = _LONGEST_WORD


class _Normalizer(msgspec.Struct):
    type: str = ""
    lowercase: bool = True
    strip_accents: bool | None = None


class _Splitter(msgspec.Struct):
    type: str = ""


class _File(msgspec.Struct):
    model: _Model
    normalizer: _Normalizer | None = None
    pre_tokenizer: _Splitter | None = None


class WordPiece:
    """Raises InvalidRequest for bytes that describe no such tokenizer."""

    def __init__(self, tokenizer_json: bytes) -> None:
        try:
            file = msgspec.json.decode(tokenizer_json, type=_File)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"tokenizer.json cannot be read: {error}.") from error
        model, normalizer, splitter = file.model, file.normalizer, file.pre_tokenizer
        kinds = (model.type, normalizer and normalizer.type, splitter and splitter.type)
        if not isinstance(model.vocab, dict) or kinds != ("WordPiece", "BertNormalizer", "BertPreTokenizer"):
            found = ", ".join(str(kind) for kind in kinds)
            raise InvalidRequest(
                f"tokenizer.json is of another kind ({found}) than WordPiece with BERT's normaliser and"
                " splitting. Take an English Model2Vec model of the potion family, word vectors as text, or"
                ' an embedding model ("model:NAME").'
            )
        assert normalizer is not None, "its kind was just looked at"
        self._vocabulary = model.vocab
        self._prefix = model.continuing_subword_prefix
        self._longest = model.max_input_chars_per_word
        self._lowers = normalizer.lowercase
        strips = normalizer.strip_accents
        self._strips = normalizer.lowercase if strips is None else strips

    def __len__(self) -> int:
        return len(self._vocabulary)

    def ids(self, text: str) -> list[int]:
        """Of the pieces that it knows; a word with an unknown piece has none."""
        found: list[int] = []
        for word in self._split(text):
            found += self._pieces(word)
        return found

    def _split(self, text: str) -> list[str]:
        if self._lowers:
            text = text.lower()
        if self._strips:
            decomposed = unicodedata.normalize("NFD", text)
            text = "".join(sign for sign in decomposed if unicodedata.category(sign) != "Mn")
        spaced = []
        for sign in text:
            category = unicodedata.category(sign)
            if sign.isspace():
                spaced.append(" ")
            elif category in ("Cc", "Cf") or sign == "\ufffd":
                continue
            elif _is_punctuation(sign, category) or _is_ideograph(sign):
                spaced.append(f" {sign} ")
            else:
                spaced.append(sign)
        return "".join(spaced).split()

    def _pieces(self, word: str) -> list[int]:
        if len(word) > self._longest:
            return []
        found: list[int] = []
        start = 0
        while start < len(word):
            prefix = self._prefix if start else ""
            for end in range(len(word), start, -1):
                piece = self._vocabulary.get(prefix + word[start:end])
                if piece is not None:
                    found.append(piece)
                    start = end
                    break
            else:
                return []
        return found


def _is_punctuation(sign: str, category: str) -> bool:
    return category[0] == "P" or (sign.isascii() and not sign.isalnum() and not sign.isspace())


def _is_ideograph(sign: str) -> bool:
    code = ord(sign)
    return 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x2FA1F
