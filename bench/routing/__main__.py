"""``python -m bench.routing``."""

import sys

from bench.routing.main import main

sys.exit(main())
