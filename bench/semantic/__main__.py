"""``python -m bench.semantic``."""

import sys

from bench.semantic.main import main

sys.exit(main())
