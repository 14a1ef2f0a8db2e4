"""Tasks with one right answer, for models that differ in what they are good at.

exercise.py    a task, and templates that write and read it
bank.py        all of them, from a seed; and found again from a prompt
stories.py     sums told as stories, short and long
reading.py     numbers in documents and in other languages
reasoning.py   what a program returns; time limits under contracts
names.py       words to fill them with
"""

from .bank import MIX, exercises, recognise
from .exercise import KINDS, WORDS, Exercise, Kind

__all__ = ["KINDS", "MIX", "WORDS", "Exercise", "Kind", "exercises", "recognise"]
