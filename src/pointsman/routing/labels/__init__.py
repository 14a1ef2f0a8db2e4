"""Labels: where they come from, and where they are kept.

grader.py       what grades an answer: a port
graders/        exact, number, regex, schema, code
judge.py        what a judge is asked, and what its verdicts mean
subprocess.py   runs the code of answers; sandbox.py locks it in
kept.py         a label as it is kept, and the port of the store
sqlite.py       the store, in the file that the ledger is in; memory.py
fair.py         no tenant's feedback weighs more than its traffic
"""

from .grader import Grader, Question

__all__ = ["Grader", "Question"]
