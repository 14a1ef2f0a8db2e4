"""Labels to a router. Needs the extra ``train``; what it makes is judged by without it.

example.py    what is learned from
tenants.py    no tenant decides for all
matrix.py     examples as rows and columns: pooling is in their values
logistic.py   one column of weights, and its calibration
train.py      a router, and how it judges what it has not seen
folding.py    columns back to the tables of a router
"""

from .example import Example
from .train import LEAST_LABELS, Trained, learn, train

__all__ = ["LEAST_LABELS", "Example", "Trained", "learn", "train"]
