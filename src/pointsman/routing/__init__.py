"""Routing: which model of a pool shall answer a request.

sample.py      what is read of a request
label.py       how well a model answered a prompt: what is learned from
features.py    numbers of a prompt, from which its text cannot be read back; shape.py
router.py      from these to a judgement, in microseconds; scorer.py, explaining.py
router_file.py a router as one file; parts.py, learned_from.py
judgement.py   what a router expects of each model of its pool
training/      labels → a router (an extra: NumPy)
evidence/      is it any good, and what can be certified of it
labels/        where labels come from: feedback, shadows, graders
journal/       what was decided, what is certified: kept
cascade/       cheap first, and when to believe it
"""

from .explaining import Contribution
from .features import Features, decode_features, featurise
from .judgement import Judgement
from .label import Label, read_label, read_labels
from .router import Router, load_router
from .sample import Sample, read_body, sample_of

__all__ = [
    "Contribution",
    "Features",
    "Judgement",
    "Label",
    "Router",
    "Sample",
    "decode_features",
    "featurise",
    "load_router",
    "read_body",
    "read_label",
    "read_labels",
    "sample_of",
]
