"""``python -m bench.cache``."""

import sys

from bench.cache.main import main

sys.exit(main())
