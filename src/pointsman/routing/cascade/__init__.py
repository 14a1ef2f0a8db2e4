"""Cascade: ask cheap models first, and escalate what cannot be believed.

extract.py        what of an answer counts, so that answers can be compared
numerals.py       numbers as people and models write them
loose_json.py     a field of JSON as models really write it
safe_pattern.py   which regular expressions may read the text of strangers
"""

from .extract import Extractor, extractor

__all__ = ["Extractor", "extractor"]
