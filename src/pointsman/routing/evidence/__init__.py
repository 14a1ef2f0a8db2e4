"""Evidence: is a router any good, and what can be certified of it?

point.py          what is known of one labelled prompt
betting.py        is a mean above zero: the test that certificates rest on
certify.py        labelled prompts → Certificate | Refused
certificate.py    the certificate, its JSON; certificate_text.py: its words
fingerprint.py    what traffic looked like
drift.py          does later traffic still fit the certificate?
off_policy.py     what another policy would have been worth, from logged propensities

The rest needs the extra ``train`` (NumPy; Matplotlib for pictures) and is not exported here:

curve.py, calibration.py    PGR, APGR, CPT; ECE, Brier
baselines.py                what a router must beat
bootstrap.py                intervals
frontier.py                 single models, mixes of two, savings
evaluation.py               all of these for a router and a file of labels
page.py, chart.py, matplotlib.py    the report
"""

from .certificate import Certificate, Refused, decode_certificate, encode_certificate
from .certify import certify, floor_p_value
from .drift import DriftAlarm, DriftMonitor
from .estimate import Estimate
from .fingerprint import Fingerprint, fingerprint_of
from .off_policy import Logged, doubly_robust, ips, self_normalised
from .point import Point, Source, point_of

__all__ = [
    "Certificate",
    "DriftAlarm",
    "DriftMonitor",
    "Estimate",
    "Fingerprint",
    "Logged",
    "Point",
    "Refused",
    "Source",
    "certify",
    "decode_certificate",
    "doubly_robust",
    "encode_certificate",
    "fingerprint_of",
    "floor_p_value",
    "ips",
    "point_of",
    "self_normalised",
]
