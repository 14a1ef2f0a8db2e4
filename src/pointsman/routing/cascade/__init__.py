"""Cascade: ask cheap models first, and escalate what cannot be believed.

extract.py        what of an answer counts, so that answers can be compared
numerals.py       numbers as people and models write them
loose_json.py     a field of JSON as models really write it
safe_pattern.py   which regular expressions may read the text of strangers
reply.py          what a rule sees of an answer
rule.py           what a rule is: Accept or Escalate, and why
agreement.py      several answers say the same
validity.py       the answer has the form that was asked for
grading.py        a grader finds it good, or a router expects it to be
offline.py        a cascade tried on answers that are there
points.py         a cascade as evidence sees it
watched.py        a cascade as the watch for drift sees it
"""

from .agreement import Agreement, Consistency
from .extract import Extractor, extractor
from .grading import Grade, WellExpected, WellGraded
from .reply import Reply, reply_of
from .rule import Accept, Asked, CompileSchema, Escalate, Rule, Validate, Verdict
from .validity import SchemaValid, ToolsValid

__all__ = [
    "Accept",
    "Agreement",
    "Asked",
    "CompileSchema",
    "Consistency",
    "Escalate",
    "Extractor",
    "Grade",
    "Reply",
    "Rule",
    "SchemaValid",
    "ToolsValid",
    "Validate",
    "Verdict",
    "WellExpected",
    "WellGraded",
    "extractor",
    "reply_of",
]
