"""Graders: what an answer is worth.

exact.py     the same text as the reference
number.py    the same number
regex.py     matches a pattern
schema.py    is JSON that follows a schema
code.py      Python that passes tests
make.py      from the words of settings to one of them
"""

from .make import Kind, Spec, make_grader

__all__ = ["Kind", "Spec", "make_grader"]
