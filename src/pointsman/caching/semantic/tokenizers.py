"""Texts as the numbers of their pieces, by a ``tokenizer.json`` of any kind. Pure: bytes in.

The only module that touches the library of the same name, which the extra ``vectors`` brings.
"""

from __future__ import annotations

from tokenizers import Tokenizer

from pointsman.errors import InvalidRequest


class Pieces:
    """Raises InvalidRequest for bytes that describe no tokenizer."""

    def __init__(self, tokenizer_json: bytes) -> None:
        try:
            self._tokenizer = Tokenizer.from_str(tokenizer_json.decode())
        except Exception as error:  # the library raises nothing narrower than Exception itself
            raise InvalidRequest(f"tokenizer.json cannot be read: {error}.") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.vocabulary: dict[str, int] = self._tokenizer.get_vocab(with_added_tokens=True)
        """Piece → its number."""
        unknown = getattr(self._tokenizer.model, "unk_token", None)
        self._unknown = None if unknown is None else self.vocabulary.get(unknown)

    def ids(self, text: str) -> list[int]:
        """Of the pieces that it knows."""
        found: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return [one for one in found if one != self._unknown]
