"""Labels to a router. Needs the extra ``train``.

train.py    examples → a router
"""

from .train import Example, train

__all__ = ["Example", "train"]
