"""``python -m bench.prompt_cache``."""

import sys

from bench.prompt_cache.main import main

sys.exit(main())
